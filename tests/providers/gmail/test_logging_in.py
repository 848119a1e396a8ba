"""OAuth at Google (S4): PKCE, state, nonce, unticked scopes, and the ways in which it ends without a grant."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from providers import gmail
from providers.base import Kind, LoginRefused, Recovery, Right, Started
from providers.gmail import App
from tests.providers.gmail.conftest import ALICE, MODIFY, READONLY, SEND, Log, refused

BACK = "https://postroom.example/email/connect/google/"
Answer = dict[str, str]
Visit = Callable[..., Answer]


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, verify=False) as client:
        yield client


@pytest.fixture
def visit(browser: httpx.Client) -> Visit:
    """A person goes to the log-in page and decides; answers what comes back to us."""

    def decide(started: Started, *ticked: str, decision: str = "allow", account: str = ALICE) -> Answer:
        assert browser.get(started.url).status_code == 200
        form = {"decision": decision, "account": "other", "address": account, "scope": list(ticked)}
        answer = browser.post(started.url, data=form)
        assert answer.status_code == 303
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    return decide


@pytest.fixture
def begun(app: App, emulator: httpx.Client) -> Started:
    return gmail.login(app).start(redirect_uri=BACK, rights=frozenset({Right.READ, Right.SEND}), hint=ALICE)


def asked(started: Started) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(started.url).query).items()}


def test_the_page_is_asked_for_a_lasting_permission_with_pkce(app: App, begun: Started) -> None:
    assert begun.url.startswith(f"{app.oauth_root}/o/oauth2/v2/auth?")
    query = asked(begun)
    assert query["redirect_uri"] == BACK
    assert (query["access_type"], query["prompt"], query["include_granted_scopes"]) == ("offline", "consent", "true")
    assert query["code_challenge_method"] == "S256"
    assert query["login_hint"] == ALICE
    assert str(begun.state["verifier"]) not in begun.url
    assert json.loads(json.dumps(begun.state)) == begun.state


@pytest.mark.parametrize(
    ("rights", "scopes"),
    [
        ({Right.READ}, {READONLY}),
        ({Right.SEND}, {SEND}),
        ({Right.READ, Right.SEND}, {READONLY, SEND}),
        ({Right.READ, Right.SEND, Right.LABEL}, {MODIFY}),
        (set(), set()),
    ],
)
def test_the_fewest_scopes_are_asked_for(app: App, rights: set[Right], scopes: set[str]) -> None:
    started = gmail.login(app).start(redirect_uri=BACK, rights=frozenset(rights))
    assert set(asked(started)["scope"].split()) == {"openid", "email", "profile"} | scopes


def test_real_addresses_are_googles() -> None:
    started = gmail.login(App("client", "secret")).start(redirect_uri=BACK, rights=frozenset({Right.READ}))
    assert started.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert App("client", "secret").token_url == "https://oauth2.googleapis.com/token"
    assert App("client", "secret").revoke_url == "https://oauth2.googleapis.com/revoke"
    assert App("client", "secret").userinfo_url == "https://openidconnect.googleapis.com/v1/userinfo"
    assert App("client", "secret").certificates_url == "https://www.googleapis.com/oauth2/v1/certs"
    assert "secret" not in repr(App("client", "secret")).replace("client_secret", "")


def test_a_log_in_gives_a_grant_that_reads(app: App, begun: Started, visit: Visit) -> None:
    granted = gmail.login(app).finish(state=begun.state, answer=visit(begun, READONLY, SEND))
    assert (granted.address, granted.name) == (ALICE, "Alice")
    assert granted.rights == {Right.READ, Right.SEND}
    mailbox = gmail.open_mailbox(app, granted.grant, save=print, pace=lambda _: None)
    assert mailbox.identity().address == ALICE
    mailbox.close()


def test_a_scope_that_was_unticked_is_a_right_less(app: App, begun: Started, visit: Visit) -> None:
    granted = gmail.login(app).finish(state=begun.state, answer=visit(begun, SEND))
    assert granted.rights == {Right.SEND}


def test_what_was_allowed_before_still_is(app: App, begun: Started, visit: Visit) -> None:
    login = gmail.login(app)
    login.finish(state=begun.state, answer=visit(begun, READONLY, SEND))
    more = login.start(redirect_uri=BACK, rights=frozenset({Right.LABEL}))
    assert login.finish(state=more.state, answer=visit(more, MODIFY)).rights == set(Right)


def test_no_environment_variable_is_set_for_it(app: App, begun: Started, visit: Visit) -> None:
    before = dict(os.environ)
    gmail.login(app).finish(state=begun.state, answer=visit(begun, SEND))
    assert dict(os.environ) == before
    assert not any(name.startswith("OAUTHLIB") for name in os.environ)


def test_who_says_no_is_told_that_nothing_was_connected(app: App, begun: Started, visit: Visit) -> None:
    with pytest.raises(LoginRefused) as caught:
        gmail.login(app).finish(state=begun.state, answer=visit(begun, decision="deny"))
    assert caught.value.was_declined


@pytest.mark.parametrize("state", ["", "another", "ärger", None])
def test_an_answer_to_another_session_is_refused(
    app: App, begun: Started, visit: Visit, log: Log, state: str | None
) -> None:
    answer = visit(begun, READONLY)
    answer.pop("state")
    if state is not None:
        answer["state"] = state
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state=begun.state, answer=answer)
    assert log.calls("/token") == []


def test_a_session_without_a_log_in_under_way_is_refused(app: App, begun: Started, visit: Visit) -> None:
    answer = visit(begun, READONLY) | {"state": ""}
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state={}, answer=answer)


def test_a_code_that_somebody_else_caught_is_worth_nothing(app: App, begun: Started, visit: Visit) -> None:
    """PKCE: without the session's verifier there is no token."""
    stolen = visit(begun, READONLY)
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state={**begun.state, "verifier": "x" * 64}, answer=stolen)


def test_an_id_token_of_another_log_in_is_refused(app: App, begun: Started, visit: Visit) -> None:
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state={**begun.state, "nonce": "another"}, answer=visit(begun, READONLY))


def test_a_code_twice_is_refused(app: App, begun: Started, visit: Visit) -> None:
    answer = visit(begun, READONLY)
    gmail.login(app).finish(state=begun.state, answer=answer)
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state=begun.state, answer=answer)


def test_a_policy_of_the_domain_is_named(
    app: App, begun: Started, emulator: httpx.Client, browser: httpx.Client
) -> None:
    emulator.post("knobs", json={"google_login_error": "admin_policy_enforced"}).raise_for_status()
    back = browser.get(begun.url).headers["location"]
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    with pytest.raises(LoginRefused, match="administrator") as caught:
        gmail.login(app).finish(state=begun.state, answer=answer)
    assert not caught.value.was_declined


def test_an_unknown_error_repeats_nothing_of_the_address_line(app: App, begun: Started) -> None:
    answer = {"state": str(begun.state["state"]), "error": "<script>"}
    with pytest.raises(LoginRefused) as caught:
        gmail.login(app).finish(state=begun.state, answer=answer)
    assert "<" not in str(caught.value)


def test_a_wrong_secret_is_our_error_and_not_the_persons(app: App, begun: Started, visit: Visit) -> None:
    wrong = App(app.client_id, "wrong", app.api_root, app.oauth_root)
    answer = visit(begun, READONLY)
    error = refused(lambda: gmail.login(wrong).finish(state=begun.state, answer=answer))
    assert (error.kind, error.recovery, error.code) == (Kind.CODE, Recovery.PERMANENT, "invalid_client")


@pytest.mark.parametrize(
    "failure", [{"status": 503, "body": "<html>"}, {"status": 200, "body": "<html>"}, {"cut_after": 5}, {"status": 429}]
)
def test_a_token_endpoint_that_fails_is_worth_another_try(
    app: App, begun: Started, visit: Visit, fault: Callable[..., None], failure: dict[str, object]
) -> None:
    answer = visit(begun, READONLY)
    fault("/token", **failure)
    error = refused(lambda: gmail.login(app).finish(state=begun.state, answer=answer))
    assert error.recovery is Recovery.TRANSIENT


def test_without_a_refresh_token_there_is_no_grant(
    app: App, begun: Started, visit: Visit, fault: Callable[..., None]
) -> None:
    answer = visit(begun, READONLY)
    fault("/token", status=200, body='{"access_token": "a", "token_type": "Bearer", "expires_in": 3599}')
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state=begun.state, answer=answer)


@pytest.mark.parametrize("change", ["symmetric", "unsigned", "missing"])
def test_an_id_token_must_be_signed(
    app: App, begun: Started, visit: Visit, fault: Callable[..., None], change: str
) -> None:
    answer = visit(begun, READONLY)
    body = {"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "id_token": forged(app, begun, change)}
    fault("/token", status=200, body=json.dumps(body))
    with pytest.raises(LoginRefused):
        gmail.login(app).finish(state=begun.state, answer=answer)


def forged(app: App, begun: Started, change: str) -> str:
    claims = {
        "iss": "https://accounts.google.com",
        "aud": app.client_id,
        "email": ALICE,
        "email_verified": True,
        "nonce": begun.state["nonce"],
        "iat": 1,
        "exp": 1 << 40,
    }
    match change:
        case "symmetric":
            return jwt.encode(claims, "s" * 32, algorithm="HS256")
        case "unsigned":
            return jwt.encode(claims, "", algorithm="none")
        case _:
            return ""


def test_a_revoked_grant_ends_for_google_too(app: App, begun: Started, visit: Visit) -> None:
    login = gmail.login(app)
    granted = login.finish(state=begun.state, answer=visit(begun, READONLY))
    login.revoke(granted.grant)
    mailbox = gmail.open_mailbox(app, granted.grant, save=print, pace=lambda _: None)
    assert refused(mailbox.identity).needs_reconnect
    mailbox.close()
    login.revoke(granted.grant)


def test_a_revocation_that_fails_says_so(app: App, begun: Started, visit: Visit, fault: Callable[..., None]) -> None:
    login = gmail.login(app)
    granted = login.finish(state=begun.state, answer=visit(begun, READONLY))
    fault("/revoke", status=503)
    assert refused(lambda: login.revoke(granted.grant)).recovery is Recovery.TRANSIENT
    fault("/revoke", cut_after=-1)
    assert refused(lambda: login.revoke(granted.grant)).code == "network"


def test_a_grant_has_no_client_secret_in_it(app: App, begun: Started, visit: Visit) -> None:
    granted = gmail.login(app).finish(state=begun.state, answer=visit(begun, READONLY))
    assert app.client_secret not in granted.grant
