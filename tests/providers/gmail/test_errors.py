"""What goes wrong, and what it means (E7): the table by itself, and the whole way over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import base, gmail
from providers.base import Kind, OutOfBudget, ProviderError, Raw, Recovery
from providers.gmail import App, errors
from providers.gmail.provider import GmailProvider
from tests.providers.gmail.conftest import ALICE, SEND, Json, Log, Open, Opened, refused

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
T, P = Recovery.TRANSIENT, Recovery.PERMANENT


def body(status: int, reason: str, message: str = "Something about alice@northwind.example") -> bytes:
    entry = {"message": message, "domain": "global", "reason": reason}
    return json.dumps({"error": {"code": status, "message": message, "errors": [entry]}}).encode()


def meaning(status: int, reason: str, message: str = "x", *, writes: bool = False) -> ProviderError:
    return errors.refusal(status, body(status, reason, message), {}, writes=writes, now=NOW)


@pytest.mark.parametrize(
    ("status", "reason", "kind", "recovery"),
    [
        (400, "invalidArgument", Kind.CODE, P),
        (400, "badRequest", Kind.CODE, P),
        (400, "failedPrecondition", Kind.API, T),
        (401, "authError", Kind.ACCOUNT, P),
        (403, "accessNotConfigured", Kind.CODE, P),
        (403, "rateLimitExceeded", Kind.API, T),
        (403, "userRateLimitExceeded", Kind.API, T),
        (403, "quotaExceeded", Kind.API, T),
        (403, "dailyLimitExceeded", Kind.API, T),
        (403, "domainPolicy", Kind.ACCOUNT, P),
        (403, "delegationDenied", Kind.ACCOUNT, P),
        (403, "forbidden", Kind.ACCOUNT, P),
        (403, "insufficientPermissions", Kind.ACCOUNT, P),
        (403, "somethingNew", Kind.UNKNOWN, T),
        (404, "notFound", Kind.CODE, P),
        (408, "", Kind.API, T),
        (418, "teapot", Kind.UNKNOWN, T),
        (429, "rateLimitExceeded", Kind.API, T),
        (429, "", Kind.API, T),
        (500, "backendError", Kind.API, T),
        (502, "", Kind.API, T),
        (503, "backendError", Kind.API, T),
        (504, "", Kind.API, T),
    ],
)
def test_a_refusal_has_one_meaning(status: int, reason: str, kind: Kind, recovery: Recovery) -> None:
    error = meaning(status, reason)
    assert (error.kind, error.recovery, error.status, error.code) == (kind, recovery, status, reason)


def test_an_account_without_gmail_has_no_inbox() -> None:
    error = meaning(400, "failedPrecondition", "Mail service not enabled")
    assert (error.kind, error.recovery) == (Kind.INBOX, P)


def test_a_missing_scope_stops_writing_only_where_it_was_for_writing() -> None:
    assert meaning(403, "insufficientPermissions", writes=True).kind is Kind.DISABLED
    assert meaning(403, "insufficientPermissions").needs_reconnect


def test_a_reason_may_stand_among_the_details_alone() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    text = json.dumps({"error": {"code": 403, "message": "x", "details": details}}).encode()
    assert errors.refusal(403, text, {}, writes=True).kind is Kind.DISABLED


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "30"}, "", 30.0),
        ({"retry-after": "Sun, 01 Nov 2026 12:01:00 GMT"}, "", 60.0),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "99999999999999"}, "", 86_400.0),
        ({"retry-after": "-5"}, "", None),
        ({}, "User-rate limit exceeded.  Retry after 2026-11-01T12:15:00.500Z", 900.5),
        ({}, "User-rate limit exceeded.  Retry after 2026-11-01T13:15:00+01:00 (Mail sending)", 900.0),
        ({}, "Retry after 2026-11-01T11:00:00Z", 0.0),
        ({}, "Retry after 2026-99-99T11:00:00Z", None),
        ({}, "Retry after a while", None),
    ],
)
def test_a_wait_is_read_wherever_it_stands(headers: dict[str, str], message: str, seconds: float | None) -> None:
    error = errors.refusal(429, body(429, "rateLimitExceeded", message), headers, writes=False, now=NOW)
    assert error.retry_after == seconds


def test_a_quota_of_the_day_comes_back_after_midnight_in_california() -> None:
    wait = meaning(403, "dailyLimitExceeded").retry_after
    assert wait is not None
    assert NOW + timedelta(seconds=wait) == datetime(2026, 11, 2, 8, tzinfo=UTC)


@given(st.integers(100, 999), st.binary(max_size=200) | st.text(max_size=60).map(lambda text: body(400, text, text)))
def test_no_answer_is_too_strange_to_be_an_error(status: int, content: bytes) -> None:
    error = errors.refusal(status, content, {}, writes=False)
    assert error.status == status
    assert error.detail


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_google_wrote_is_repeated_but_a_word(reason: str, message: str) -> None:
    """S2: texts name addresses, and could name worse."""
    error = errors.refusal(400, body(400, f"{reason} x@y", f"SECRET{message}"), {"retry-after": "x"}, writes=False)
    assert "SECRET" not in f"{error}{error.code}{error.request_id}"
    assert "@" not in f"{error}{error.code}"


@pytest.mark.parametrize(
    ("state", "kind", "recovery"),
    [
        ("not-enabled", Kind.INBOX, P),
        ("precondition", Kind.API, T),
        ("domain-policy", Kind.ACCOUNT, P),
        ("not-configured", Kind.CODE, P),
        ("daily-limit", Kind.API, T),
    ],
)
def test_a_mailbox_out_of_reach_says_why(
    alice: Opened, emulator: httpx.Client, state: str, kind: Kind, recovery: Recovery
) -> None:
    emulator.post("knobs", json={"google_mailboxes": {ALICE: state}}).raise_for_status()
    error = refused(alice.provider.begin)
    assert (error.kind, error.recovery) == (kind, recovery)


@pytest.mark.parametrize("text", ["metric", "exhausted", "retry-after"])
def test_a_spent_budget_is_a_wait_in_each_of_its_texts(alice: Opened, emulator: httpx.Client, text: str) -> None:
    emulator.post("knobs", json={"google_refusal": text}).raise_for_status()
    emulator.post("quota", json={"units": 1, "window_ms": 60_000}).raise_for_status()
    alice.provider.begin()
    error = refused(alice.provider.begin)
    assert (error.kind, error.recovery) == (Kind.API, T)
    assert errors.is_throttled(error)
    assert (error.retry_after is not None) == (text == "retry-after")


@pytest.mark.parametrize(
    "failure",
    [
        {"cut_after": -1, "times": 0},
        {"cut_after": 10},
        {"status": 200, "body": "<html>not the API</html>"},
        {"status": 200, "body": "{}"},
        {"status": 200, "body": "[]"},
        {"status": 200, "body": ""},
        {"status": 502, "body": "<html>"},
        {"status": 500, "body": "\x00"},
    ],
)
def test_an_answer_that_breaks_is_worth_another_try(
    alice: Opened, fault: Callable[..., None], emulator: httpx.Client, failure: Json
) -> None:
    fault("/gmail/v1/*", **failure)
    assert refused(alice.provider.begin).recovery is T
    emulator.delete("faults")
    assert alice.provider.begin().done


@pytest.mark.parametrize(
    "failure",
    [
        {"cut_after": 40},
        {"status": 200, "body": "{}"},
        {"status": 200, "body": "--x\r\n\r\n--x--", "headers": {"Content-Type": "multipart/mixed; boundary=x"}},
        {"status": 200, "body": "--x\r\nContent-ID: <a + 1>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n--x--"},
        {"status": 503, "body": ""},
        {"status": 429, "body": "{}"},
    ],
)
def test_a_batch_that_breaks_is_worth_another_try(
    alice: Opened, put: Callable[..., str], fault: Callable[..., None], failure: Json
) -> None:
    message = put()
    fault("/batch", **failure)
    assert refused(lambda: list(alice.provider.raw([message]))).recovery is T
    assert len(list(alice.provider.raw([message]))) == 1


def test_a_part_that_takes_the_connection_along_is_worth_another_try(
    alice: Opened, put: Callable[..., str], fault: Callable[..., None]
) -> None:
    first, second = put(), put()
    fault(f"*/messages/{first}", cut_after=-1, times=0)
    assert refused(lambda: list(alice.provider.raw([second, first]))).code == "network"


def test_nobody_there_is_worth_another_try(app: App, tokens: Callable[..., Json]) -> None:
    nowhere = App(app.client_id, app.client_secret, "http://127.0.0.1:9", "http://127.0.0.1:9")
    mailbox = gmail.open_mailbox(nowhere, gmail.grant_of(app, tokens()), save=print, pace=lambda _: None)
    assert refused(mailbox.begin).code == "network"
    mailbox.close()


def test_no_call_is_repeated_by_itself(alice: Opened, fault: Callable[..., None], log: Log) -> None:
    fault("/gmail/v1/*", status=503, times=0, body="{}")
    refused(alice.provider.begin)
    assert len(log.calls()) == 1


def test_what_cannot_be_paid_is_not_asked(
    app: App, tokens: Callable[..., Json], put: Callable[..., str], log: Log
) -> None:
    """E6."""
    message = put()

    def broke(_units: int) -> None:
        raise OutOfBudget(12.5)

    mailbox = gmail.open_mailbox(app, gmail.grant_of(app, tokens()), save=print, pace=broke)
    for call in (mailbox.begin, lambda: list(mailbox.raw([message])), lambda: list(mailbox.mark([message], "x"))):
        with pytest.raises(OutOfBudget) as caught:
            call()
        assert caught.value.retry_after == 12.5
    assert log.calls() == []
    mailbox.close()


def test_money_that_runs_out_between_batches_leaves_what_was_had(
    app: App, tokens: Callable[..., Json], put: Callable[..., str]
) -> None:
    messages = [put(subject=str(number)) for number in range(21)]
    left = [400]

    def pay(units: int) -> None:
        if units > left[0]:
            raise OutOfBudget(1)
        left[0] -= units

    mailbox = gmail.open_mailbox(app, gmail.grant_of(app, tokens()), save=print, pace=pay)
    reading = mailbox.raw(messages)
    assert [found.seen.id for found in islice(reading, 20) if isinstance(found, Raw)] == messages[:20]
    with pytest.raises(OutOfBudget):
        next(reading)
    mailbox.close()


def test_who_may_only_send_cannot_read(open_as: Open) -> None:
    """R22."""
    assert refused(open_as(SEND).provider.begin).needs_reconnect


def test_it_is_a_provider(alice: Opened) -> None:
    provider: base.Provider = alice.provider
    assert isinstance(provider, GmailProvider)
