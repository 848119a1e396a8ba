"""From a filter to the messages, newest first, by the shortest way to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulator.google.search.filter import Filter
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message

_HIDDEN = frozenset({"SPAM", "TRASH"})


class Search:
    """Iterates once. `touched` counts the messages that were looked at, found or not.

    `below` is the key of the last message of the page before; `hidden` lets spam and trash in; messages that
    came after `seen_until_ms` are not in the index yet.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        query: Filter,
        *,
        below: Key | None = None,
        hidden: bool = False,
        seen_until_ms: int | None = None,
    ) -> None:
        self._mailbox = mailbox
        self._query = query
        self._below = below
        self._hidden = hidden or query.anywhere
        self._seen_until_ms = seen_until_ms
        self.touched = 0

    def __iter__(self) -> Iterator[Message]:
        for message in self._candidates():
            self.touched += 1
            if self._visible(message) and self._query.test(message):
                yield message

    def matches(self, message: Message) -> bool:
        """Whether a message of this mailbox is found, whatever the page."""
        self.touched += 1
        query = self._query
        return (
            query.labels <= message.labels
            and (query.from_ms is None or message.date_ms >= query.from_ms)
            and (query.until_ms is None or message.date_ms < query.until_ms)
            and self._visible(message)
            and query.test(message)
        )

    def _visible(self, message: Message) -> bool:
        if not self._hidden and message.labels & _HIDDEN:
            return False
        return self._seen_until_ms is None or message.created_ms <= self._seen_until_ms

    def _candidates(self) -> Iterator[Message]:
        query = self._query
        above: Key | None = None if query.from_ms is None else (query.from_ms, 0)
        until: Key | None = None if query.until_ms is None else (query.until_ms, 0)
        below = min((key for key in (self._below, until) if key is not None), default=None)
        fewest = min((self._mailbox.count(label=label) for label in query.labels), default=len(self._mailbox))
        if query.seqs is None or fewest < len(query.seqs):
            return self._mailbox.walk(labels=query.labels, above=above, below=below)
        return (each for each in self._listed(query.seqs, above, below) if query.labels <= each.labels)

    def _listed(self, seqs: Iterable[int], above: Key | None, below: Key | None) -> list[Message]:
        """Those of the messages that are still there and lie between the keys, newest first."""
        found = [message for seq in seqs if (message := self._mailbox.get(seq)) is not None]
        inside = [each for each in found if (above is None or each.key > above) and (below is None or each.key < below)]
        return sorted(inside, key=lambda each: each.key, reverse=True)
