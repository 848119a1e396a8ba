"""A mailbox: its messages, the indexes that keep every read flat, and the acts that change it.

Every act ends in `_record`, which stamps the message, writes the change log and tells the listeners (push).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal

from emulator.changes import Change, ChangeKind, ChangeLog
from emulator.clock import Clock
from emulator.dice import Dice
from emulator.graphids import GraphIds, IdKind
from emulator.index import DateIndex, Key
from emulator.message import Message
from emulator.places import Folder, Folders, Label, Labels, custom, folder_of, labels_in
from emulator.rfc822 import Head, read_head
from emulator.sections import SectionT, section_of
from emulator.threads import ThreadIndex

Provider = Literal["google", "microsoft"]
Listener = Callable[["Mailbox", Change], None]
_PLACES = frozenset({"INBOX", "SENT", "DRAFT", "TRASH", "SPAM"})
_MAX_GID_MS = (1 << 43) - 1


class Mailbox:
    """One address. `provider` is None until an API or control names it: World.open sets it."""

    def __init__(self, address: str, *, seed: str, clock: Clock, listeners: list[Listener]) -> None:
        self.address = address
        self.provider: Provider | None = None
        self.dice = Dice(f"{seed}:{address}")
        self.ids = GraphIds(address, seed)
        self.labels = Labels()
        self.changes = ChangeLog(self.dice)
        self.folders = Folders(self.changes)
        self.threads = ThreadIndex()
        self._clock = clock
        self._listeners = listeners
        self._messages: dict[int, Message] = {}
        self._seq_of_gid: dict[int, int] = {}
        self._seqs_of_message_id: dict[str, tuple[int, ...]] = {}
        self._by_date = DateIndex()
        self._by_label: dict[str, DateIndex] = {}
        self._by_folder: dict[str, DateIndex] = {}
        self._label_sets: dict[frozenset[str], frozenset[str]] = {}
        self._sections: dict[type[object], object] = {}
        self._next_seq = 1

    def listen(self, listeners: list[Listener]) -> None:
        self._listeners = listeners

    def __getstate__(self) -> dict[str, object]:
        # Listeners are running code: World.restore puts them back.
        return {**self.__dict__, "_listeners": []}

    # Reading

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def last_seq(self) -> int:
        """The sequence of the message that came last; it may be gone again."""
        return self._next_seq - 1

    def get(self, seq: int) -> Message | None:
        return self._messages.get(seq)

    def by_gid(self, gid: int) -> Message | None:
        return self._messages.get(self._seq_of_gid.get(gid, 0))

    def by_graph_id(self, text: str) -> Message | None:
        """By classic or immutable id; None for garbage, for what is gone, and for a classic id from before a
        move.
        """
        ref = self.ids.read(text)
        if ref is None or ref.kind not in {IdKind.MESSAGE, IdKind.IMMUTABLE}:
            return None
        message = self._messages.get(ref.number)
        stale = message is not None and ref.kind is IdKind.MESSAGE and ref.moves != message.moves
        return None if stale else message

    def by_message_id(self, message_id: str) -> list[Message]:
        """By the header Message-ID, with or without its brackets."""
        seqs = self._seqs_of_message_id.get(message_id.strip().strip("<>"), ())
        return [self._messages[seq] for seq in seqs]

    def in_thread(self, thread: int) -> list[Message]:
        """A thread's messages, oldest first."""
        return sorted((self._messages[seq] for seq in self.threads.members(thread)), key=lambda each: each.key)

    def graph_id(self, message: Message, *, immutable: bool) -> str:
        if immutable:
            return self.ids.make(IdKind.IMMUTABLE, message.seq)
        return self.ids.make(IdKind.MESSAGE, message.seq, message.moves)

    def conversation_id(self, message: Message) -> str:
        return self.ids.make(IdKind.CONVERSATION, message.thread)

    def folder_id(self, folder: Folder) -> str:
        return self.ids.make(IdKind.FOLDER, folder.number)

    def folder_by_graph_id(self, text: str) -> Folder | None:
        """By id or well-known name, which is read without regard to case."""
        ref = self.ids.read(text)
        if ref is None:
            folder = self.folders.get(text.casefold())
            return folder if folder and folder.well_known else None
        return self.folders.numbered(ref.number) if ref.kind is IdKind.FOLDER else None

    def count(self, *, label: str | None = None, folder: str | None = None) -> int:
        """How many messages have the label or lie in the folder (one of the two), or all."""
        return len(self._index(label=label, folder=folder))

    def walk(
        self,
        *,
        labels: Collection[str] = (),
        folder: str | None = None,
        above: Key | None = None,
        below: Key | None = None,
        newest_first: bool = True,
    ) -> Iterator[Message]:
        """Messages that have all the labels and lie in the folder, by date, strictly between two keys.

        A page is `itertools.islice` of it; the next page starts `below` (or, oldest first, `above`) the last
        key. For dates alone use keys such as `(date_ms, 0)`: sequences start at 1. The mailbox must not
        change meanwhile.
        """
        wanted = frozenset(labels)
        indexes = [self._index(label=label) for label in wanted]
        if folder is not None:
            indexes.append(self._index(folder=folder))
        index = min(indexes, key=len, default=self._by_date)
        for _, seq in index.walk(above=above, below=below, newest_first=newest_first):
            message = self._messages[seq]
            if wanted <= message.labels and folder in {None, message.folder}:
                yield message

    def section(self, kind: type[SectionT]) -> SectionT:
        """This mailbox's part of a provider's own state: one `kind()` a mailbox, made at first use.

        Define `kind` in the provider's package as a dataclass with defaults and plain data, so that it
        pickles.
        """
        return section_of(self._sections, kind)

    # Acts

    def add(
        self,
        raw: bytes,
        *,
        folder: str | None = None,
        labels: Iterable[str] = (),
        read: bool = True,
        date_ms: int | None = None,
        header_date: bool = False,
        thread: int | None = None,
        keep_thread: bool = False,
        categories: Iterable[str] = (),
    ) -> Message:
        """Store a message. Give `folder` (a key) or `labels` that place it; UNREAD comes from `read`.

        `date_ms` is now unless given; `header_date` prefers the Date header to now. `thread` is Gmail's
        threadId: taken if the rule allows or `keep_thread` asks for it, else a thread of its own; without it
        the message goes to the thread that its headers name.
        """
        head = read_head(raw)
        now_ms = self._clock.now_ms()
        given = frozenset(labels) | (frozenset() if read else {"UNREAD"})
        if folder is not None:
            given |= labels_in(folder) | ({"DRAFT"} if folder == "drafts" else frozenset())
        if date_ms is None:
            date_ms = head.date_ms if header_date and head.date_ms is not None else now_ms
        gid = self._new_gid(date_ms)
        message = Message(
            seq=self._next_seq,
            gid=gid,
            thread=thread if thread and keep_thread else self._thread_for(head, thread, gid),
            raw=raw,
            head=head,
            date_ms=date_ms,
            created_ms=now_ms,
            modified_ms=now_ms,
            labels=self._shared(given),
            folder=folder or folder_of(given),
            categories=tuple(categories),
        )
        self._next_seq += 1
        self._insert(message)
        self._record(message, ChangeKind.ADDED, folder_before=None, labels_added=message.labels)
        return message

    def delete(self, message: Message) -> Change:
        """For good: neither Gmail's trash nor Graph's Deleted Items."""
        self._drop(message)
        return self._record(message, ChangeKind.DELETED, folder_before=message.folder)

    def relabel(
        self, message: Message, *, add: Iterable[str] = (), remove: Iterable[str] = (), echo: bool = False
    ) -> Change | None:
        """Add and remove labels by id; the folder follows where a placing label changed.

        None when nothing changed, unless `echo` asks for a change entry all the same, which then names the
        labels that were there already as added.
        """
        labels = (message.labels | frozenset(add)) - frozenset(remove)
        if labels == message.labels and not echo:
            return None
        folder = message.folder
        if (labels ^ message.labels) & _PLACES:
            folder = folder_of(labels, folder if custom(folder) else "archive")
        return self._place(message, labels, folder, told=frozenset(add) if echo else frozenset())

    def move(self, message: Message, folder: str) -> Change | None:
        """To another folder by key; None where it lies there already. The classic Graph id changes."""
        if folder == message.folder:
            return None
        return self._place(message, labels_in(folder, message.labels), folder)

    def update(
        self,
        message: Message,
        fields: Collection[str],
        *,
        raw: bytes | None = None,
        categories: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        date_ms: int | None = None,
    ) -> Change:
        """Change what is given and record `fields`, the names of the Graph properties that it concerns.

        New `raw` keeps id, date and thread: a Graph draft that is written on. `labels` is for flags (UNREAD,
        DRAFT) and leaves the folder alone. Values in `message.extra` may be set just before the call.
        """
        before = message.labels
        if raw is not None:
            self._forget_message_id(message)
            message.raw, message.head = raw, read_head(raw)
            self._remember_message_id(message)
        if categories is not None:
            message.categories = tuple(categories)
        if labels is not None:
            self._index_labels(message, frozenset(labels))
        if date_ms is not None:
            self._redate(message, date_ms)
        return self._record(
            message,
            ChangeKind.CHANGED,
            folder_before=message.folder,
            labels_added=message.labels - before,
            labels_removed=before - message.labels,
            fields=frozenset(fields),
        )

    def remove_label(self, label: Label) -> None:
        """Delete a user label and take it off every message."""
        for message in list(self.walk(labels=[label.id])):
            self.relabel(message, remove=[label.id])
        self.labels.remove(label)

    def remove_folder(self, folder: Folder) -> None:
        """Delete a folder with all that lies in and below it."""
        for child in self.folders.children(folder.key):
            self.remove_folder(child)
        for message in list(self.walk(folder=folder.key)):
            self.delete(message)
        self.folders.remove(folder)

    # Within

    def _place(
        self, message: Message, labels: frozenset[str], folder: str, *, told: frozenset[str] = frozenset()
    ) -> Change:
        labels_before, folder_before, moves_before = message.labels, message.folder, message.moves
        self._index_labels(message, labels)
        if folder != folder_before:
            self._by_folder[folder_before].discard(message.key)
            self._by_folder.setdefault(folder, DateIndex()).add(message.key)
            message.folder = folder
            message.moves += 1
        flags = {"UNREAD": "isRead", "DRAFT": "isDraft"}
        changed = {name for label, name in flags.items() if label in labels ^ labels_before}
        return self._record(
            message,
            ChangeKind.CHANGED,
            folder_before=folder_before,
            moves_before=moves_before,
            labels_added=(labels - labels_before) | told,
            labels_removed=labels_before - labels,
            fields=frozenset(changed | ({"parentFolderId"} if folder != folder_before else set())),
        )

    def _record(
        self,
        message: Message,
        kind: ChangeKind,
        *,
        folder_before: str | None,
        moves_before: int | None = None,
        labels_added: frozenset[str] = frozenset(),
        labels_removed: frozenset[str] = frozenset(),
        fields: frozenset[str] = frozenset(),
    ) -> Change:
        change = Change(
            id=self.changes.next_id(),
            kind=kind,
            seq=message.seq,
            gid=message.gid,
            thread=message.thread,
            at_ms=self._clock.now_ms(),
            labels=message.labels,
            folder_before=folder_before,
            folder=None if kind is ChangeKind.DELETED else message.folder,
            moves_before=message.moves if moves_before is None else moves_before,
            moves=message.moves,
            labels_added=labels_added,
            labels_removed=labels_removed,
            fields=fields,
        )
        message.change = change.id
        message.modified_ms = change.at_ms
        self.changes.append(change)
        for listener in self._listeners:
            listener(self, change)
        return change

    def _thread_for(self, head: Head, asked: int | None, gid: int) -> int:
        if asked is not None:
            return asked if self.threads.accepts(asked, head) else gid
        found = self.threads.find(head)
        return gid if found is None else found

    def _new_gid(self, date_ms: int) -> int:
        """As Gmail's own: the moment above 20 bits of chance, below 2^63."""
        base = max(1, min(date_ms, _MAX_GID_MS)) << 20
        while True:
            gid = base | self.dice.bits(20)
            if gid not in self._seq_of_gid and gid not in self.threads:
                return gid

    def _insert(self, message: Message) -> None:
        self._messages[message.seq] = message
        self._seq_of_gid[message.gid] = message.seq
        self._by_date.add(message.key)
        self._by_folder.setdefault(message.folder, DateIndex()).add(message.key)
        for label in message.labels:
            self._by_label.setdefault(label, DateIndex()).add(message.key)
        self._remember_message_id(message)
        self.threads.join(message.thread, message.seq, message.head)

    def _drop(self, message: Message) -> None:
        del self._messages[message.seq]
        del self._seq_of_gid[message.gid]
        self._by_date.discard(message.key)
        self._by_folder[message.folder].discard(message.key)
        for label in message.labels:
            self._by_label[label].discard(message.key)
        self._forget_message_id(message)
        self.threads.leave(message.thread, message.seq)

    def _redate(self, message: Message, date_ms: int) -> None:
        holding = [self._by_date, self._by_folder[message.folder], *(self._by_label[each] for each in message.labels)]
        for index in holding:
            index.discard(message.key)
        message.date_ms = date_ms
        for index in holding:
            index.add(message.key)

    def _index_labels(self, message: Message, labels: frozenset[str]) -> None:
        for label in message.labels - labels:
            self._by_label[label].discard(message.key)
        for label in labels - message.labels:
            self._by_label.setdefault(label, DateIndex()).add(message.key)
        message.labels = self._shared(labels)

    def _remember_message_id(self, message: Message) -> None:
        known = self._seqs_of_message_id.get(message.head.message_id, ())
        if message.head.message_id:
            self._seqs_of_message_id[message.head.message_id] = (*known, message.seq)

    def _forget_message_id(self, message: Message) -> None:
        known = self._seqs_of_message_id.pop(message.head.message_id, ())
        left = tuple(seq for seq in known if seq != message.seq)
        if left:
            self._seqs_of_message_id[message.head.message_id] = left

    def _shared(self, labels: frozenset[str]) -> frozenset[str]:
        return self._label_sets.setdefault(labels, labels)

    def _index(self, *, label: str | None = None, folder: str | None = None) -> DateIndex:
        if label is not None:
            return self._by_label.get(label) or DateIndex()
        if folder is not None:
            return self._by_folder.get(folder) or DateIndex()
        return self._by_date
