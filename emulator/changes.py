"""What happened in a mailbox, in order: the one source of Gmail's history and of Graph's deltas."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from emulator.dice import Dice

_NO_LABELS: frozenset[str] = frozenset()
_NO_FIELDS: frozenset[str] = frozenset()


class ChangeExpiredError(Exception):
    """A cursor older than what is kept, or one this mailbox never gave out (Gmail 404, Graph 410)."""


class ChangeKind(StrEnum):
    ADDED = "added"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One act on one message, with what both providers tell about it, also after the message is gone.

    `labels` are those after the act (before it, for DELETED). `fields` names the Graph properties that
    changed. `folder_before` is None for ADDED, `folder` is None for DELETED. `moves_before` and `moves` make
    the classic Graph id before and after the act.
    """

    id: int
    kind: ChangeKind
    seq: int
    gid: int
    thread: int
    at_ms: int
    labels: frozenset[str]
    folder_before: str | None
    folder: str | None
    moves_before: int
    moves: int
    labels_added: frozenset[str] = _NO_LABELS
    labels_removed: frozenset[str] = _NO_LABELS
    fields: frozenset[str] = _NO_FIELDS

    @property
    def moved(self) -> bool:
        """From one folder to another, so that Graph reports it in both."""
        return self.kind is ChangeKind.CHANGED and self.folder != self.folder_before


class ChangeLog:
    """Changes by ids that grow with gaps. A cursor is valid from `floor` to `head`, both included."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.head = 1_000 + dice.bits(20)
        self.floor = self.head
        self._all: list[Change] = []
        self._by_folder: dict[str, list[Change]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def next_id(self) -> int:
        """Take the next id; the caller appends a change under it."""
        self.head += 1 + self._dice.bits(5)
        return self.head

    def append(self, change: Change) -> None:
        self._all.append(change)
        for folder in {change.folder_before, change.folder} - {None}:
            self._by_folder.setdefault(str(folder), []).append(change)

    def since(self, cursor: int, *, folder: str | None = None) -> Iterator[Change]:
        """The changes after `cursor`, oldest first, of one folder or all. Raises ChangeExpiredError.

        The check runs at the call, not at the first item.
        """
        if not self.floor <= cursor <= self.head:
            raise ChangeExpiredError(f"{cursor} is not between {self.floor} and {self.head}")
        entries = self._all if folder is None else self._by_folder.get(folder, [])
        start = bisect_right(entries, cursor, key=attrgetter("id"))
        return (entries[at] for at in range(start, len(entries)))

    def expire(self) -> int:
        """Forget everything, so that every cursor given out so far is too old. Answers the new head."""
        self._all.clear()
        self._by_folder.clear()
        self.floor = self.next_id()
        return self.floor
