"""Pseudo-random numbers for ids: the same seed gives the same ids, and the state survives a snapshot."""

from __future__ import annotations

from hashlib import blake2b

_WORD = (1 << 64) - 1


class Dice:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): fast, two lines long, good enough to look random."""

    __slots__ = ("_state",)

    def __init__(self, seed: str) -> None:
        self._state = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big")

    def bits(self, count: int) -> int:
        """An integer of at most `count` (up to 64) bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        word = self._state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
        return (word ^ (word >> 31)) >> (64 - count)

    def hex(self, digits: int) -> str:
        """Up to 16 hexadecimal digits."""
        return f"{self.bits(4 * digits):0{digits}x}"
