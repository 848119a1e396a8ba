"""Logging in through msal, Microsoft's own client, which knows https addresses only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import msal
import pytest
import requests

from tests.emulator.microsoft.conftest import BOB, Graph, Json
from tests.emulator.microsoft.person import Person

CLIENT, SECRET = "postroom-demo", "demo-secret"
BACK = "http://localhost:8000/oauth/microsoft/"
READ = ["User.Read", "Mail.Read"]
MakeApp = Callable[..., msal.ConfidentialClientApplication]


class Rewriting:
    """msal's `http_client`: asks for https addresses by http."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self.answers: list[requests.Response] = []

    def get(self, url: str, **asked: Any) -> requests.Response:
        return self._ask("GET", url, **asked)

    def post(self, url: str, **asked: Any) -> requests.Response:
        return self._ask("POST", url, **asked)

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, url: str, **asked: Any) -> requests.Response:
        self.answers.append(self._session.request(method, url.replace("https://", "http://", 1), timeout=30, **asked))
        return self.answers[-1]


@pytest.fixture
def http_client() -> Iterator[Rewriting]:
    client = Rewriting()
    yield client
    client.close()


@pytest.fixture
def make_app(http_client: Rewriting, emulator_url: str) -> MakeApp:
    def make(tenant: str = "common", **more: Any) -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            CLIENT,
            client_credential=more.pop("secret", SECRET),
            authority=f"{emulator_url.replace('http', 'https', 1)}/{tenant}",
            instance_discovery=False,
            http_client=http_client,
            **more,
        )

    return make


def kept_refresh_tokens(cache: msal.SerializableTokenCache) -> list[str]:
    return [each["secret"] for each in cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)]


def log_in(app: msal.ConfidentialClientApplication, person: Person, scopes: list[str] = READ, **more: Any) -> Json:
    flow = app.initiate_auth_code_flow(scopes, redirect_uri=BACK, response_mode="form_post", **more)
    result: Json = app.acquire_token_by_auth_code_flow(flow, person.decide(flow["auth_uri"]))
    return result


@pytest.mark.usefixtures("emulator")
def test_a_person_logs_in(make_app: MakeApp, person: Person, graph: Graph) -> None:
    result = log_in(make_app(), person)
    assert "error" not in result
    assert set(result["scope"].split()) >= {"User.Read", "Mail.Read", "openid", "profile"}
    claims = result["id_token_claims"]
    assert (claims["preferred_username"], claims["oid"]) == (BOB, graph.get("/me")["id"])
    graph.http.headers["Authorization"] = f"Bearer {result['access_token']}"
    assert graph.get("/me/messages")["value"] == []
    assert graph.refusal("POST", "/me/sendMail", json={}) == (403, "ErrorAccessDenied")


@pytest.mark.usefixtures("emulator")
def test_the_account_is_named_by_client_info(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    claims = log_in(app, person)["id_token_claims"]
    (account,) = app.get_accounts()
    assert account["home_account_id"] == f"{claims['oid']}.{claims['tid']}"
    assert account["username"] == BOB


@pytest.mark.usefixtures("emulator")
def test_the_answer_may_come_in_the_query(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    with pytest.warns(UserWarning, match="form_post"):
        flow = app.initiate_auth_code_flow(READ, redirect_uri=BACK, response_mode="query", login_hint=BOB)
    assert "access_token" in app.acquire_token_by_auth_code_flow(flow, person.decide(flow["auth_uri"]))


def test_tokens_are_refreshed_and_rotate(make_app: MakeApp, person: Person, emulator: httpx.Client) -> None:
    cache = msal.SerializableTokenCache()
    app = make_app(token_cache=cache)
    first = log_in(app, person)
    emulator.post("expire-token", json={"address": BOB})
    (old,) = kept_refresh_tokens(cache)
    again = make_app(token_cache=cache)
    result = again.acquire_token_silent_with_error(READ, again.get_accounts()[0], force_refresh=True)
    assert result["access_token"] != first["access_token"]
    assert kept_refresh_tokens(cache) != [old]
    assert "access_token" in make_app().acquire_token_by_refresh_token(old, READ)


@pytest.mark.parametrize(
    ("act", "code", "suberror"),
    [
        (("revoke", {"address": BOB}), 50173, "bad_token"),
        (("expire-token", {"address": BOB, "refresh": True}), 700082, "bad_token"),
        (("knobs", {"aadsts": {BOB: "50057"}}), 50057, ""),
        (("knobs", {"aadsts": {BOB: "70043"}}), 70043, "token_expired"),
        (("knobs", {"aadsts": {BOB: "50076"}}), 50076, "basic_action"),
        (("knobs", {"aadsts": {BOB: "50034"}, "aadsts_suberrors": {"50034": "user_gone"}}), 50034, "user_gone"),
    ],
)
def test_a_refresh_is_refused_with_the_reason(
    make_app: MakeApp,
    person: Person,
    emulator: httpx.Client,
    act: tuple[str, Json],
    code: int,
    suberror: str,
) -> None:
    app = make_app()
    log_in(app, person)
    emulator.post(act[0], json=act[1]).raise_for_status()
    result = app.acquire_token_silent_with_error(READ, app.get_accounts()[0], force_refresh=True)
    assert (result["error_codes"], result.get("suberror", "")) == ([code], suberror)
    assert result["error_description"].startswith(f"AADSTS{code}: ")


@pytest.mark.usefixtures("emulator")
def test_a_scope_that_was_not_allowed_needs_consent(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    log_in(app, person)
    result = app.acquire_token_silent_with_error(["Mail.Send"], app.get_accounts()[0])
    assert (result["error"], result["suberror"], result["error_codes"]) == (
        "invalid_grant",
        "consent_required",
        [65001],
    )


@pytest.mark.usefixtures("emulator")
def test_a_second_consent_adds_to_the_first(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    log_in(app, person)
    more = log_in(app, person, ["Mail.Send"], prompt="consent")
    assert {"Mail.Read", "Mail.Send", "User.Read"} <= set(more["scope"].split())


@pytest.mark.usefixtures("emulator")
def test_a_person_may_decline(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    flow = app.initiate_auth_code_flow(READ, redirect_uri=BACK, response_mode="form_post")
    back = person.decide(flow["auth_uri"], accept=False)
    result = app.acquire_token_by_auth_code_flow(flow, back)
    assert (result["error"], "AADSTS65004" in result["error_description"]) == ("access_denied", True)


@pytest.mark.usefixtures("emulator")
def test_a_wrong_secret_is_the_client_s_fault(make_app: MakeApp, person: Person, http_client: Rewriting) -> None:
    result = log_in(make_app(secret="wrong"), person)
    assert (result["error"], result["error_codes"]) == ("invalid_client", [7000215])
    assert http_client.answers[-1].status_code == 401


@pytest.mark.usefixtures("emulator")
def test_a_scope_may_be_spelled_with_its_resource(make_app: MakeApp, person: Person) -> None:
    app = make_app()
    full = ["https://graph.microsoft.com/Mail.Read"]
    log_in(app, person, full)
    found = app.acquire_token_silent_with_error(full, app.get_accounts()[0])
    assert found is not None
    assert found["token_source"] == "cache"


@pytest.mark.usefixtures("emulator")
def test_one_s_own_tenant_lets_in_by_name_and_id(make_app: MakeApp, person: Person, graph: Graph) -> None:
    assert graph.get("/me")
    tenant = log_in(make_app("northwind.example"), person)["id_token_claims"]["tid"]
    assert "access_token" in log_in(make_app(tenant), person)


@pytest.mark.usefixtures("emulator")
def test_an_unknown_tenant_has_no_configuration(make_app: MakeApp, http_client: Rewriting) -> None:
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        make_app("11111111-1111-4111-8111-111111111111")
    body = http_client.answers[-1].json()
    assert (http_client.answers[-1].status_code, body["error"], body["error_codes"]) == (400, "invalid_tenant", [90002])


@pytest.mark.usefixtures("emulator")
def test_an_id_token_is_signed_by_the_published_key(make_app: MakeApp, person: Person, emulator_url: str) -> None:
    result = log_in(make_app(), person)
    configuration = httpx.get(f"{emulator_url}/common/v2.0/.well-known/openid-configuration").json()
    key = jwt.PyJWK(httpx.get(configuration["jwks_uri"]).json()["keys"][0])
    claims = jwt.decode(result["id_token"], key, algorithms=["RS256"], audience=CLIENT)
    assert claims["iss"] == configuration["issuer"].replace("{tenantid}", claims["tid"])


def test_the_addresses_of_a_log_in_hold_the_tenant(emulator_url: str) -> None:
    for tenant in ("common", "organizations", "northwind.example"):
        found = httpx.get(f"{emulator_url}/{tenant}/v2.0/.well-known/openid-configuration").json()
        for name in ("token_endpoint", "authorization_endpoint", "jwks_uri"):
            assert urlsplit(found[name]).path.startswith(f"/{tenant}/")


def test_instances_are_known_by_their_own_host(emulator_url: str) -> None:
    query = dict(parse_qsl("api-version=1.1&authorization_endpoint=https://login.example/common"))
    found = httpx.get(f"{emulator_url}/common/discovery/instance", params=query).json()
    assert found["tenant_discovery_endpoint"].endswith("/common/v2.0/.well-known/openid-configuration")
    assert found["metadata"][0]["aliases"] == [urlsplit(emulator_url).netloc]
