"""The authorize page: who may ask, what a person sees, and what comes back to the client."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, AUTH, BOB, CLIENT, Json

CALLBACK = "http://localhost:8000/mailboxes/google/callback"
ASKED = {
    "client_id": CLIENT,
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": f"openid email {AUTH}gmail.readonly {AUTH}gmail.send",
    "state": "s1",
    "access_type": "offline",
}


@pytest.fixture
def page(emulator: httpx.Client, emulator_url: str) -> Any:
    """A browser at the authorize page."""
    emulator.put(f"mailboxes/{ALICE}", json={"provider": "google"}).raise_for_status()
    with httpx.Client(base_url=emulator_url, verify=False) as client:
        yield client


def ask(page: httpx.Client, **changed: str | None) -> httpx.Response:
    query = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    return page.get("/o/oauth2/v2/auth", params=query)


def press(page: httpx.Client, form: dict[str, Any], **changed: str) -> tuple[str, dict[str, str]]:
    """Send the form; where it leads and with what."""
    answer = page.post("/o/oauth2/v2/auth", params={**ASKED, **changed}, data=form)
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


def allow(*scopes: str, account: str = ALICE) -> dict[str, Any]:
    return {"decision": "allow", "account": account, "scope": list(scopes)}


@pytest.mark.parametrize("path", ["/o/oauth2/v2/auth", "/o/oauth2/auth"])
def test_the_page_names_client_accounts_and_each_scope(page: httpx.Client, path: str) -> None:
    answer = page.get(path, params=ASKED)
    assert answer.status_code == 200
    for shown in ("Postroom", ALICE, "View your email messages and settings", "Send email on your behalf"):
        assert shown in answer.text
    assert answer.text.count('name="scope"') == 2


def test_the_page_works_without_scripts(page: httpx.Client) -> None:
    assert "<script" not in ask(page).text


def test_a_hint_chooses_the_account(page: httpx.Client, emulator: httpx.Client) -> None:
    emulator.put(f"mailboxes/{BOB}", json={"provider": "google"}).raise_for_status()
    assert re.search(rf'value="{BOB}" checked', ask(page, login_hint=BOB).text)
    assert 'value="new@northwind.example"' in ask(page, login_hint="new@northwind.example").text


def test_a_hosted_domain_leaves_other_accounts_out(page: httpx.Client) -> None:
    assert ALICE not in ask(page, hd="globex.example").text


def test_what_the_client_says_is_escaped(page: httpx.Client) -> None:
    assert "<b>" not in ask(page, login_hint='"><b>').text
    assert "<b>" not in ask(page, redirect_uri='https://evil.invalid/"><b>').text


def test_continue_brings_a_code_state_and_scopes(page: httpx.Client) -> None:
    place, answer = press(page, allow(f"{AUTH}gmail.readonly", f"{AUTH}gmail.send"))
    assert place == CALLBACK
    assert answer["state"] == "s1"
    assert answer["code"].startswith("4/")
    assert set(answer["scope"].split()) == {
        *("openid", f"{AUTH}userinfo.email"),
        *(f"{AUTH}gmail.readonly", f"{AUTH}gmail.send"),
    }


def test_a_scope_that_is_unticked_is_not_granted(page: httpx.Client) -> None:
    _, answer = press(page, allow(f"{AUTH}gmail.readonly"))
    assert set(answer["scope"].split()) == {"openid", f"{AUTH}userinfo.email", f"{AUTH}gmail.readonly"}


def test_nothing_more_than_was_asked_can_be_ticked(page: httpx.Client) -> None:
    _, answer = press(page, allow(f"{AUTH}gmail.modify"))
    assert f"{AUTH}gmail.modify" not in answer["scope"]


def test_cancel_brings_access_denied(page: httpx.Client) -> None:
    assert press(page, {"decision": "deny", "account": ALICE})[1] == {"error": "access_denied", "state": "s1"}


def test_nothing_ticked_is_a_denial(page: httpx.Client) -> None:
    assert press(page, allow(), scope=f"{AUTH}gmail.send")[1]["error"] == "access_denied"


def test_a_new_account_is_made_by_naming_it(page: httpx.Client, emulator: httpx.Client) -> None:
    form: dict[str, Any] = {"decision": "allow", "account": "other", "address": " New@Northwind.example "}
    assert "code" in press(page, form)[1]
    assert emulator.get("mailboxes/new@northwind.example").json()["provider"] == "google"


def test_an_address_that_was_typed_is_meant_whatever_is_ticked(page: httpx.Client, emulator: httpx.Client) -> None:
    press(page, {**allow(account=ALICE), "address": "new@northwind.example"})
    assert emulator.get("mailboxes/new@northwind.example").json()["provider"] == "google"


@pytest.mark.parametrize("address", ["", "nobody", BOB])
def test_an_account_that_is_none_is_asked_for_again(page: httpx.Client, emulator: httpx.Client, address: str) -> None:
    emulator.put(f"mailboxes/{BOB}", json={"provider": "microsoft"}).raise_for_status()
    form = {"decision": "allow", "account": "other", "address": address}
    answer = page.post("/o/oauth2/v2/auth", params=ASKED, data=form)
    assert answer.status_code == 400
    assert "find a Google Account" in answer.text


def test_the_redirect_uri_keeps_its_own_query(page: httpx.Client) -> None:
    _, answer = press(page, allow(), redirect_uri=f"{CALLBACK}?next=%2Fa")
    assert answer["next"] == "/a"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"redirect_uri": "https://evil.invalid/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": f"{CALLBACK}#fragment"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://["}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": f"{AUTH}gmail.everything"}, 400, "invalid_scope"),
        ({"scope": None}, 400, "invalid_request"),
        ({"prompt": "maybe"}, 400, "invalid_request"),
        ({"prompt": "none consent"}, 400, "invalid_request"),
        ({"access_type": "sometimes"}, 400, "invalid_request"),
        ({"code_challenge": "short"}, 400, "invalid_request"),
        ({"code_challenge_method": "S256"}, 400, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "MD5"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_is_a_page_and_no_redirect(
    page: httpx.Client, changed: dict[str, str | None], status: int, error: str
) -> None:
    answer = ask(page, **changed)
    assert answer.status_code == status
    assert f"Error {status}: {error}" in answer.text
    query = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    assert page.post("/o/oauth2/v2/auth", params=query, data=allow()).status_code == status


def register(emulator: httpx.Client, **changed: object) -> Json:
    body = {"client_id": "web", "secret": "s", "redirect_uris": ["https://app.postroom.example/cb"], **changed}
    answer: Json = emulator.post("google/clients", json=body).raise_for_status().json()
    return answer


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("https://app.postroom.example/cb", 200),
        ("https://app.postroom.example/cb/", 400),
        ("https://app.postroom.example/cb?x=1", 400),
        ("http://app.postroom.example/cb", 400),
        (CALLBACK, 400),
    ],
)
def test_registered_redirect_uris_match_exactly(
    page: httpx.Client, emulator: httpx.Client, uri: str, status: int
) -> None:
    register(emulator)
    assert ask(page, client_id="web", redirect_uri=uri).status_code == status


def test_a_policy_can_forbid_the_log_in(page: httpx.Client, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"google_login_error": "admin_policy_enforced"}).raise_for_status()
    answer = ask(page)
    assert answer.status_code == 303
    assert dict(parse_qsl(urlsplit(answer.headers["location"]).query))["error"] == "admin_policy_enforced"


def test_without_asking_nobody_is_logged_in_who_was_not_before(page: httpx.Client, emulator: httpx.Client) -> None:
    query = {"prompt": "none", "login_hint": ALICE, "scope": f"{AUTH}gmail.send"}
    assert "error=interaction_required" in ask(page, **query).headers["location"]
    granted = {"address": ALICE, "provider": "google", "scopes": [f"{AUTH}gmail.send"], "client_id": CLIENT}
    emulator.post("tokens", json=granted).raise_for_status()
    assert "code=" in ask(page, **query).headers["location"]
