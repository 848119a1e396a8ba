"""Walks through the past, driven by contacts (E4): what is found, what is marked, what is never asked."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from providers.base import Listing, Search, Seen
from tests.providers.gmail.conftest import ALICE, CARLA, READONLY, Log, Open, Opened

Put = Callable[..., str]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MALLORY = "mallory@private.example"


def walk(opened: Opened, *addresses: str, since: datetime | None = None, excluded: Sequence[str] = ()) -> list[Seen]:
    wanted = Search(addresses or (CARLA,), since, NOW, excluded)
    return [item for page in pages(opened, wanted) for item in page.items]


def pages(opened: Opened, wanted: Search) -> list[Listing]:
    token, found = "", []
    while True:
        found.append(opened.provider.search(wanted, token))
        if found[-1].token is None:
            return found
        token = found[-1].token
        assert len(found) < 500


def certain(items: Sequence[Seen]) -> set[str]:
    return {item.id for item in items if item.concerns}


def doubtful(items: Sequence[Seen]) -> set[str]:
    return {item.id for item in items if not item.concerns}


@pytest.mark.parametrize("field", ["From", "To", "Cc"])
def test_every_party_is_found(alice: Opened, put: Put, field: str) -> None:
    """R1."""
    message = put(**{"From": "bob@northwind.example", field: f"Carla <{CARLA.title()}>"}, date="2026-10-30T12:00:00Z")
    put(From="dora@fabrikam.example", date="2026-10-30T12:00:00Z")
    (item,) = walk(alice)
    assert item.id == message
    assert item.concerns
    assert (item.headers, item.received_at) == (None, None)


def test_who_is_in_bcc_only_is_no_party(alice: Opened, put: Put) -> None:
    """R1: such a hit is left to its headers, and its body is not asked for on its account."""
    hidden = put(From=ALICE, To="dora@fabrikam.example", Bcc=CARLA, labels="SENT", date="2026-10-30T12:00:00Z")
    shown = put(From=ALICE, To=CARLA, labels="SENT", date="2026-10-30T12:00:00Z")
    items = walk(alice)
    assert certain(items) == {shown}
    assert doubtful(items) == {hidden}


def test_one_contact_in_bcc_does_not_hide_another(alice: Opened, put: Put) -> None:
    message = put(From=ALICE, To="dora@fabrikam.example", Bcc=CARLA, labels="SENT", date="2026-10-30T12:00:00Z")
    items = walk(alice, CARLA, "dora@fabrikam.example")
    assert message in {item.id for item in items}


@pytest.mark.parametrize("entry", [MALLORY, "@private.example", "@PRIVATE.example".lower()])
def test_mail_of_excluded_senders_is_not_marked(alice: Opened, put: Put, entry: str) -> None:
    """R8: that a contact is in Cc does not make it ours to read."""
    private = put(From=MALLORY, Cc=CARLA, date="2026-10-30T12:00:00Z")
    shared = put(From="dora@fabrikam.example", Cc=CARLA, date="2026-10-30T12:00:00Z")
    items = walk(alice, excluded=[entry])
    assert certain(items) == {shared}
    assert doubtful(items) <= {private}


def test_subdomains_are_excluded_with_their_domain(alice: Opened, put: Put) -> None:
    put(From="mallory@mail.private.example", Cc=CARLA, date="2026-10-30T12:00:00Z")
    assert certain(walk(alice, excluded=["@private.example"])) == set()


def test_a_name_that_reads_like_an_excluded_domain_loses_nothing(alice: Opened, put: Put) -> None:
    message = put(From='"private.example" <dora@fabrikam.example>', Cc=CARLA, date="2026-10-30T12:00:00Z")
    assert message in {item.id for item in walk(alice, excluded=["@private.example"])}


def test_with_too_many_exclusions_nothing_is_marked_and_all_is_found(alice: Opened, put: Put) -> None:
    message = put(date="2026-10-30T12:00:00Z")
    items = walk(alice, excluded=[f"person{number}@private.example" for number in range(200)])
    assert doubtful(items) == {message}
    assert certain(items) == set()


def test_very_large_mail_is_not_marked_so_that_its_size_is_known_first(alice: Opened, put: Put) -> None:
    large = put(body="x" * 4_000_000, date="2026-10-30T12:00:00Z")
    small = put(date="2026-10-30T12:00:00Z")
    items = walk(alice)
    assert (certain(items), doubtful(items)) == ({small}, {large})


def test_spam_trash_drafts_and_chats_are_not_even_listed(alice: Opened, put: Put) -> None:
    """R20."""
    for label in ("SPAM", "TRASH", "DRAFT", "CHAT"):
        put(labels=label, date="2026-10-30T12:00:00Z")
    archived = put(labels="", date="2026-10-30T12:00:00Z")
    assert [item.id for item in walk(alice)] == [archived]


def test_the_window_holds_its_first_second_and_not_its_last(alice: Opened, put: Put) -> None:
    since = NOW - timedelta(days=10)
    put(date=(since - timedelta(seconds=1)).isoformat())
    inside = [put(date=since.isoformat()), put(date=(NOW - timedelta(seconds=1)).isoformat())]
    put(date=NOW.isoformat())
    assert certain(walk(alice, since=since)) == set(inside)


def test_no_message_falls_between_windows_and_none_comes_twice(alice: Opened, put: Put) -> None:
    moments = [NOW - timedelta(days=days, seconds=off) for days in (1, 30, 90, 365, 3000) for off in (-1, 0, 1)]
    messages = [put(date=moment.isoformat()) for moment in moments]
    found = [item.id for item in walk(alice)]
    assert sorted(found) == sorted(messages)


def test_the_newest_come_first(alice: Opened, put: Put) -> None:
    ages = [400, 2, 100, 40, 5000, 10]
    messages = {put(date=(NOW - timedelta(days=age)).isoformat()): age for age in ages}
    found = [messages[item.id] for item in walk(alice)]
    assert found == sorted(ages)


def test_progress_rises_to_one(alice: Opened, put: Put) -> None:
    for day in range(5):
        put(date=(NOW - timedelta(days=day)).isoformat())
    addresses = [f"person{number}@contoso.example" for number in range(40)]
    progress = [page.progress for page in pages(alice, Search([CARLA, *addresses], None, NOW))]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert all(0 < each <= 1 for each in progress)


def test_any_worker_goes_on_with_a_token(
    open_as: Open, alice: Opened, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E2."""
    monkeypatch.setattr("providers.gmail.provider._SEARCH_PAGE", 2)
    messages = {put(date=(NOW - timedelta(days=day)).isoformat()) for day in range(1, 6)}
    wanted = Search([CARLA], None, NOW)
    page = alice.provider.search(wanted)
    found = [item.id for item in page.items]
    while page.token:
        page = open_as(READONLY).provider.search(wanted, page.token)
        found += [item.id for item in page.items]
    assert sorted(found) == sorted(messages)


def test_mail_that_comes_meanwhile_moves_nothing(alice: Opened, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.gmail.provider._SEARCH_PAGE", 2)
    old = {put(date=(NOW - timedelta(days=1, minutes=minute)).isoformat()) for minute in range(4)}
    wanted = Search([CARLA], None, NOW)
    first = alice.provider.search(wanted)
    put(date=(NOW - timedelta(hours=1)).isoformat())
    second = alice.provider.search(wanted, first.token or "")
    assert {item.id for item in (*first.items, *second.items)} == old


def test_exclusions_may_change_on_the_way(alice: Opened, put: Put) -> None:
    """Too many of them for a query, after the first windows left their mail out: the round of doubts still comes."""
    hidden = put(From=ALICE, To=CARLA, Bcc="dora@fabrikam.example", labels="SENT", date="2026-10-30T12:00:00Z")
    addresses = [CARLA, "dora@fabrikam.example"]
    page = alice.provider.search(Search(addresses, None, NOW))
    assert page.items == ()
    many = [f"person{number}@private.example" for number in range(200)]
    found: list[str] = []
    while page.token:
        page = alice.provider.search(Search(addresses, None, NOW, many), page.token)
        found += [item.id for item in page.items]
    assert found == [hidden]


def test_a_token_of_other_contacts_has_the_walk_begin_again(alice: Opened, put: Put) -> None:
    message = put(date=(NOW - timedelta(days=1)).isoformat())
    token = alice.provider.search(Search(["dora@fabrikam.example"], None, NOW)).token
    assert [item.id for item in alice.provider.search(Search([CARLA], None, NOW), token or "").items] == [message]
    assert [item.id for item in alice.provider.search(Search([CARLA], None, NOW), "garbage").items] == [message]


def test_without_contacts_nothing_is_asked(alice: Opened, log: Log) -> None:
    assert alice.provider.search(Search([], None, NOW)) == Listing((), None, 0, 1.0)
    assert log.calls() == []


def test_addresses_share_queries(alice: Opened, log: Log) -> None:
    """Four windows and a round of doubts, a dozen addresses a query."""
    addresses = [f"person{number}@contoso.example" for number in range(60)]
    walk(alice, *addresses)
    assert len(log.calls()) == 5 * 5
    assert {entry["method"] for entry in log.calls()} == {"GET"}


HOSTILE = [
    '"} OR in:anywhere {"@contoso.example',
    '"a b"@contoso.example',
    "-carla@contoso.example",
    "{carla}@contoso.example",
    "or|{x}@contoso.example",
    "*@contoso.example",
    "o'neil@contoso.example",
    "or@contoso.example",
    "jürgen@contoso.example",
    '"carla\\"@x"@contoso.example',
    "a:from:b@contoso.example",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_no_address_breaks_out_of_its_query(alice: Opened, put: Put, address: str) -> None:
    """S3: whatever an address is made of, mail that does not name it is not marked as concerning it."""
    others = {put(labels=label, From="dora@fabrikam.example", date="2026-10-30T12:00:00Z") for label in ("SPAM", "")}
    others.add(put(From="x carla b a <carla@contoso.example>", date="2026-10-30T12:00:00Z"))
    assert not certain(walk(alice, address)) & others
    assert not certain(walk(alice, "nobody@contoso.example", excluded=[address])) & others


@pytest.mark.parametrize("address", HOSTILE)
def test_mail_of_an_odd_address_is_found(alice: Opened, put: Put, address: str) -> None:
    message = put(f"From: {address}\r\nTo: {ALICE}\r\n\r\nHello.\r\n".encode(), date="2026-10-30T12:00:00Z")
    assert message in {item.id for item in walk(alice, address)}


def test_contacts_beside_an_odd_one_are_still_marked(alice: Opened, put: Put) -> None:
    message = put(date="2026-10-30T12:00:00Z")
    assert certain(walk(alice, *HOSTILE, CARLA)) == {message}


def test_no_body_and_no_header_is_asked_for_by_searching(alice: Opened, put: Put, log: Log) -> None:
    put(date="2026-10-30T12:00:00Z")
    walk(alice)
    assert {entry["path"] for entry in log.calls()} == {"/gmail/v1/users/me/messages"}
    assert log.units == alice.spent


@pytest.mark.parametrize("prices", ["new", "old"])
def test_a_backfill_costs_little_more_than_the_mail_it_brings(
    open_as: Open, emulator: httpx.Client, log: Log, prices: str
) -> None:
    """The acceptance of E4 at small scale: 2,000 messages, 200 of them of 20 contacts."""
    emulator.post("quota", json={"profile": "google-new" if prices == "new" else "google-old"})
    emulator.post("quota", json={"units": 1_000_000, "window_ms": 60_000})
    contacts = [f"person{number}@contoso.example" for number in range(20)]
    load(emulator, contacts)
    mailbox = open_as(READONLY, prices=prices)
    log.clear()
    wanted = walk(mailbox, *contacts)
    assert len(wanted) == len(certain(wanted)) == 200
    assert len(list(mailbox.provider.raw([item.id for item in wanted]))) == 200
    assert mailbox.spent <= 1.2 * 200 * (20 if prices == "new" else 5)
    assert log.bodies() == certain(wanted)


def load(emulator: httpx.Client, contacts: Sequence[str]) -> None:
    """Every tenth message is of a contact, over 400 days."""
    lines = []
    for number in range(2000):
        sender = contacts[number // 10 % len(contacts)] if number % 10 == 0 else f"news{number % 7}@fabrikam.example"
        raw = f"From: {sender}\r\nTo: {ALICE}\r\nSubject: {number}\r\n\r\nHello.\r\n".encode()
        moment = (NOW - timedelta(minutes=288 * number + 5)).isoformat()
        lines.append(
            json.dumps(
                {
                    "address": ALICE,
                    "raw": base64.b64encode(raw).decode(),
                    "folder": "inbox",
                    "date": moment,
                    "provider": "google",
                }
            )
        )
    emulator.post("load", params={"format": "ndjson"}, content="\n".join(lines)).raise_for_status()
