"""Moments in queries: epoch seconds, or days, which Gmail's API reads in Pacific Standard Time.

https://developers.google.com/workspace/gmail/api/guides/filtering
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from emulator.clock import to_ms

PACIFIC = timezone(timedelta(hours=-8))
_DAY_MS = 86_400_000
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_AGE = re.compile(r"(\d{1,6})([dmy])", re.IGNORECASE)
_DAYS = {"d": 1, "m": 30, "y": 365}
_MAX_SECONDS = 1 << 40


def after(text: str) -> int | None:
    """The first ms that `after:` lets in: in practice the second named is left out, while a day is let in."""
    seconds = _seconds(text)
    return (seconds + 1) * 1000 if seconds is not None else _midnight(text)


def before(text: str) -> int | None:
    """The first ms that `before:` keeps out."""
    seconds = _seconds(text)
    return seconds * 1000 if seconds is not None else _midnight(text)


def age_ms(text: str) -> int | None:
    """How long `2d`, `3m` or `1y` is."""
    found = _AGE.fullmatch(text.strip())
    return int(found[1]) * _DAYS[found[2].lower()] * _DAY_MS if found else None


def _seconds(text: str) -> int | None:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) > 4):
        return None
    return min(int(plain[:15]), _MAX_SECONDS)


def _midnight(text: str) -> int | None:
    if found := _YEAR_FIRST.fullmatch(text.strip()):
        year, month, day = found.groups()
    elif found := _YEAR_LAST.fullmatch(text.strip()):
        month, day, year = found.groups()
    else:
        return None
    try:
        return to_ms(datetime(int(year), int(month), int(day), tzinfo=PACIFIC))
    except (ValueError, OverflowError):
        return None
