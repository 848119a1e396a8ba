"""How much mail there is, whose it is and when; and that a seed always gives the same."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from emulator.generator import Copy, stream

END = datetime(2026, 11, 4, 11, 30, tzinfo=UTC)
ALICE, BOB = "alice@northwind.example", "bob@northwind.example"


@pytest.mark.parametrize("count", [1, 7, 250])
def test_exactly_the_asked_amount_comes(count: int) -> None:
    assert len(list(stream(3, count, end=END))) == count


def test_none_is_an_amount() -> None:
    assert list(stream(3, 0, end=END)) == []


def test_alice_has_more_than_bob(year: list[Copy]) -> None:
    owners = Counter(copy.address for copy in year)
    assert set(owners) == {ALICE, BOB}
    assert 800 < owners[ALICE] < 1000


def test_the_same_seed_gives_the_same_bytes(year: list[Copy]) -> None:
    assert list(stream(1, 1600, end=END)) == year


def test_another_seed_gives_another_year() -> None:
    first, second = ({copy.raw for copy in stream(seed, 100, end=END)} for seed in (1, 2))
    assert not first & second


def test_two_mailboxes_of_their_own_share_no_message_id() -> None:
    raws = [{copy.raw for copy in stream(1, 50, end=END, mailboxes={each: "google"})} for each in (ALICE, BOB)]
    ids = [{line for raw in half for line in raw.splitlines() if line.startswith(b"Message-ID")} for half in raws]
    assert not ids[0] & ids[1]


def test_mail_comes_in_order_over_one_year(year: list[Copy]) -> None:
    dates = [copy.date_ms for copy in year]
    assert dates == sorted(dates)
    span = timedelta(milliseconds=dates[-1] - dates[0])
    assert timedelta(days=345) < span < timedelta(days=366)


def test_there_is_more_mail_of_late(year: list[Copy]) -> None:
    half = (END - timedelta(days=182)).timestamp() * 1000
    assert sum(copy.date_ms > half for copy in year) > 0.55 * len(year)


def test_the_newest_mail_is_of_today(year: list[Copy]) -> None:
    newest = datetime.fromtimestamp(year[-1].date_ms / 1000, UTC)
    assert END - timedelta(hours=4) < newest <= END + timedelta(seconds=2)


def test_a_year_may_end_at_night_or_on_a_sunday() -> None:
    sunday_night = datetime(2026, 11, 1, 2, 10, tzinfo=UTC)
    newest = max(copy.date_ms for copy in stream(1, 400, end=sunday_night))
    assert newest <= sunday_night.timestamp() * 1000 + 2_000


def test_business_keeps_working_days(year: list[Copy]) -> None:
    days = {datetime.fromtimestamp(copy.date_ms / 1000, UTC).weekday() for copy in year if copy.kind == "payroll"}
    assert days <= {0, 1, 2, 3, 4}


def test_a_long_stream_begins_at_once() -> None:
    endless = stream(1, 3_000, end=END)
    assert len(list(itertools.islice(endless, 5))) == 5


def test_people_outside_have_their_copies_when_asked() -> None:
    everybody = list(stream(1, 100, end=END, outside=True))
    assert sum(copy.provider is not None for copy in everybody) == 100
    assert any(copy.provider is None and copy.folder == "sentitems" for copy in everybody)
