"""The days that a page of activity looks at: some that have names, or any two. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2999, 12, 31)
DAY: Final = timedelta(days=1)
#: Where a URL names none.
DEFAULT: Final = "30d"

Days = tuple[date, date]


@dataclass(frozen=True)
class Period:
    """Whole days, the first and the last included; ``name`` is a key of `NAMED`, or empty for any others."""

    first: date
    last: date
    name: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def _last_month(today: date) -> Days:
    end = today.replace(day=1) - DAY
    return end.replace(day=1), end


#: What a period is called in a URL -> on the page, and which days it is.
NAMED: Final[Mapping[str, tuple[str, Callable[[date], Days]]]] = {
    "today": ("Today", lambda today: (today, today)),
    "yesterday": ("Yesterday", lambda today: (today - DAY, today - DAY)),
    "7d": ("Last 7 days", lambda today: (today - 6 * DAY, today)),
    "30d": ("Last 30 days", lambda today: (today - 29 * DAY, today)),
    "month": ("This month", lambda today: (today.replace(day=1), today)),
    "last-month": ("Last month", _last_month),
    "90d": ("Last 90 days", lambda today: (today - 89 * DAY, today)),
    "year": ("This year", lambda today: (today.replace(month=1, day=1), today)),
}


def named(name: str, today: date) -> Period:
    """The period of that name; the default one for a name that there is not."""
    name = name if name in NAMED else DEFAULT
    first, last = NAMED[name][1](today)
    return Period(first, last, name)


def read(name: str, first: str, last: str, today: date) -> Period:
    """What a URL asks for: two days (``2026-03-01``), one of which may be missing, go before a name.

    Days that are no days count as missing; the wrong way round they are turned.
    """
    begin, end = _day(first), _day(last)
    if begin is None and end is None:
        return named(name, today)
    end = end or max(today, begin or today)
    begin = begin or EARLIEST
    return Period(min(begin, end), max(begin, end))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return min(max(found, EARLIEST), LATEST)
