"""Envelopes and whole messages, by batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from providers.base import LARGEST, Missing, Place, Raw, Recovery, Seen, Unfetched
from tests.providers.gmail.conftest import Log, Opened, refused

Put = Callable[..., str]
Fault = Callable[..., None]


def test_headers_are_those_that_deciding_needs_and_no_others(alice: Opened, put: Put) -> None:
    message = put(Cc="bob@northwind.example", Bcc="c@contoso.example", X_Private="diary", References="<a@b>\r\n <c@d>")
    (seen,) = alice.provider.headers([message])
    assert isinstance(seen, Seen)
    named = dict(seen.headers or ())
    assert named["From"] == "Carla <carla@contoso.example>"
    assert named["Bcc"] == "c@contoso.example"
    assert named["References"] == "<a@b> <c@d>"
    assert set(named) == {"From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "References"}


def test_headers_come_with_place_size_and_time_of_arrival(alice: Opened, put: Put) -> None:
    message = put(date="2026-03-01T12:00:00Z", labels="SPAM")
    (seen,) = alice.provider.headers([message])
    assert isinstance(seen, Seen)
    assert (seen.place, seen.labels) == (Place.SPAM, ("SPAM",))
    assert seen.received_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert seen.size > 100
    assert seen.thread_id


@pytest.mark.parametrize(
    ("labels", "place"),
    [("INBOX", Place.MAIL), ("SENT", Place.MAIL), ("", Place.MAIL), ("DRAFT", Place.DRAFT), ("TRASH", Place.TRASH)],
)
def test_labels_decide_the_place(alice: Opened, put: Put, labels: str, place: Place) -> None:
    (seen,) = alice.provider.headers([put(labels=labels)])
    assert isinstance(seen, Seen)
    assert seen.place is place


def test_no_line_of_a_header_ends_early(alice: Opened, put: Put) -> None:
    """S3: Gmail decodes encoded words, and one may hold a line end."""
    message = put(subject="=?utf-8?q?Offer=0D=0ABcc:_carla=40contoso.example?=")
    (seen,) = alice.provider.headers([message])
    assert isinstance(seen, Seen)
    assert not any(end in value for _, value in seen.headers or () for end in "\r\n\x0b\x0c\x85\u2028")
    assert "Bcc" not in dict(seen.headers or ())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=?utf-8?q?Carla_=28Sales?=", "Carla Sales"),
        ("=?utf-8?q?Carla_=22the_boss?=", "Carla the boss"),
        ('"Doe, John"', '"Doe, John"'),
        ("Carla (Sales)", "Carla (Sales)"),
    ],
)
def test_no_name_swallows_an_address(alice: Opened, put: Put, name: str, shown: str) -> None:
    """A parenthesis or a quotation mark that was encoded is decoded by Gmail, and would open what nobody closes."""
    (seen,) = alice.provider.headers([put(From=f"{name} <carla@contoso.example>")])
    assert isinstance(seen, Seen)
    assert dict(seen.headers or ())["From"] == f"{shown} <carla@contoso.example>"


def test_a_message_comes_whole_byte_for_byte(alice: Opened, put: Put) -> None:
    content = b"From: c@contoso.example\r\nTo: alice@northwind.example\r\n\r\n\xff\xfe caf\xe9 \x00\r\n"
    (found,) = alice.provider.raw([put(content)])
    assert isinstance(found, Raw)
    assert found.content.endswith(b"\r\n\r\n\xff\xfe caf\xe9 \x00\r\n")
    assert found.seen.labels == ("INBOX", "UNREAD")
    assert found.seen.received_at is not None


def test_only_what_was_asked_for_was_read(alice: Opened, put: Put, log: Log) -> None:
    private, wanted = put(subject="Diary"), put()
    list(alice.provider.headers([private, wanted]))
    list(alice.provider.raw([wanted]))
    assert log.bodies() == {wanted}


def test_not_even_the_beginning_of_a_body_comes_along(alice: Opened, put: Put, log: Log) -> None:
    """Gmail adds a snippet to every form of a message, unless told which fields are wanted."""
    list(alice.provider.headers([put()]))
    (asked,) = log.calls("/messages/")
    fields = parse_qs(asked["query"])["fields"][0].split(",")
    assert "payload/headers" in fields
    assert "snippet" not in fields


def test_many_are_read_in_batches_that_are_paid_before(alice: Opened, put: Put, log: Log) -> None:
    messages = [put(subject=str(number)) for number in range(60)]
    found = list(alice.provider.headers(messages))
    assert [seen.id for seen in found if isinstance(seen, Seen)] == messages
    assert alice.paid == [25 * 20, 25 * 20, 10 * 20]
    assert len(log.calls("/batch")) == 3
    list(alice.provider.raw(messages[:25]))
    assert alice.paid[3:] == [20 * 20, 5 * 20]
    assert log.units == alice.spent


def test_an_old_project_pays_a_quarter(open_as: Callable[..., Opened], emulator: Any, put: Put, log: Log) -> None:
    emulator.post("quota", json={"profile": "google-old"})
    old = open_as(prices="old")
    list(old.provider.headers([put()]))
    assert old.paid == [5]
    assert log.units == 5


def test_an_id_twice_is_read_once(alice: Opened, put: Put) -> None:
    message = put()
    assert len(list(alice.provider.raw([message, message]))) == 1
    assert list(alice.provider.headers([])) == list(alice.provider.raw([])) == []


def test_what_is_gone_is_missing_and_what_is_no_id_is_unfetched(alice: Opened, put: Put, emulator: Any) -> None:
    kept, gone = put(), put()
    emulator.post("delete", json={"address": "alice@northwind.example", "id": gone})
    for read in (alice.provider.headers, alice.provider.raw):
        found = list(read([gone, "no-id", kept]))
        assert found[0] == Missing(gone)
        assert isinstance(found[1], Unfetched)
        assert found[1].error.recovery is Recovery.PERMANENT
        assert isinstance(found[2], Seen | Raw)


def test_a_part_that_is_throttled_leaves_the_others_alone(alice: Opened, put: Put, fault: Fault) -> None:
    messages = [put() for _ in range(3)]
    fault(f"*/messages/{messages[1]}", status=429, headers={"Retry-After": "17"}, body="{}")
    first, second, third = alice.provider.raw(messages)
    assert isinstance(first, Raw)
    assert isinstance(third, Raw)
    assert isinstance(second, Unfetched)
    assert (second.error.recovery, second.error.retry_after) == (Recovery.TRANSIENT, 17.0)


def test_after_a_throttled_batch_no_more_is_asked(alice: Opened, put: Put, fault: Fault, log: Log) -> None:
    messages = [put() for _ in range(25)]
    fault("*/messages/*", status=429, times=0, body="{}")
    found = list(alice.provider.raw(messages))
    assert [each.id for each in found if isinstance(each, Unfetched)] == messages
    assert len(log.calls("/batch")) == 1
    assert alice.paid == [400]


def test_a_part_that_failed_inside_gmail_is_tried_again_later(alice: Opened, put: Put, fault: Fault) -> None:
    messages = [put() for _ in range(2)]
    fault(f"*/messages/{messages[0]}", status=503, body="out of order")
    broken, whole = alice.provider.headers(messages)
    assert isinstance(broken, Unfetched)
    assert broken.error.recovery is Recovery.TRANSIENT
    assert isinstance(whole, Seen)


def test_large_mail_is_fetched_alone(alice: Opened, put: Put, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is known once its headers are: memory holds few such at a time."""
    monkeypatch.setattr("providers.gmail.provider._RAW_BYTES", 5000)
    large, *small = put(body="x" * 6000), put(), put()
    list(alice.provider.headers([large, *small]))
    log.clear()
    found = list(alice.provider.raw([small[0], large, small[1]]))
    assert [len(each.content) > 6000 for each in found if isinstance(each, Raw)] == [False, True, False]
    assert len(log.calls("/batch")) == 3


def test_mail_above_the_limit_is_not_asked_for(
    alice: Opened, put: Put, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LARGEST == 50 * 2**20
    monkeypatch.setattr("providers.gmail.provider.LARGEST", 5000)
    huge = put(body="x" * 6000)
    list(alice.provider.headers([huge]))
    (found,) = alice.provider.raw([huge])
    assert isinstance(found, Unfetched)
    assert (found.error.code, found.error.recovery) == ("too-large", Recovery.PERMANENT)
    assert log.bodies() == set()


def test_mail_above_the_limit_is_not_answered_either(alice: Opened, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its size was not known before."""
    monkeypatch.setattr("providers.gmail.provider.LARGEST", 5000)
    (found,) = alice.provider.raw([put(body="x" * 6000)])
    assert isinstance(found, Unfetched)
    assert found.error.code == "too-large"


def test_an_error_of_the_whole_mailbox_comes_after_what_was_had(alice: Opened, put: Put, fault: Fault) -> None:
    messages = [put() for _ in range(2)]
    body = '{"error": {"code": 403, "message": "x", "errors": [{"reason": "domainPolicy"}]}}'
    fault(f"*/messages/{messages[0]}", status=403, body=body)
    reading = alice.provider.headers(messages)
    first = next(reading)
    assert isinstance(first, Seen)
    assert first.id == messages[1]
    assert refused(lambda: next(reading)).needs_reconnect
