"""Following a mailbox by its history: what comes up, what does not, and where a killed worker goes on (E2, E8, E11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from providers.base import Changes, Kind, Place, Recovery, Seen
from tests.providers.gmail.conftest import ALICE, READONLY, Log, Open, Opened, refused

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Put = Callable[..., str]


@pytest.fixture
def cursor(alice: Opened) -> str:
    return alice.provider.begin().cursor


@pytest.fixture
def act(emulator: httpx.Client) -> Callable[..., None]:
    """What a person does in Gmail: `act("label", id, add=["TRASH"])`."""

    def do(what: str, message: str, **values: Any) -> None:
        emulator.post(what, json={"address": ALICE, "id": message, **values}).raise_for_status()

    return do


def forget(emulator: httpx.Client) -> None:
    emulator.post("expire-history", json={"address": ALICE}).raise_for_status()


def to_the_end(alice: Opened, cursor: str, since: datetime = LONG_AGO) -> tuple[list[Seen], str]:
    items: list[Seen] = []
    more = True
    while more:
        page = alice.provider.changes(cursor, since=since)
        items += page.items
        cursor, more = page.cursor, page.more
    return items, cursor


def ids(page: Changes) -> list[str]:
    return [item.id for item in page.items]


def test_a_first_cursor_takes_one_cheap_call(alice: Opened, log: Log) -> None:
    begun = alice.provider.begin()
    assert begun.done
    assert log.asked() == ["GET /gmail/v1/users/me/profile"]
    assert alice.spent == 1


def test_an_idle_mailbox_costs_one_call_and_keeps_its_cursor(alice: Opened, cursor: str, log: Log) -> None:
    log.clear()
    page = alice.provider.changes(cursor, since=LONG_AGO)
    assert (page.items, page.more, page.recovered) == ((), False, False)
    assert page.cursor == cursor
    assert log.asked() == ["GET /gmail/v1/users/me/history"]


def test_what_came_before_the_cursor_does_not_come(alice: Opened, put: Put) -> None:
    put()
    cursor = alice.provider.begin().cursor
    new = put()
    assert ids(alice.provider.changes(cursor, since=LONG_AGO)) == [new]


def test_new_mail_comes_with_its_place_and_without_headers(alice: Opened, cursor: str, put: Put) -> None:
    places = {put(labels=label): place for label, place in [("INBOX", Place.MAIL), ("SPAM", Place.SPAM)]}
    places[put(labels="DRAFT")] = Place.DRAFT
    page = alice.provider.changes(cursor, since=LONG_AGO)
    assert {item.id: item.place for item in page.items} == places
    assert all(item.headers is None and not item.concerns for item in page.items)


def test_deleted_wins_over_added(alice: Opened, cursor: str, put: Put, act: Callable[..., None]) -> None:
    gone, kept = put(), put()
    act("delete", gone)
    assert ids(alice.provider.changes(cursor, since=LONG_AGO)) == [kept]


@pytest.mark.parametrize("label", ["SPAM", "TRASH"])
def test_what_leaves_spam_or_trash_becomes_mail(alice: Opened, put: Put, act: Callable[..., None], label: str) -> None:
    """R20 thinks otherwise of it now."""
    message = put(labels=label)
    cursor = alice.provider.begin().cursor
    act("label", message, remove=[label], add=["INBOX"])
    (item,) = alice.provider.changes(cursor, since=LONG_AGO).items
    assert (item.id, item.place) == (message, Place.MAIL)


def test_reading_starring_archiving_and_trashing_say_nothing(alice: Opened, put: Put, act: Callable[..., None]) -> None:
    """R19: and they cost no look at the message."""
    message = put()
    cursor = alice.provider.begin().cursor
    act("label", message, remove=["UNREAD"])
    act("label", message, add=["STARRED"])
    act("label", message, remove=["INBOX"])
    act("label", message, add=["TRASH"])
    assert alice.provider.changes(cursor, since=LONG_AGO).items == ()


def test_our_own_label_does_not_come_back(alice: Opened, put: Put) -> None:
    """E11."""
    message = put()
    cursor = alice.provider.begin().cursor
    assert list(alice.provider.mark([message], "Postroom")) == [message]
    assert alice.provider.changes(cursor, since=LONG_AGO).items == ()


def test_a_message_comes_once_a_page_as_it_is_now(
    alice: Opened, cursor: str, put: Put, act: Callable[..., None]
) -> None:
    message = put(labels="SPAM")
    act("label", message, remove=["SPAM"], add=["INBOX"])
    (item,) = alice.provider.changes(cursor, since=LONG_AGO).items
    assert item.place is Place.MAIL


def test_pages_go_on_where_another_worker_stopped(
    open_as: Open, cursor: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E2: the start of the history stays until the last page, so killing loses nothing."""
    monkeypatch.setattr("providers.gmail.provider._HISTORY_PAGE", 2)
    messages = [put(subject=str(number)) for number in range(5)]
    found: list[str] = []
    more = True
    while more:
        page = open_as(READONLY).provider.changes(cursor, since=LONG_AGO)
        assert page == open_as(READONLY).provider.changes(cursor, since=LONG_AGO)
        found += ids(page)
        cursor, more = page.cursor, page.more
    assert found == messages


def test_mail_that_comes_between_pages_is_not_lost(
    alice: Opened, cursor: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.provider._HISTORY_PAGE", 1)
    early = [put(), put()]
    page = alice.provider.changes(cursor, since=LONG_AGO)
    late = put()
    items, _ = to_the_end(alice, page.cursor)
    assert [*ids(page), *(item.id for item in items)] == [*early, late]


def test_a_page_without_records_is_not_the_last(
    alice: Opened, put: Put, act: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.provider._HISTORY_PAGE", 1)
    message = put()
    cursor = alice.provider.begin().cursor
    act("label", message, add=["STARRED"])
    new = put()
    first = alice.provider.changes(cursor, since=LONG_AGO)
    assert (first.items, first.more) == ((), True)
    assert ids(alice.provider.changes(first.cursor, since=LONG_AGO)) == [new]


def test_a_page_token_that_gmail_no_longer_knows_has_the_walk_begin_again(alice: Opened, cursor: str, put: Put) -> None:
    message = put()
    lost = cursor.replace("}", ',"page":"garbage"}')
    assert ids(alice.provider.changes(lost, since=LONG_AGO)) == [message]


def test_a_history_that_was_forgotten_is_read_again_from_the_last_good_day(
    alice: Opened, put: Put, emulator: httpx.Client
) -> None:
    """E8: the new head is taken first, so that nothing falls between."""
    put(date="2020-01-01T00:00:00Z")
    cursor = alice.provider.begin().cursor
    missed = put(date="2020-06-02T12:00:00Z")
    forget(emulator)
    page = alice.provider.changes(cursor, since=datetime(2020, 6, 1, tzinfo=UTC))
    assert (page.recovered, page.more) == (True, True)
    meanwhile = put(date="2020-06-03T12:00:00Z")
    items, cursor = to_the_end(alice, page.cursor)
    assert {missed, meanwhile} <= {item.id for item in items}
    assert alice.provider.changes(cursor, since=LONG_AGO).items == ()


def test_every_page_of_it_says_that_it_recovers(
    alice: Opened, cursor: str, put: Put, emulator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.provider._AGAIN_PAGE", 2)
    messages = {put(subject=str(number)) for number in range(5)}
    forget(emulator)
    found: set[str] = set()
    page = alice.provider.changes(cursor, since=LONG_AGO)
    while page.recovered:
        found |= set(ids(page))
        page = alice.provider.changes(page.cursor, since=LONG_AGO)
    assert found == messages
    assert not page.more


def test_a_recovery_goes_on_where_another_worker_stopped(
    open_as: Open, cursor: str, put: Put, emulator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.provider._AGAIN_PAGE", 2)
    messages = {put(subject=str(number)) for number in range(5)}
    forget(emulator)
    found: set[str] = set()
    more = True
    while more:
        page = open_as(READONLY).provider.changes(cursor, since=LONG_AGO)
        found |= set(ids(page))
        cursor, more = page.cursor, page.more
    assert found == messages


def test_a_recovery_sees_what_the_search_index_does_not_yet(
    alice: Opened, cursor: str, put: Put, emulator: httpx.Client
) -> None:
    emulator.post("knobs", json={"search_lag_ms": 60_000}).raise_for_status()
    message = put()
    forget(emulator)
    items, _ = to_the_end(alice, cursor)
    assert message in {item.id for item in items}


def test_a_history_that_is_forgotten_in_the_middle_is_read_again(
    alice: Opened, cursor: str, put: Put, emulator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.provider._HISTORY_PAGE", 1)
    messages = {put(), put(), put()}
    page = alice.provider.changes(cursor, since=LONG_AGO)
    forget(emulator)
    items, _ = to_the_end(alice, page.cursor)
    assert {*ids(page), *(item.id for item in items)} == messages


def test_a_recovery_whose_own_head_is_forgotten_begins_again(
    alice: Opened, cursor: str, put: Put, emulator: httpx.Client
) -> None:
    forget(emulator)
    page = alice.provider.changes(cursor, since=LONG_AGO)
    forget(emulator)
    message = put()
    items, _ = to_the_end(alice, page.cursor)
    assert message in {item.id for item in items}


def test_a_recovery_reads_no_bodies(alice: Opened, cursor: str, put: Put, emulator: httpx.Client, log: Log) -> None:
    put()
    forget(emulator)
    to_the_end(alice, cursor)
    assert log.bodies() == set()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"history": "x"}', '{"history": "1", "since": "x"}', "\x00"])
def test_a_text_that_is_no_cursor_is_our_error(alice: Opened, text: str) -> None:
    error = refused(lambda: alice.provider.changes(text, since=LONG_AGO))
    assert (error.kind, error.recovery) == (Kind.CODE, Recovery.PERMANENT)
