"""Gmail's labels and Graph's folders of a mailbox, and how the one kind of place reads as the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from emulator.changes import ChangeLog

ARCHIVE = "archive"

# A message's folder is the first of these labels that it has: Trash hides it from everywhere else.
_FOLDER_OF_LABEL = {
    "TRASH": "deleteditems",
    "SPAM": "junkemail",
    "DRAFT": "drafts",
    "INBOX": "inbox",
    "SENT": "sentitems",
}
_LABEL_OF_FOLDER = {folder: label for label, folder in _FOLDER_OF_LABEL.items()}
_PLACE_LABELS = frozenset(_FOLDER_OF_LABEL) - {"DRAFT"}

SYSTEM_LABELS = (
    "INBOX",
    "SENT",
    "DRAFT",
    "TRASH",
    "SPAM",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "CHAT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
)
WELL_KNOWN_FOLDERS = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "archive": "Archive",
    "outbox": "Outbox",
    "conversationhistory": "Conversation History",
}


class PlaceExistsError(Exception):
    """A label or folder of that name is there already."""


@dataclass(slots=True)
class Label:
    """A Gmail label; `id` equals `name` for the system's own. `color` is (text, background) or None."""

    id: str
    name: str
    type: Literal["system", "user"] = "user"
    label_list_visibility: str = "labelShow"
    message_list_visibility: str = "show"
    color: tuple[str, str] | None = None


@dataclass(slots=True)
class Folder:
    """A Graph folder. `key` is its well-known name or `folder-N`; `number` goes into its Graph id; `parent`
    is the key of the folder above, None at the top; `change` is the id of its last change.
    """

    key: str
    name: str
    number: int
    parent: str | None = None
    hidden: bool = False
    change: int = 0

    @property
    def well_known(self) -> bool:
        return self.key in WELL_KNOWN_FOLDERS


def folder_of(labels: Iterable[str], otherwise: str = ARCHIVE) -> str:
    """The folder where Graph would show a message with these labels."""
    present = set(labels)
    return next((folder for label, folder in _FOLDER_OF_LABEL.items() if label in present), otherwise)


def labels_in(folder: str, labels: frozenset[str] = frozenset()) -> frozenset[str]:
    """The labels of a message after it went to `folder`: a draft stays one wherever it goes."""
    label = _LABEL_OF_FOLDER.get(folder)
    return (labels - _PLACE_LABELS) | ({label} if label in _PLACE_LABELS else frozenset())


def custom(folder: str) -> bool:
    """A folder that no system label stands for, so that relabelling leaves the message in it."""
    return folder not in _LABEL_OF_FOLDER


class Labels:
    """The labels of one mailbox by id. Removing one from the messages is the Mailbox's part."""

    def __init__(self) -> None:
        self._by_id = {name: Label(id=name, name=name, type="system") for name in SYSTEM_LABELS}
        self._next = 1

    def __iter__(self) -> Iterator[Label]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, label_id: str) -> Label | None:
        return self._by_id.get(label_id)

    def named(self, name: str) -> Label | None:
        """By name without regard to case, as Gmail finds clashes."""
        wanted = name.casefold()
        return next((label for label in self if label.name.casefold() == wanted), None)

    def create(self, name: str) -> Label:
        """Raises PlaceExistsError."""
        if self.named(name):
            raise PlaceExistsError(name)
        label = Label(id=f"Label_{self._next}", name=name)
        self._next += 1
        self._by_id[label.id] = label
        return label

    def rename(self, label: Label, name: str) -> None:
        """Raises PlaceExistsError."""
        if (clash := self.named(name)) is not None and clash is not label:
            raise PlaceExistsError(name)
        label.name = name

    def remove(self, label: Label) -> None:
        del self._by_id[label.id]


class Folders:
    """The folders of one mailbox by key. Each act takes a change id, so that a delta of folders can be told.

    `removed` are the numbers of deleted folders with the ids of those changes, oldest first.
    """

    def __init__(self, changes: ChangeLog) -> None:
        self._changes = changes
        self.removed: list[tuple[int, int]] = []
        self._by_key = {
            key: Folder(key=key, name=name, number=number, hidden=key == "conversationhistory", change=changes.head)
            for number, (key, name) in enumerate(WELL_KNOWN_FOLDERS.items(), start=1)
        }
        self._next = len(self._by_key) + 1

    def __iter__(self) -> Iterator[Folder]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Folder | None:
        return self._by_key.get(key)

    def numbered(self, number: int) -> Folder | None:
        return next((folder for folder in self if folder.number == number), None)

    def children(self, parent: str | None) -> list[Folder]:
        return [folder for folder in self if folder.parent == parent]

    def named(self, name: str, parent: str | None = None) -> Folder | None:
        wanted = name.casefold()
        return next((folder for folder in self.children(parent) if folder.name.casefold() == wanted), None)

    def path(self, folder: Folder) -> str:
        above = self._by_key.get(folder.parent or "")
        return f"{self.path(above)}/{folder.name}" if above else folder.name

    def create(self, name: str, parent: str | None = None) -> Folder:
        """Raises PlaceExistsError where a folder of that name lies beside it."""
        if self.named(name, parent):
            raise PlaceExistsError(name)
        folder = Folder(
            key=f"folder-{self._next}",
            name=name,
            number=self._next,
            parent=parent,
            change=self._changes.next_id(),
        )
        self._next += 1
        self._by_key[folder.key] = folder
        return folder

    def at(self, path: str) -> Folder:
        """The folder of a key or of a path of names ("inbox", "Projects/Acme"); the missing ones are made."""
        found = self._by_key.get(path.casefold())
        if found:
            return found
        parent: Folder | None = None
        for name in filter(None, path.split("/")):
            above = parent.key if parent else None
            parent = self.named(name, above) or self.create(name, above)
        if parent is None:
            raise ValueError("an empty folder name")
        return parent

    def change(self, folder: Folder, *, name: str, parent: str | None) -> None:
        """Rename or move. Raises PlaceExistsError, and ValueError for a place in or below the folder itself."""
        if (clash := self.named(name, parent)) is not None and clash is not folder:
            raise PlaceExistsError(name)
        above = parent
        while above is not None:
            if above == folder.key:
                raise ValueError("a folder cannot lie in itself")
            above = self._by_key[above].parent
        folder.name, folder.parent, folder.change = name, parent, self._changes.next_id()

    def remove(self, folder: Folder) -> None:
        del self._by_key[folder.key]
        self.removed.append((self._changes.next_id(), folder.number))
