"""Codes, tokens, revocation and identity, with google-auth-oauthlib as the client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2 import id_token
from google_auth_oauthlib.flow import Flow

from tests.emulator.google.conftest import ALICE, AUTH, BOB, CLIENT, SECRET, Gmail, Json, Sign

CALLBACK = "http://localhost:8000/callback"
SCOPES = ["openid", f"{AUTH}userinfo.email", f"{AUTH}gmail.modify"]
VERIFIER = "v" * 50


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def door(emulator_url: str, emulator: httpx.Client) -> Iterator[httpx.Client]:
    """Google's log-in, for a browser and for a program alike."""
    with httpx.Client(base_url=emulator_url, verify=False) as client:
        yield client


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def flow(url: str, scopes: list[str] = SCOPES) -> Flow:
    config = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "auth_uri": f"{url}/o/oauth2/v2/auth",
        "token_uri": f"{url}/token",
    }
    return Flow.from_client_config({"web": config}, scopes=scopes, redirect_uri=CALLBACK)


def consent(door: httpx.Client, url: str, account: str = ALICE) -> str:
    """Allow everything on the page; the address that the browser is sent to."""
    shown = door.get(url)
    scopes = re.findall(r'name="scope" value="([^"]+)"', shown.text)
    answer = door.post(url, data={"decision": "allow", "account": account, "scope": scopes})
    return str(answer.headers["location"])


def code_for(door: httpx.Client, **changed: str) -> str:
    query = {
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": f"{AUTH}gmail.modify",
        "access_type": "offline",
        **changed,
    }
    place = consent(door, str(httpx.URL(f"{door.base_url}/o/oauth2/v2/auth", params=query)))
    return parse_qs(urlsplit(place).query)["code"][0]


def exchange(door: httpx.Client, code: str, /, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": CLIENT,
        "client_secret": SECRET,
        **changed,
    }
    return door.post("/token", data={name: value for name, value in form.items() if value})


def refresh(door: httpx.Client, token: str, **changed: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT, "client_secret": SECRET}
    return door.post("/token", data={**form, **changed})


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["error"], answer.json().get("error_description", "")


@pytest.mark.parametrize("in_form", [True, False])
def test_the_whole_way_with_googles_library(
    door: httpx.Client, emulator_url: str, session: requests.Session, in_form: bool
) -> None:
    way = flow(emulator_url)
    url, state = way.authorization_url(access_type="offline", prompt="consent", login_hint=ALICE)
    place = consent(door, url)
    assert parse_qs(urlsplit(place).query)["state"] == [state]
    way.fetch_token(authorization_response=place, include_client_id=in_form)
    way.oauth2session.close()
    headers = {"authorization": f"Bearer {way.credentials.token}"}
    info = door.get("/v1/userinfo", headers=headers).json()
    assert info["email"] == ALICE
    assert way.credentials.refresh_token


def test_a_token_answer_has_what_google_sends(door: httpx.Client) -> None:
    answer = exchange(door, code_for(door)).json()
    assert answer.keys() == {"access_token", "expires_in", "scope", "token_type", "refresh_token"}
    assert (answer["expires_in"], answer["token_type"]) == (3599, "Bearer")
    assert answer["scope"] == f"{AUTH}gmail.modify"


@pytest.mark.parametrize("path", ["/token", "/o/oauth2/token", "/oauth2/v4/token"])
def test_every_token_address_answers(door: httpx.Client, path: str) -> None:
    assert error_of(door.post(path, data={"grant_type": "magic"}))[1] == "unsupported_grant_type"


def test_without_offline_access_there_is_no_refresh_token(door: httpx.Client) -> None:
    assert "refresh_token" not in exchange(door, code_for(door, access_type="online")).json()


def test_a_refresh_token_comes_once_unless_consent_is_asked_for(door: httpx.Client) -> None:
    assert "refresh_token" in exchange(door, code_for(door)).json()
    assert "refresh_token" not in exchange(door, code_for(door)).json()
    assert "refresh_token" in exchange(door, code_for(door, prompt="consent")).json()


def test_after_a_revocation_consent_counts_as_the_first_again(door: httpx.Client) -> None:
    first = exchange(door, code_for(door)).json()
    door.post("/revoke", data={"token": first["access_token"]}).raise_for_status()
    assert "refresh_token" in exchange(door, code_for(door)).json()


def test_granted_scopes_are_included_where_asked(door: httpx.Client) -> None:
    exchange(door, code_for(door, scope=f"{AUTH}gmail.readonly"))
    alone = exchange(door, code_for(door, scope=f"{AUTH}gmail.send")).json()
    both = exchange(door, code_for(door, scope=f"{AUTH}gmail.send", include_granted_scopes="true")).json()
    assert alone["scope"] == f"{AUTH}gmail.send"
    assert set(both["scope"].split()) == {f"{AUTH}gmail.readonly", f"{AUTH}gmail.send"}


def test_a_code_works_once_and_a_second_try_ends_its_tokens(door: httpx.Client) -> None:
    code = code_for(door)
    first = exchange(door, code).json()
    assert error_of(exchange(door, code)) == (400, "invalid_grant", "Bad Request")
    assert refresh(door, first["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"code": "4/0unknown"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code": ""}, (400, "invalid_request", "Missing required parameter: code")),
        ({"redirect_uri": "http://localhost:8000/other"}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"client_id": "unknown"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"client_secret": "wrong"}, (401, "invalid_client", "Unauthorized")),
        ({"client_secret": ""}, (400, "invalid_request", "client_secret is missing.")),
        ({"client_id": ""}, (400, "invalid_request", "Could not determine client ID from request.")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", "Invalid grant_type: password")),
        ({"code_verifier": VERIFIER}, (400, "invalid_grant", "Invalid code verifier.")),
    ],
)
def test_an_exchange_that_is_wrong(door: httpx.Client, changed: dict[str, str], refusal: tuple[int, str, str]) -> None:
    assert error_of(exchange(door, code_for(door), **changed)) == refusal


@pytest.mark.parametrize(
    ("verifier", "description"), [("", "Missing code verifier."), ("w" * 50, "Invalid code verifier.")]
)
def test_a_challenge_wants_its_verifier(door: httpx.Client, verifier: str, description: str) -> None:
    code = code_for(door, code_challenge=VERIFIER, code_challenge_method="plain")
    assert error_of(exchange(door, code, code_verifier=verifier)) == (400, "invalid_grant", description)
    assert exchange(door, code, code_verifier=VERIFIER).status_code == 200


def test_a_code_ends_after_ten_minutes(door: httpx.Client, emulator: httpx.Client) -> None:
    code = code_for(door)
    emulator.post("clock", json={"advance_ms": 600_000}).raise_for_status()
    assert error_of(exchange(door, code))[1] == "invalid_grant"


def test_a_code_is_for_the_client_that_asked(door: httpx.Client, emulator: httpx.Client) -> None:
    emulator.post("google/clients", json={"client_id": "other", "secret": "s"}).raise_for_status()
    refusal = error_of(exchange(door, code_for(door), client_id="other", client_secret="s"))
    assert refusal == (401, "unauthorized_client", "Unauthorized")


@pytest.mark.parametrize("credentials", ["Basic !!!", "Basic YTpi"])
def test_wrong_basic_credentials_are_refused(door: httpx.Client, credentials: str) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = door.post("/token", data=form, headers={"authorization": credentials})
    assert error_of(answer)[:2] == (401, "invalid_client")


def test_a_refresh_answers_no_refresh_token(door: httpx.Client) -> None:
    first = exchange(door, code_for(door)).json()
    again = refresh(door, first["refresh_token"]).json()
    assert again.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert again["access_token"] != first["access_token"]


def test_a_refresh_may_ask_for_less_but_not_for_more(door: httpx.Client) -> None:
    token = exchange(door, code_for(door, scope=f"{AUTH}gmail.readonly {AUTH}gmail.send")).json()["refresh_token"]
    assert refresh(door, token, scope=f"{AUTH}gmail.send").json()["scope"] == f"{AUTH}gmail.send"
    assert error_of(refresh(door, token, scope=f"{AUTH}gmail.modify"))[:2] == (400, "invalid_scope")


@pytest.mark.parametrize(
    "ending",
    [("revoke", {"address": ALICE}), ("expire-token", {"address": ALICE, "refresh": True})],
)
def test_a_dead_refresh_token_is_an_invalid_grant(
    door: httpx.Client, emulator: httpx.Client, ending: tuple[str, Json]
) -> None:
    token = exchange(door, code_for(door)).json()["refresh_token"]
    emulator.post(ending[0], json=ending[1]).raise_for_status()
    assert error_of(refresh(door, token)) == (400, "invalid_grant", "Token has been expired or revoked.")


def test_googles_library_reads_a_dead_grant(alice: Gmail, emulator: httpx.Client, session: requests.Session) -> None:
    emulator.post("revoke", json={"address": ALICE}).raise_for_status()
    with pytest.raises(RefreshError) as caught:
        alice.credentials.refresh(GoogleRequest(session))  # type: ignore[no-untyped-call]  # The library has none.
    assert caught.value.args[1]["error"] == "invalid_grant"
    assert not caught.value.retryable


def test_an_unknown_refresh_token_is_an_invalid_grant(door: httpx.Client) -> None:
    assert error_of(refresh(door, "1//0unknown")) == (400, "invalid_grant", "Bad Request")


def test_a_hundred_and_first_refresh_token_ends_the_first(door: httpx.Client, emulator: httpx.Client) -> None:
    asked = {"address": ALICE, "provider": "google", "scopes": "openid", "client_id": CLIENT}
    tokens = [emulator.post("tokens", json=asked).json()["refresh_token"] for _ in range(101)]
    assert error_of(refresh(door, tokens[0]))[1] == "invalid_grant"
    assert refresh(door, tokens[1]).status_code == 200


def test_a_grant_may_end_by_itself(door: httpx.Client, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"google_refresh_lifetime_s": 604_800}).raise_for_status()
    emulator.post("clock", json={"frozen": True}).raise_for_status()
    answer = exchange(door, code_for(door)).json()
    assert answer["refresh_token_expires_in"] == 604_800
    emulator.post("clock", json={"advance_ms": 604_800_000}).raise_for_status()
    assert error_of(refresh(door, answer["refresh_token"]))[1] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("place", ["params", "data"])
def test_revoking_any_token_ends_them_all(door: httpx.Client, kind: str, place: str) -> None:
    answer = exchange(door, code_for(door)).json()
    values: dict[str, Any] = {place: {"token": answer[kind]}}
    revoked = door.post("/revoke", **values)
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert error_of(refresh(door, answer["refresh_token"]))[1] == "invalid_grant"
    headers = {"authorization": f"Bearer {answer['access_token']}"}
    assert door.get("/gmail/v1/users/me/profile", headers=headers).status_code == 401
    assert error_of(door.post("/revoke", **values))[:2] == (400, "invalid_token")


@pytest.mark.parametrize(("form", "error"), [({"token": "x"}, "invalid_token"), ({}, "invalid_request")])
def test_an_unknown_token_cannot_be_revoked(door: httpx.Client, form: Json, error: str) -> None:
    assert error_of(door.post("/revoke", data=form))[:2] == (400, error)


def test_an_id_token_is_signed_and_says_who(
    door: httpx.Client, emulator_url: str, session: requests.Session, emulator: httpx.Client
) -> None:
    emulator.put(f"google/accounts/{ALICE}", json={"name": "Alice Northwind"}).raise_for_status()
    answer = exchange(door, code_for(door, scope="openid email profile", nonce="n1")).json()
    for certificates in ("/oauth2/v1/certs", "/oauth2/v3/certs"):
        claims = id_token.verify_token(
            answer["id_token"],
            GoogleRequest(session),
            audience=CLIENT,
            certs_url=emulator_url + certificates,
            clock_skew_in_seconds=5,
        )
        assert (claims["iss"], claims["nonce"]) == ("https://accounts.google.com", "n1")
        assert (claims["email"], claims["email_verified"], claims["name"]) == (ALICE, True, "Alice Northwind")


def test_email_is_answered_in_googles_spelling(door: httpx.Client) -> None:
    assert exchange(door, code_for(door, scope="email")).json()["scope"] == f"{AUTH}userinfo.email"


@pytest.mark.parametrize("path", ["/v1/userinfo", "/oauth2/v3/userinfo", "/oauth2/v2/userinfo"])
def test_userinfo_says_who(sign_in: Sign, path: str) -> None:
    answer = sign_in(ALICE, "openid", f"{AUTH}userinfo.email").http.get(path).json()
    assert answer["email"] == ALICE
    assert ("id" in answer) == ("/v2/" in path)


def test_userinfo_needs_a_token_that_works_and_may(sign_in: Sign, door: httpx.Client) -> None:
    assert door.get("/v1/userinfo").status_code == 401
    assert sign_in(ALICE, f"{AUTH}gmail.send").http.get("/v1/userinfo").status_code == 403


def test_a_person_is_the_same_for_ever_and_nobody_else(sign_in: Sign) -> None:
    subjects = [sign_in(who, "openid").http.get("/v1/userinfo").json()["sub"] for who in (ALICE, ALICE, BOB)]
    assert subjects[0] == subjects[1] != subjects[2]


def test_the_configuration_names_addresses_that_answer(door: httpx.Client, emulator_url: str) -> None:
    names = door.get("/.well-known/openid-configuration").json()
    assert door.get(names["jwks_uri"]).json()["keys"]
    assert door.post(names["token_endpoint"]).status_code == 400
    assert names["authorization_endpoint"] == f"{emulator_url}/o/oauth2/v2/auth"


def test_an_expired_access_token_is_refreshed_by_the_client(alice: Gmail, emulator: httpx.Client) -> None:
    before = alice.credentials.token
    emulator.post("expire-token", json={"address": ALICE}).raise_for_status()
    assert alice.api.getProfile(userId="me").execute()["emailAddress"] == ALICE
    assert alice.credentials.token != before


def test_a_policy_that_wants_a_new_log_in_can_be_played(
    alice: Gmail, emulator: httpx.Client, session: requests.Session
) -> None:
    body = {"error": "invalid_grant", "error_description": "reauth related error", "error_subtype": "invalid_rapt"}
    emulator.post("faults", json={"path": "/token", "status": 400, "body": body}).raise_for_status()
    with pytest.raises(RefreshError) as caught:
        alice.credentials.refresh(GoogleRequest(session))  # type: ignore[no-untyped-call]  # The library has none.
    assert "Reauthentication is needed" in str(caught.value)
