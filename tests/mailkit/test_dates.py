"""Dates of every kind become moments in UTC that a database takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit.headers import date


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Mon, 3 Jan 2000 10:00:00 +0100", "2000-01-03 09:00:00"),
        ("Mon, 3 Jan 2000 10:00:00 +0100 (CET)", "2000-01-03 09:00:00"),
        ("3 Jan 2000 10:00 GMT", "2000-01-03 10:00:00"),
        ("Mon, 03 Jan 2000 10:00:00 EST", "2000-01-03 15:00:00"),
        ("Mon, 03 Jan 00 10:00:00 -0000", "2000-01-03 10:00:00"),
        ("Mon, 03 Jan 2000 10:00:00", "2000-01-03 10:00:00"),
        ("Mon Jan  3 10:00:00 2000", "2000-01-03 10:00:00"),
        ("29-04-2017 23:34", "2017-04-29 23:34:00"),
        ("2020-01-02T03:04:05Z", "2020-01-02 03:04:05"),
        ("2020-01-02T03:04:05+05:30", "2020-01-01 21:34:05"),
        ("3 Jan 2000 10:00:00 -1800", "2000-01-04 04:00:00"),
        ("3 Jan 2000 10:00:00 +9999", "2000-01-03 10:00:00"),
        ("3 Jan 2000 23:59:60 +0000", "2000-01-03 23:59:59"),
        ("Sat, 1 Jan 1859 10:00:00 +0000", "1859-01-01 10:00:00"),
    ],
)
def test_dates_as_they_are_written(raw: str, moment: str) -> None:
    assert date(raw) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "Mon, 1 Jan 0001 00:00:00 +0200", "32 Jan 2000 10:00:00 +0000", "3 Foo 2000 10:00:00 +0000"],
)
def test_what_is_no_date_is_none(raw: str) -> None:
    assert date(raw) is None


@settings(deadline=None, max_examples=50)
@given(st.text() | st.binary() | st.from_regex(r"[A-Z][a-z]{2}, \d+ Jan \d+ \d+:\d+:\d+ [+-]\d+"))
@example("Mon, 3 Jan 99999999999999999999 10:00:00 +0000")
@example("Mon, 3 Jan 2000 10:00:00 +99999999999999999999")
def test_any_text_is_a_moment_in_utc_or_none(raw: str | bytes) -> None:
    moment = date(raw)
    assert moment is None or moment.utcoffset() == timedelta()


@settings(deadline=None, max_examples=50)
@given(
    st.datetimes(min_value=datetime.fromisoformat("1970-01-02"), max_value=datetime.fromisoformat("2099-01-01")),
    st.integers(-15 * 60, 15 * 60),
)
def test_a_date_by_the_rules_comes_back(moment: datetime, minutes: int) -> None:
    written = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert date(format_datetime(written)) == written
