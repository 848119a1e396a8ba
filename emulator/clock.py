"""The one clock: every timestamp, expiry and window of the emulator is read from here, so a test can own
time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Runs with the machine's clock until it is set, advanced or frozen. Times are UTC; `_ms` is epoch
    milliseconds.
    """

    def __init__(self) -> None:
        self._offset_ms = 0
        self._frozen_at_ms: int | None = None

    @property
    def frozen(self) -> bool:
        return self._frozen_at_ms is not None

    def now_ms(self) -> int:
        if self._frozen_at_ms is not None:
            return self._frozen_at_ms
        return time.time_ns() // 1_000_000 + self._offset_ms

    def now(self) -> datetime:
        return from_ms(self.now_ms())

    def set(self, now_ms: int) -> None:
        """Make it `now_ms`; a frozen clock stays frozen, a running one runs on from there."""
        self.advance(now_ms - self.now_ms())

    def advance(self, by_ms: int) -> None:
        if self._frozen_at_ms is not None:
            self._frozen_at_ms += by_ms
        else:
            self._offset_ms += by_ms

    def freeze(self) -> None:
        self._frozen_at_ms = self.now_ms()

    def unfreeze(self) -> None:
        """Run on from the frozen moment."""
        if self._frozen_at_ms is not None:
            moment, self._frozen_at_ms = self._frozen_at_ms, None
            self.set(moment)


def from_ms(moment_ms: int) -> datetime:
    return datetime.fromtimestamp(moment_ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def parse_moment(text: str) -> int:
    """Epoch milliseconds from themselves or from ISO 8601.

    Raises ValueError for anything else, and outside the years 1 to 9999.
    """
    moment_ms = int(text) if text.strip().lstrip("-").isdigit() else to_ms(datetime.fromisoformat(text.strip()))
    try:
        from_ms(moment_ms)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{text} is not a moment between the years 1 and 9999") from error
    return moment_ms
