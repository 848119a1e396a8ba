"""Messages in order of date, for pages by key: the cost of a page does not grow with the mailbox."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

Key = tuple[int, int]
"""(internal date in ms, sequence): unique within a mailbox, and the order of every list."""


class DateIndex:
    """A sorted list of keys. Mail mostly arrives in order, and then adding is an append."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: Key) -> bool:
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key

    def add(self, key: Key) -> None:
        if not self._keys or key > self._keys[-1]:
            self._keys.append(key)
        elif key not in self:
            insort(self._keys, key)

    def discard(self, key: Key) -> None:
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def count(self, *, above: Key | None = None, below: Key | None = None) -> int:
        low, high = self._bounds(above, below)
        return max(0, high - low)

    def walk(self, *, above: Key | None = None, below: Key | None = None, newest_first: bool = True) -> Iterator[Key]:
        """The keys strictly between the bounds. The index must not change while the walk goes on."""
        low, high = self._bounds(above, below)
        positions = range(high - 1, low - 1, -1) if newest_first else range(low, high)
        for position in positions:
            yield self._keys[position]

    def _bounds(self, above: Key | None, below: Key | None) -> tuple[int, int]:
        low = 0 if above is None else bisect_right(self._keys, above)
        high = len(self._keys) if below is None else bisect_left(self._keys, below)
        return low, high
