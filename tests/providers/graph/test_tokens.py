"""Access tokens: renewed when they run out, saved before they are used, and given up when the grant is (E10)."""

from __future__ import annotations

import pytest

from providers import graph
from providers.base import Kind, ProviderError, Recovery
from providers.graph import errors
from tests.providers.graph.conftest import BOB, Outlook, begun

TOKEN = "*/oauth2/v2.0/token"


def refused(outlook: Outlook, grant: str = "") -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        outlook.open(grant).identity()
    return failed.value


def test_a_good_token_is_used_without_asking(outlook: Outlook) -> None:
    grant = graph.grant_of(outlook.app, outlook.tokens())
    outlook.forget_asked()
    outlook.open(grant).identity()
    assert [each["path"] for each in outlook.asked("")] == ["/graph/v1.0/me"]
    assert outlook.grants == []


def test_an_ended_token_is_renewed_once_and_saved(outlook: Outlook) -> None:
    provider = outlook.open()
    outlook.act("expire-token", address=BOB)
    assert provider.identity().address == BOB
    assert [each["status"] for each in outlook.asked("/graph/v1.0/me")] == [401, 200]
    (saved,) = outlook.grants
    outlook.forget_asked()
    assert outlook.open(saved).identity().address == BOB
    assert outlook.asked("/oauth2/v2.0/token") == []


def test_a_token_that_runs_out_soon_is_renewed_before(outlook: Outlook) -> None:
    outlook.act("knobs", access_token_lifetime_s=200)
    grant = graph.grant_of(outlook.app, outlook.tokens())
    outlook.act("knobs", access_token_lifetime_s=3599)
    assert outlook.open(grant).identity().address == BOB
    assert len(outlook.grants) == 1
    assert {each["status"] for each in outlook.asked("/graph/")} == {200}


def test_a_renewed_grant_is_saved_before_it_is_used(outlook: Outlook) -> None:
    """A worker that is killed in between has lost nothing."""
    grant = graph.grant_of(outlook.app, outlook.tokens())
    outlook.act("expire-token", address=BOB)

    def save(_grant: str) -> None:
        raise KeyboardInterrupt

    provider = graph.open_mailbox(outlook.app, grant, save=save, pace=lambda _units: None)
    with pytest.raises(KeyboardInterrupt):
        provider.identity()
    provider.close()
    assert [each["status"] for each in outlook.asked("/graph/")] == [401]


def test_every_renewal_rotates_the_grant(outlook: Outlook) -> None:
    provider = outlook.open()
    for _ in range(2):
        outlook.act("expire-token", address=BOB)
        provider.identity()
    assert len(set(outlook.grants)) == 2


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (("revoke", {"address": BOB}), "AADSTS50173"),
        (("expire-token", {"address": BOB, "refresh": True}), "AADSTS700082"),
    ],
)
def test_a_grant_that_ended_wants_its_owner(outlook: Outlook, act: tuple[str, dict[str, object]], code: str) -> None:
    """E10."""
    provider = outlook.open()
    outlook.act(act[0], **act[1])
    with pytest.raises(ProviderError) as failed:
        provider.identity()
    assert (failed.value.needs_reconnect, failed.value.code) == (True, code)


@pytest.mark.parametrize(
    ("code", "kind", "recovery"),
    [
        (50057, Kind.ACCOUNT, Recovery.PERMANENT),
        (50034, Kind.ACCOUNT, Recovery.PERMANENT),
        (50076, Kind.ACCOUNT, Recovery.PERMANENT),
        (53003, Kind.ACCOUNT, Recovery.PERMANENT),
        (65001, Kind.ACCOUNT, Recovery.PERMANENT),
        (700016, Kind.CODE, Recovery.PERMANENT),
        (7000215, Kind.CODE, Recovery.PERMANENT),
        (7000222, Kind.CODE, Recovery.PERMANENT),
        (90033, Kind.API, Recovery.TRANSIENT),
        (50196, Kind.API, Recovery.TRANSIENT),
    ],
)
def test_a_refused_renewal_has_its_kind(code: int, kind: Kind, recovery: Recovery) -> None:
    """E7."""
    error = errors.of_entra({"error": "invalid_grant", "error_codes": [code], "trace_id": "t-1"})
    assert (error.kind, error.recovery, error.code, error.request_id) == (kind, recovery, f"AADSTS{code}", "t-1")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("invalid_grant", Kind.ACCOUNT),
        ("interaction_required", Kind.ACCOUNT),
        ("invalid_client", Kind.CODE),
        ("temporarily_unavailable", Kind.API),
        ("whatever", Kind.UNKNOWN),
    ],
)
def test_a_code_that_is_not_known_goes_by_its_word(word: str, kind: Kind) -> None:
    assert errors.of_entra({"error": word, "error_codes": [1]}).kind is kind


def test_a_blocked_account_wants_its_owner(outlook: Outlook) -> None:
    grant = graph.grant_of(outlook.app, outlook.tokens())
    outlook.act("expire-token", address=BOB)
    outlook.act("knobs", aadsts={BOB: "50057"})
    assert refused(outlook, grant).needs_reconnect


def test_a_malformed_grant_gets_one_more_try(outlook: Outlook) -> None:
    """AADSTS70000 is seen in outages, and msal would repeat its first answer for a minute."""
    provider = outlook.open()
    outlook.act("expire-token", address=BOB)
    body = {"error": "invalid_grant", "error_codes": [70000], "error_description": "AADSTS70000: Malformed."}
    outlook.act("faults", path=TOKEN, status=400, body=body, headers={"content-type": "application/json"})
    assert provider.identity().address == BOB


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 429}, {"cut_after": -1}, {"status": 500, "body": "<html>"}]
)
def test_a_log_in_that_is_down_is_no_end(outlook: Outlook, fault: dict[str, object]) -> None:
    provider = outlook.open()
    outlook.act("expire-token", address=BOB)
    outlook.act("faults", path=TOKEN, headers={"Retry-After": "17"} if "status" in fault else {}, **fault)
    with pytest.raises(ProviderError) as failed:
        provider.identity()
    assert (failed.value.kind, failed.value.recovery) == (Kind.API, Recovery.TRANSIENT)
    assert failed.value.retry_after == (17 if "status" in fault else None)
    assert provider.identity().address == BOB


def test_a_token_that_is_refused_even_when_new_wants_the_owner(outlook: Outlook) -> None:
    provider = outlook.open()
    body = {"error": {"code": "InvalidAuthenticationToken", "message": "No.", "innerError": {"request-id": "r-1"}}}
    outlook.act("faults", path="/graph/v1.0/me", times=2, status=401, body=body)
    with pytest.raises(ProviderError) as failed:
        provider.identity()
    assert (failed.value.needs_reconnect, failed.value.request_id) == (True, "r-1")


def test_a_stale_part_of_a_batch_is_asked_again(outlook: Outlook) -> None:
    name = outlook.put("one")
    provider = outlook.open()
    begun(provider)
    body = {"error": {"code": "InvalidAuthenticationToken", "message": "No."}}
    outlook.act("faults", path="/graph/v1.0/me/messages/*", status=401, body=body)
    assert [getattr(item, "headers", None) is not None for item in provider.headers([name])] == [True]


@pytest.mark.parametrize("grant", ["", "{}", "nonsense", '{"cache": 1}', "[]"])
def test_what_never_was_a_grant_is_refused(outlook: Outlook, grant: str) -> None:
    with pytest.raises(ProviderError) as failed:
        graph.open_mailbox(outlook.app, grant, save=outlook.grants.append, pace=lambda _units: None)
    assert failed.value.needs_reconnect


def test_an_unusable_token_pair_makes_no_grant(outlook: Outlook) -> None:
    with pytest.raises(ProviderError) as failed:
        graph.grant_of(outlook.app, {"refresh_token": "nonsense", "scope": "Mail.Read"})
    assert failed.value.needs_reconnect


def test_no_error_tells_a_secret(outlook: Outlook) -> None:
    """S2."""
    tokens = outlook.tokens()
    provider = outlook.open(graph.grant_of(outlook.app, tokens))
    outlook.act("revoke", address=BOB)
    with pytest.raises(ProviderError) as failed:
        provider.identity()
    told = f"{failed.value} {failed.value.detail} {failed.value.code}"
    assert BOB not in told
    assert str(tokens["refresh_token"]) not in told
