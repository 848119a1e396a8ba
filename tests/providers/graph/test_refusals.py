"""Refusals of Graph have a kind, a recovery and a time (E7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from providers.base import Kind, Provider, ProviderError, Recovery
from providers.graph import errors
from tests.providers.graph.conftest import BOB, Outlook, begun, cycle, subjects

ME = "/graph/v1.0/me"
API, CODE, INBOX, ACCOUNT, DISABLED = Kind.API, Kind.CODE, Kind.INBOX, Kind.ACCOUNT, Kind.DISABLED
T, P = Recovery.TRANSIENT, Recovery.PERMANENT
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def refused(outlook: Outlook, provider: Provider, **fault: object) -> ProviderError:
    outlook.act("faults", path=ME, **fault)
    with pytest.raises(ProviderError) as failed:
        provider.identity()
    return failed.value


@pytest.mark.parametrize(
    ("status", "code", "kind", "recovery"),
    [
        (400, "ErrorInvalidIdMalformed", CODE, P),
        (400, "InefficientFilter", CODE, P),
        (400, "RequestBroker--ParseUri", CODE, P),
        (400, "ValidationError", CODE, P),
        (403, "ErrorAccessDenied", ACCOUNT, P),
        (403, "Authorization_RequestDenied", ACCOUNT, P),
        (403, "ErrorSendAsDenied", DISABLED, P),
        (403, "ErrorQuotaExceeded", API, T),
        (404, "MailboxNotEnabledForRESTAPI", INBOX, P),
        (404, "ResourceNotFound", INBOX, P),
        (405, "BadRequest", CODE, P),
        (409, "Whatever", Kind.UNKNOWN, T),
        (410, "SyncStateNotFound", API, T),
        (412, "ErrorIrresolvableConflict", API, T),
        (415, "BadRequest", CODE, P),
        (423, "Locked", API, T),
        (429, "ApplicationThrottled", API, T),
        (500, "InternalServerError", API, T),
        (502, "BadGateway", API, T),
        (503, "ErrorMailboxMoveInProgress", INBOX, T),
        (503, "ErrorMailboxStoreUnavailable", INBOX, T),
        (504, "UnknownError", API, T),
        (509, "BandwidthLimitExceeded", API, T),
        (599, "Whatever", API, T),
    ],
)
def test_a_refusal_has_its_kind(status: int, code: str, kind: Kind, recovery: Recovery) -> None:
    error = errors.of_graph(status, {}, {"error": {"code": code, "message": "No."}})
    assert (error.kind, error.recovery, error.status, error.code) == (kind, recovery, status, code)


@pytest.mark.parametrize("code", ["ErrorAccessDenied", "Authorization_RequestDenied", "ErrorWhatever"])
def test_a_refused_write_leaves_reading_as_it_was(code: str) -> None:
    error = errors.of_graph(403, {}, {"error": {"code": code}}, writes=True)
    assert (error.kind, error.recovery) == (DISABLED, P)


def test_a_refusal_says_what_support_asks_for_and_no_more(outlook: Outlook, bob: Provider) -> None:
    """S2."""
    body = {"error": {"code": "Locked", "message": f"No, {BOB}.", "innerError": {"request-id": "r-1", "date": "x"}}}
    error = refused(outlook, bob, status=423, body=body)
    assert (error.kind, error.status, error.code, error.request_id) == (API, 423, "Locked", "r-1")
    assert BOB not in str(error)


def test_a_400_without_a_body_is_an_outage(outlook: Outlook, bob: Provider) -> None:
    assert refused(outlook, bob, status=400).recovery is T


def test_a_page_of_html_is_no_reason(outlook: Outlook, bob: Provider) -> None:
    error = refused(outlook, bob, status=503, body="<html>Sorry</html>", headers={"request-id": "r-2"})
    assert (error.kind, error.recovery, error.request_id) == (API, T, "r-2")


@pytest.mark.parametrize(
    "fault", [{"cut_after": -1}, {"cut_after": 5}, {"status": 200, "body": "<html>"}, {"status": 200, "body": []}]
)
def test_half_an_answer_is_none(outlook: Outlook, bob: Provider, fault: dict[str, object]) -> None:
    error = refused(outlook, bob, **fault)
    assert (error.kind, error.recovery) == (API, T)
    assert bob.identity().address == BOB


def test_an_answer_may_say_how_long_to_wait(outlook: Outlook, bob: Provider) -> None:
    error = refused(outlook, bob, status=429, headers={"Retry-After": "7"})
    assert (error.retry_after, error.needs_reconnect) == (7, False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 1.5 ", 1.5),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 00:01:00 -0000", 60),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("999999", 3600),
        ("99999999999999999999", None),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert errors.seconds(value, now=NOW) == seconds


def test_a_link_to_another_host_gets_no_token(outlook: Outlook, bob: Provider) -> None:
    """S2: whatever an answer says."""
    cursor = begun(bob)
    body = {"value": [], "@odata.deltaLink": "http://127.0.0.1:9/graph/v1.0/me/mailFolders/delta?$deltatoken=x"}
    outlook.act("faults", path="/graph/v1.0/me/mailfolders/delta", status=200, body=body)
    _, cursor, _ = cycle(bob, cursor)
    with pytest.raises(ProviderError) as failed:
        cycle(bob, cursor)
    assert failed.value.code == "strange-link"


def test_an_answer_that_leads_elsewhere_is_not_followed(outlook: Outlook, bob: Provider) -> None:
    error = refused(outlook, bob, status=302, headers={"Location": "http://127.0.0.1:9/"})
    assert error.status == 302


def test_a_batch_that_forgets_a_part_loses_nothing(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.put("one")
    body = {"responses": [{"id": "7", "status": 200, "body": {}}, {"id": "0"}, 7]}
    outlook.act("faults", path="/graph/v1.0/$batch", status=200, body=body)
    with pytest.raises(ProviderError) as failed:
        cycle(bob, cursor)
    assert failed.value.recovery is T
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


def test_items_that_are_none_are_passed_over(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    inbox = outlook.hand("GET", "/me/mailFolders/inbox")["id"]
    value: list[object] = [
        None,
        7,
        [],
        {},
        {"id": 3},
        {"id": "AA==", "from": [], "toRecipients": 7, "ccRecipients": {}},
    ]
    path = f"/graph/v1.0/me/mailfolders('{inbox}')/messages/delta"
    outlook.act("faults", path=path, status=200, body={"value": value})
    items, cursor, _ = cycle(bob, cursor)
    assert [item.id for item in items] == ["AA=="]
    outlook.put("one")
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


def test_a_full_mailbox_says_so(outlook: Outlook, bob: Provider) -> None:
    cursor = begun(bob)
    outlook.act("knobs", graph_mailboxes={BOB: "full"})
    with pytest.raises(ProviderError, match="full") as failed:
        cycle(bob, cursor)
    assert (failed.value.kind, failed.value.recovery) == (API, T)


@pytest.mark.parametrize(
    ("state", "recovery"), [("not-enabled", P), ("soft-deleted", P), ("moving", T), ("unavailable", T)]
)
def test_a_mailbox_can_be_out_of_reach(outlook: Outlook, bob: Provider, state: str, recovery: Recovery) -> None:
    cursor = begun(bob)
    outlook.act("knobs", graph_mailboxes={BOB: state})
    with pytest.raises(ProviderError) as failed:
        cycle(bob, cursor)
    assert (failed.value.kind, failed.value.recovery) == (INBOX, recovery)
    outlook.act("knobs", graph_mailboxes={})
    outlook.put("one")
    assert subjects(cycle(bob, cursor)[0]) == ["one"]


def test_sending_alone_reads_nothing(outlook: Outlook) -> None:
    """R22."""
    with pytest.raises(ProviderError) as failed:
        outlook.open(scopes="User.Read Mail.Send").begin()
    assert (failed.value.kind, failed.value.recovery) == (ACCOUNT, P)
