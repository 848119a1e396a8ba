"""The page where an account is chosen, and what goes back to the application."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest

from tests.emulator.microsoft.conftest import ALICE, BOB
from tests.emulator.microsoft.person import Person, came_back, read_form

BACK = "http://localhost:8000/oauth/microsoft/"
Turn = Callable[..., None]


@pytest.fixture
def uri(emulator: httpx.Client, emulator_url: str) -> Callable[..., str]:
    """The authorize address, with parameters replaced or, by None, left out."""
    emulator.put(f"mailboxes/{BOB}", json={"provider": "microsoft"})

    def make(tenant: str = "common", **changes: str | None) -> str:
        asked: dict[str, str | None] = {
            "client_id": "postroom-demo",
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": "openid offline_access User.Read Mail.Read",
            "state": "s1",
            **changes,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"{emulator_url}/{tenant}/oauth2/v2.0/authorize?{query}"

    return make


def test_the_page_lists_accounts_and_says_what_is_asked(uri: Callable[..., str], emulator: httpx.Client) -> None:
    emulator.put("mailboxes/mallory@elsewhere.example", json={"provider": "google"})
    page = httpx.get(uri())
    assert read_form(page.text).choices == [BOB, "other"]
    assert "Read your mail" in page.text
    assert "Maintain access" in page.text
    assert "script" not in page.text


def test_the_hinted_account_is_chosen(uri: Callable[..., str], emulator: httpx.Client) -> None:
    emulator.put(f"mailboxes/{ALICE}", json={"provider": "microsoft"})
    assert read_form(httpx.get(uri(login_hint=BOB)).text).chosen == BOB
    form = read_form(httpx.get(uri(login_hint="new@northwind.example")).text)
    assert (form.chosen, form.fields["other"]) == ("other", "new@northwind.example")


def test_the_code_and_the_state_come_back(uri: Callable[..., str], person: Person) -> None:
    back = person.decide(uri())
    assert (set(back), back["state"]) == ({"code", "state", "session_state"}, "s1")


def test_a_form_that_posts_itself_also_has_a_button(uri: Callable[..., str], person: Person) -> None:
    answer = person.submit(uri(response_mode="form_post"))
    form = read_form(answer.text)
    assert (form.action, form.fields["state"]) == (BACK, "s1")
    assert "<button" in answer.text
    assert ".submit()" in answer.text
    assert "script-src" in answer.headers["content-security-policy"]


def test_values_cannot_break_out_of_the_form(uri: Callable[..., str], person: Person) -> None:
    answer = person.submit(uri(response_mode="form_post", state='"><script>alert(1)</script>'))
    assert "<script>alert" not in answer.text
    assert came_back(answer)["state"] == '"><script>alert(1)</script>'


def test_an_account_nobody_has_is_made(uri: Callable[..., str], emulator: httpx.Client) -> None:
    assert "code" in Person("new@northwind.example").decide(uri())
    assert emulator.get("mailboxes/new@northwind.example").json()["provider"] == "microsoft"


def test_a_typed_account_counts_though_another_is_ticked(uri: Callable[..., str], emulator: httpx.Client) -> None:
    fields = {"account": BOB, "other": "new@northwind.example", "decision": "accept"}
    assert "code" in came_back(httpx.post(uri(), data=fields))
    assert "new@northwind.example" in emulator.get("mailboxes").text


def test_a_word_that_is_no_address_is_asked_for_again(uri: Callable[..., str]) -> None:
    answer = Person("nobody").submit(uri())
    assert (answer.status_code, "aria-invalid" in answer.text) == (400, True)


def test_a_gmail_account_cannot_sign_in(uri: Callable[..., str], emulator: httpx.Client) -> None:
    emulator.put(f"mailboxes/{ALICE}", json={"provider": "google"})
    assert "AADSTS50034" in Person(ALICE).decide(uri())["error_description"]


def test_another_tenant_s_account_cannot_sign_in(uri: Callable[..., str]) -> None:
    back = Person("eve@contoso.example").decide(uri("northwind.example"))
    assert "AADSTS50020" in back["error_description"]


def test_an_ordered_refusal_comes_back(uri: Callable[..., str], person: Person, knobs: Turn) -> None:
    knobs(aadsts={BOB: "53003"})
    back = person.decide(uri())
    assert (back["error"], "AADSTS53003" in back["error_description"]) == ("interaction_required", True)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"prompt": "none"}, "login_required", "AADSTS50058"),
        ({"scope": "Mail.Nonsense"}, "invalid_scope", "AADSTS70011"),
        ({"scope": None}, "invalid_request", "AADSTS900144"),
        ({"response_type": "token"}, "unsupported_response_type", "AADSTS700051"),
        ({"code_challenge_method": "S512"}, "invalid_request", "AADSTS9002313"),
        ({"prompt": "please"}, "invalid_request", "AADSTS9002313"),
    ],
)
def test_a_wrong_request_goes_back_to_the_application(
    uri: Callable[..., str], changes: dict[str, str | None], error: str, code: str
) -> None:
    back = came_back(httpx.get(uri(**changes)))
    assert (back["error"], back["state"]) == (error, "s1")
    assert back["error_description"].startswith(code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "unknown"}, "AADSTS700016"),
        ({"redirect_uri": "https://evil.com/"}, "AADSTS50011"),
        ({"redirect_uri": "javascript:alert(1)"}, "AADSTS50011"),
        ({"redirect_uri": None}, "AADSTS900144"),
        ({"tenant": "11111111-1111-4111-8111-111111111111"}, "AADSTS90002"),
    ],
)
def test_nothing_goes_to_an_address_that_is_not_sure(
    uri: Callable[..., str], changes: dict[str, str], code: str
) -> None:
    answer = httpx.get(uri(**changes))
    assert (answer.status_code, code in answer.text) == (400, True)


def test_registered_reply_addresses_match_exactly_but_for_the_local_port(uri: Callable[..., str], knobs: Turn) -> None:
    knobs(entra_redirect_uris={"postroom-demo": ["http://localhost/back", "https://crm.northwind.example/back"]})
    good = ["http://localhost:9999/back", "https://crm.northwind.example/back"]
    bad = ["http://localhost:9999/back/", "https://crm.northwind.example/back?x=1", "http://localhost/other"]
    found = [httpx.get(uri(redirect_uri=each)).status_code for each in (*good, *bad)]
    assert found == [200, 200, 400, 400, 400]


def test_some_scopes_need_an_administrator(uri: Callable[..., str], person: Person, knobs: Turn) -> None:
    knobs(entra_admin_scopes=["Mail.Read"])
    assert "AADSTS90094" in person.decide(uri())["error_description"]
    admin = uri("northwind.example").replace("/oauth2/v2.0/authorize", "/v2.0/adminconsent")
    page = httpx.get(admin)
    assert "Allow postroom-demo for everybody?" in page.text
    back = came_back(httpx.post(admin, data={"decision": "accept"}))
    assert (back["admin_consent"], back["state"]) == ("True", "s1")
    assert "https://graph.microsoft.com/Mail.Read" in back["scope"]
    assert "code" in person.decide(uri())


def test_an_administrator_may_refuse(uri: Callable[..., str]) -> None:
    admin = uri().replace("/oauth2/v2.0/authorize", "/adminconsent")
    back = came_back(httpx.post(admin, data={"decision": "cancel"}))
    assert (back["error"], back["error_subcode"], back["state"]) == ("access_denied", "cancel", "s1")
    assert httpx.get(admin.replace("postroom-demo", "unknown")).status_code == 400
