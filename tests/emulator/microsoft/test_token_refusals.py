"""The token endpoint on the wire: its bodies, statuses and codes."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlencode

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, Json
from tests.emulator.microsoft.person import Person

BACK = "http://localhost:8000/back"
SCOPE = "openid offline_access Mail.Read"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CLIENT = {"client_id": "postroom-demo", "client_secret": "demo-secret"}
Redeem = Callable[..., httpx.Response]


@pytest.fixture
def token_url(emulator: httpx.Client, emulator_url: str) -> str:
    emulator.put(f"mailboxes/{BOB}", json={"provider": "microsoft"})
    return f"{emulator_url}/common/oauth2/v2.0/token"


@pytest.fixture
def redeem(token_url: str, person: Person) -> Redeem:
    """Logs in and turns the code in, with fields replaced or, by None, left out."""
    query = {"client_id": "postroom-demo", "response_type": "code", "redirect_uri": BACK, "scope": SCOPE}
    query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "nonce": "n1"}
    code = person.decide(f"{token_url.replace('token', 'authorize')}?{urlencode(query)}")["code"]

    def turn_in(**changes: str | None) -> httpx.Response:
        fields: dict[str, str | None] = {
            **CLIENT,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "scope": SCOPE,
            **changes,
        }
        return httpx.post(token_url, data={name: value for name, value in fields.items() if value is not None})

    return turn_in


def refused(answer: httpx.Response) -> tuple[int, str, int]:
    """Status, error and code, after a look at the shape."""
    body = answer.json()
    code = body["error_codes"][0]
    assert {"timestamp", "trace_id", "correlation_id"} <= body.keys()
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert f"Trace ID: {body['trace_id']}" in body["error_description"]
    assert body["error_uri"].endswith(f"/error?code={code}")
    return answer.status_code, body["error"], code


def test_a_code_gives_a_pair_of_tokens(redeem: Redeem) -> None:
    body: Json = redeem().json()
    assert (body["token_type"], body["expires_in"], body["ext_expires_in"]) == ("Bearer", 3599, 3599)
    assert {"access_token", "refresh_token", "id_token"} <= body.keys()
    assert "client_info" not in body
    assert "offline_access" not in body["scope"]


def test_without_offline_access_there_is_nothing_to_refresh(token_url: str, person: Person) -> None:
    query = {"client_id": "postroom-demo", "response_type": "code", "redirect_uri": BACK, "scope": "Mail.Read"}
    code = person.decide(f"{token_url.replace('token', 'authorize')}?{urlencode(query)}")["code"]
    fields = {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    body = httpx.post(token_url, data=fields).json()
    assert not {"refresh_token", "id_token"} & body.keys()


def test_a_code_works_once_and_takes_its_tokens_along(redeem: Redeem, emulator_url: str) -> None:
    token = redeem().json()["access_token"]
    assert refused(redeem()) == (400, "invalid_grant", 54005)
    answer = httpx.get(f"{emulator_url}/graph/v1.0/me/messages", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_code_runs_out(redeem: Redeem, emulator: httpx.Client) -> None:
    emulator.post("clock", json={"advance_ms": 601_000})
    assert refused(redeem()) == (400, "invalid_grant", 70008)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": "garbage"}, (400, "invalid_grant", 70000)),
        ({"code": None}, (400, "invalid_request", 900144)),
        ({"code_verifier": "w" * 43}, (400, "invalid_grant", 501481)),
        ({"code_verifier": None}, (400, "invalid_grant", 501481)),
        ({"redirect_uri": f"{BACK}/"}, (401, "invalid_client", 500112)),
        ({"client_id": "unknown"}, (400, "unauthorized_client", 700016)),
        ({"client_id": None}, (400, "invalid_request", 900144)),
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": None}, (401, "invalid_client", 7000218)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
        ({"grant_type": None}, (400, "invalid_request", 900144)),
        ({"scope": "Mail.Send"}, (400, "invalid_grant", 65001)),
        ({"scope": "Mail.Nonsense"}, (400, "invalid_scope", 70011)),
    ],
)
def test_a_wrong_request_is_refused_by_its_code(
    redeem: Redeem, changes: dict[str, str | None], refusal: tuple[int, str, int]
) -> None:
    assert refused(redeem(**changes)) == refusal


def test_an_expired_secret_and_an_outage_can_be_ordered(redeem: Redeem, knobs: Callable[..., None]) -> None:
    knobs(aadsts={"postroom-demo": "7000222"})
    assert refused(redeem()) == (401, "invalid_client", 7000222)
    knobs(aadsts={BOB: "90033"})
    assert refused(redeem()) == (503, "temporarily_unavailable", 90033)


def test_the_secret_may_come_by_http_basic(redeem: Redeem, token_url: str) -> None:
    refresh = redeem().json()["refresh_token"]
    basic = b64encode(b"postroom-demo:demo-secret").decode()
    fields = {"grant_type": "refresh_token", "refresh_token": refresh}
    assert httpx.post(token_url, data=fields, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert refused(httpx.post(token_url, data=fields, headers={"Authorization": "Basic %%%"}))[2] == 900144


def test_a_refresh_token_lives_ninety_days_from_its_making(
    redeem: Redeem, token_url: str, emulator: httpx.Client
) -> None:
    refresh = redeem().json()["refresh_token"]
    fields = {**CLIENT, "grant_type": "refresh_token", "refresh_token": refresh}
    emulator.post("clock", json={"advance_ms": 89 * 86_400_000})
    newer = httpx.post(token_url, data=fields).json()["refresh_token"]
    emulator.post("clock", json={"advance_ms": 2 * 86_400_000})
    assert refused(httpx.post(token_url, data=fields)) == (400, "invalid_grant", 700082)
    assert httpx.post(token_url, data={**fields, "refresh_token": newer}).status_code == 200


def test_a_refresh_token_belongs_to_its_client(redeem: Redeem, token_url: str, knobs: Callable[..., None]) -> None:
    refresh = redeem().json()["refresh_token"]
    knobs(entra_clients={"postroom-demo": "demo-secret", "other": "s"})
    fields = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "other", "client_secret": "s"}
    answer = httpx.post(token_url, data=fields)
    assert refused(answer) == (400, "invalid_grant", 70000)
    assert answer.json()["suberror"] == "client_mismatch"


def test_a_refresh_elsewhere_or_with_garbage_is_refused(redeem: Redeem, token_url: str) -> None:
    refresh = redeem().json()["refresh_token"]
    fields = {**CLIENT, "grant_type": "refresh_token", "refresh_token": refresh}
    elsewhere = token_url.replace("common", "contoso.example")
    assert refused(httpx.post(elsewhere, data=fields)) == (400, "invalid_grant", 50020)
    assert refused(httpx.post(token_url, data={**fields, "refresh_token": "x"})) == (400, "invalid_grant", 70000)
    nowhere = token_url.replace("common", "nowhere")
    assert refused(httpx.post(nowhere, data=fields)) == (400, "invalid_request", 90002)


def test_only_a_form_is_read(token_url: str) -> None:
    assert refused(httpx.post(token_url, json=CLIENT)) == (400, "invalid_request", 900144)
