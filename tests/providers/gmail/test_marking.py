"""Labels in the mailbox (R42)."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from providers.base import Kind, Missing, Recovery, Unfetched
from tests.providers.gmail.conftest import ALICE, READONLY, Json, Log, Open, Opened, refused

Put = Callable[..., str]


def labels(emulator: httpx.Client, message: str) -> set[str]:
    truth = emulator.get("truth", params={"address": ALICE}).raise_for_status().json()
    named = emulator.get(f"mailboxes/{ALICE}").raise_for_status().json()
    found = next(each for each in truth["messages"] if each["gmail_id"] == message)
    assert named
    return set(found["labels"])


def own(emulator: httpx.Client, message: str) -> set[str]:
    return {label for label in labels(emulator, message) if label.startswith("Label_")}


def test_a_missing_label_is_made_and_put_on(alice: Opened, put: Put, emulator: httpx.Client, log: Log) -> None:
    message = put()
    assert list(alice.provider.mark([message], "Postroom/Stored")) == [message]
    assert len(own(emulator, message)) == 1
    assert len(log.calls("/labels", method="POST")) == 1


def test_a_label_that_is_there_is_used_whatever_its_case(
    alice: Opened, put: Put, emulator: httpx.Client, log: Log
) -> None:
    first, second = put(), put()
    list(alice.provider.mark([first], "Postroom"))
    list(alice.provider.mark([second], "  POSTROOM "))
    assert own(emulator, first) == own(emulator, second)
    assert len(log.calls("/labels", method="POST")) == 1


def test_somebody_who_makes_the_label_first_does_no_harm(
    alice: Opened, put: Put, emulator: httpx.Client, fault: Callable[..., None]
) -> None:
    """The label is made, and yet the answer is a conflict: as if by another worker."""
    message = put()
    body = '{"error": {"code": 409, "message": "Label name exists", "errors": [{"reason": "aborted"}]}}'
    fault("*/labels", method="POST", status=409, body=body, commit=True)
    assert list(alice.provider.mark([message], "Postroom")) == [message]
    assert len(own(emulator, message)) == 1


@pytest.mark.parametrize("name", ["Inbox", "spam", "Sent"])
def test_a_name_of_gmails_own_is_refused(alice: Opened, put: Put, emulator: httpx.Client, name: str) -> None:
    """Putting INBOX on would bring archived mail back."""
    message = put(labels="STARRED")
    error = refused(lambda: list(alice.provider.mark([message], name)))
    assert error.recovery is Recovery.PERMANENT
    assert labels(emulator, message) == {"STARRED"}


def test_a_few_are_marked_one_by_one_and_tell_what_is_gone(
    alice: Opened, put: Put, emulator: httpx.Client, log: Log
) -> None:
    kept, gone = put(), put()
    emulator.post("delete", json={"address": ALICE, "id": gone}).raise_for_status()
    assert list(alice.provider.mark([kept, gone], "Postroom")) == [kept, Missing(gone)]
    assert log.calls("batchModify") == []
    assert log.units == alice.spent


def test_many_are_marked_at_once(alice: Opened, put: Put, emulator: httpx.Client, log: Log) -> None:
    messages = [put(subject=str(number)) for number in range(12)]
    assert list(alice.provider.mark(iter(messages), "Postroom")) == messages
    assert len(own(emulator, messages[-1])) == 1
    assert len(log.calls("batchModify")) == 1
    assert log.calls("/modify") == []
    assert alice.spent == 1 + 5 + 50


def test_more_than_a_thousand_take_more_than_one_call(alice: Opened, put: Put, log: Log) -> None:
    messages = [put(), *(f"{number:x}" for number in range(1, 1100))]
    assert list(alice.provider.mark(messages, "Postroom")) == messages
    assert len(log.calls("batchModify")) == 2


def test_an_id_that_is_none_spoils_nothing(alice: Opened, put: Put) -> None:
    messages = [put(subject=str(number)) for number in range(12)]
    answers = list(alice.provider.mark([*messages, "no-id", "f" * 16], "Postroom"))
    assert answers[2:] == messages
    assert [each.id for each in answers[:2] if isinstance(each, Unfetched)] == ["no-id", "f" * 16]


def test_nothing_to_mark_asks_nothing(alice: Opened, log: Log) -> None:
    assert list(alice.provider.mark([], "Postroom")) == []
    assert log.calls() == []


def test_marking_again_changes_nothing(alice: Opened, put: Put, emulator: httpx.Client) -> None:
    """A worker that was killed after the call marks once more."""
    message = put()
    for _ in range(2):
        assert list(alice.provider.mark([message], "Postroom")) == [message]
    assert len(own(emulator, message)) == 1


@pytest.mark.parametrize("failure", [{"status": 503, "body": "{}"}, {"status": 429, "body": "{}"}])
def test_one_that_fails_leaves_the_others_alone(
    alice: Opened, put: Put, fault: Callable[..., None], failure: Json
) -> None:
    first, second = put(), put()
    fault(f"*/messages/{first}/modify", **failure)
    failed, marked = alice.provider.mark([first, second], "Postroom")
    assert isinstance(failed, Unfetched)
    assert failed.error.recovery is Recovery.TRANSIENT
    assert marked == second


def test_who_may_only_read_has_two_way_sync_disabled(open_as: Open, put: Put) -> None:
    message = put()
    error = refused(lambda: list(open_as(READONLY).provider.mark([message], "Postroom")))
    assert (error.kind, error.recovery) == (Kind.DISABLED, Recovery.PERMANENT)
    assert not error.needs_reconnect


def test_a_scope_that_was_taken_away_in_between_disables_as_well(open_as: Open, alice: Opened, put: Put) -> None:
    """The label is there, so that only the putting on is refused."""
    message = put()
    list(alice.provider.mark([message], "Postroom"))
    error = refused(lambda: list(open_as(READONLY).provider.mark([message], "Postroom")))
    assert error.kind is Kind.DISABLED
