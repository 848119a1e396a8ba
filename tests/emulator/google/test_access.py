"""Who may call what, and how Gmail refuses calls that it cannot read."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.emulator.google import discovery
from tests.emulator.google.conftest import ALICE, AUTH, BOB, CLIENT, FULL, Gmail, Put, Sign, read_refusal

ROOT = "/gmail/v1/users/me"
GID = "18c0000000000000"
NOT_SERVED = ("messages.insert", "messages.import", "settings.")
ADDONS = f"{AUTH}gmail.addons."
SERVED_SETTINGS = ("settings.sendAs.list", "settings.sendAs.get")


def served() -> list[str]:
    """The ids of the discovery document's methods that are emulated."""
    ids = [name.removeprefix("gmail.users.") for name in discovery.methods()]
    return [name for name in ids if name in SERVED_SETTINGS or not name.startswith(NOT_SERVED)]


def call(gmail: Gmail, name: str) -> httpx.Response:
    """Any method, with ids that name nothing."""
    method = discovery.methods()[f"gmail.users.{name}"]
    path = method["path"].replace("{userId}", "me").replace("{messageId}", GID).replace("{id}", GID)
    return gmail.http.request(method["httpMethod"], f"/{path.replace('{sendAsEmail}', ALICE)}", json={})


@pytest.mark.parametrize("name", served())
def test_a_method_takes_the_scopes_of_the_discovery_document_and_no_other(sign_in: Sign, name: str) -> None:
    listed = set(discovery.methods()[f"gmail.users.{name}"]["scopes"])
    known = [FULL, *(f"{AUTH}gmail.{each}" for each in ["modify", "readonly", "metadata", "compose", "send", "labels"])]
    known.append(f"{AUTH}gmail.settings.basic")
    allowed = {scope for scope in known if call(sign_in(ALICE, scope), name).status_code != 403}
    assert allowed == {scope for scope in listed if not scope.startswith(ADDONS)}


def test_a_missing_scope_is_said_in_three_ways(sign_in: Sign) -> None:
    answer = sign_in(ALICE, f"{AUTH}gmail.readonly").http.post(f"{ROOT}/messages/{GID}/trash")
    refusal = read_refusal(answer.status_code, answer.content)
    assert (refusal.status, refusal.reason, refusal.error["status"]) == (
        403,
        "insufficientPermissions",
        "PERMISSION_DENIED",
    )
    assert refusal.error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["unknown", "ya29.a0unknown"])
def test_a_token_that_does_not_work_is_unauthenticated(emulator: httpx.Client, emulator_url: str, token: str) -> None:
    answer = httpx.get(f"{emulator_url}{ROOT}/profile", headers={"authorization": f"Bearer {token}"})
    refusal = read_refusal(answer.status_code, answer.content)
    assert (refusal.status, refusal.reason, refusal.error["status"]) == (401, "authError", "UNAUTHENTICATED")
    entry = refusal.error["errors"][0]
    assert (entry["message"], entry["location"]) == ("Invalid Credentials", "Authorization")
    challenge = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize("ending", ["expire-token", "revoke"])
def test_a_token_that_has_ended_is_unauthenticated(alice: Gmail, emulator: httpx.Client, ending: str) -> None:
    emulator.post(ending, json={"address": ALICE}).raise_for_status()
    assert alice.http.get(f"{ROOT}/profile").status_code == 401


def test_no_token_is_told_from_a_wrong_one(emulator: httpx.Client, emulator_url: str) -> None:
    answer = httpx.get(f"{emulator_url}{ROOT}/profile")
    assert read_refusal(answer.status_code, answer.content).reason == "required"
    assert answer.headers["www-authenticate"] == 'Bearer realm="https://accounts.google.com/"'


def test_a_refresh_token_is_no_access_token(alice: Gmail, emulator_url: str) -> None:
    headers = {"authorization": f"Bearer {alice.credentials.refresh_token}"}
    assert httpx.get(f"{emulator_url}{ROOT}/profile", headers=headers).status_code == 401


def test_one_is_me_or_ones_own_address(alice: Gmail) -> None:
    for user in ("me", ALICE, ALICE.upper()):
        assert alice.http.get(f"/gmail/v1/users/{user}/profile").json()["emailAddress"] == ALICE


def test_the_mail_of_others_is_refused(alice: Gmail) -> None:
    answer = alice.http.get(f"/gmail/v1/users/{BOB}/messages")
    refusal = read_refusal(answer.status_code, answer.content)
    assert (refusal.status, refusal.message) == (403, f"Delegation denied for {ALICE}")


def test_messages_of_others_do_not_exist(sign_in: Sign, put: Put) -> None:
    gid = put()
    assert sign_in("charlie@globex.example").http.get(f"{ROOT}/messages/{gid}").status_code == 404


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("not-enabled", 400, "failedPrecondition"),
        ("precondition", 400, "failedPrecondition"),
        ("domain-policy", 403, "domainPolicy"),
        ("not-configured", 403, "accessNotConfigured"),
        ("daily-limit", 403, "dailyLimitExceeded"),
    ],
)
def test_a_mailbox_can_be_out_of_reach(
    alice: Gmail, emulator: httpx.Client, state: str, status: int, reason: str
) -> None:
    emulator.post("knobs", json={"google_mailboxes": {ALICE: state}}).raise_for_status()
    answer = alice.http.get(f"{ROOT}/profile")
    refusal = read_refusal(answer.status_code, answer.content)
    assert (refusal.status, refusal.reason) == (status, reason)


def test_a_mailbox_at_the_other_provider_is_none_here(emulator: httpx.Client) -> None:
    emulator.put(f"mailboxes/{BOB}", json={"provider": "microsoft"}).raise_for_status()
    asked = {"address": BOB, "provider": "google", "scopes": FULL}
    assert emulator.post("tokens", json=asked).status_code == 409


@pytest.mark.parametrize(
    "path",
    ["/gmail/v1/users/me/nonsense", "/gmail/v2/users/me/profile", "/gmail/v1/users/me/messages/1/2/3", "/batch/x/y"],
)
def test_an_unknown_path_is_a_page_of_html(alice: Gmail, path: str) -> None:
    answer = alice.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("verb", "path"), [("POST", "messages"), ("PUT", "profile"), ("DELETE", "labels"), ("GET", "watch")]
)
def test_a_wrong_verb_is_an_unknown_path(alice: Gmail, verb: str, path: str) -> None:
    assert alice.http.request(verb, f"{ROOT}/{path}").status_code == 404


def test_an_unknown_parameter_is_refused_by_name(alice: Gmail) -> None:
    answer = alice.http.get(f"{ROOT}/messages", params={"maxresult": "5"})
    refusal = read_refusal(answer.status_code, answer.content)
    assert refusal.error["status"] == "INVALID_ARGUMENT"
    assert refusal.message.startswith('Invalid JSON payload received. Unknown name "maxresult": Cannot bind query')


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("messages", "maxResults=many"),
        ("messages", "maxResults=-1"),
        ("messages", "maxResults=4294967296"),
        ("messages", "includeSpamTrash=perhaps"),
        (f"messages/{GID}", "format=pretty"),
        (f"threads/{GID}", "format=raw"),
        ("profile", "prettyPrint=perhaps"),
        ("profile", "alt=xml"),
        ("profile", "alt=media"),
        ("profile", "key=AIza"),
        ("profile", "labelIds=INBOX"),
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused(alice: Gmail, path: str, query: str) -> None:
    assert alice.http.get(f"{ROOT}/{path}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "max_results=1&include_spam_trash=TRUE",
        "alt=json&prettyPrint=false&quotaUser=me&%24.xgafv=2",
        "uploadType=media",
    ],
)
def test_what_every_google_api_takes_is_taken(alice: Gmail, query: str) -> None:
    assert alice.http.get(f"{ROOT}/messages?{query}").status_code == 200


def test_pretty_print_is_for_people(alice: Gmail) -> None:
    assert "\n  " in alice.http.get(f"{ROOT}/profile?prettyPrint=true").text
    assert "\n" not in alice.http.get(f"{ROOT}/profile?prettyPrint=false").text


def test_a_token_may_come_in_the_query(alice: Gmail, emulator_url: str) -> None:
    answer = httpx.get(f"{emulator_url}{ROOT}/profile", params={"access_token": str(alice.credentials.token)})
    assert answer.json()["emailAddress"] == ALICE


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b'{"nonsense": 1}',
        b'{"addLabelIds": "INBOX"}',
        b'{"addLabelIds": [1]}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_does_not_fit_is_refused(alice: Gmail, body: bytes) -> None:
    answer = alice.http.post(f"{ROOT}/messages/{GID}/modify", content=body)
    assert read_refusal(answer.status_code, answer.content).error["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("labels", {"color": "red"}),
        ("labels", {"name": {"a": 1}}),
        ("messages/send", {"raw": 1}),
        ("drafts", {"message": {"payload": {"parts": [{"nonsense": 1}]}}}),
    ],
)
def test_bodies_are_checked_to_the_bottom(alice: Gmail, path: str, body: dict[str, Any]) -> None:
    answer = alice.http.post(f"{ROOT}/{path}", content=json.dumps(body))
    assert read_refusal(answer.status_code, answer.content).status == 400


def test_the_log_says_who_asked_what_for_how_much(alice: Gmail, emulator: httpx.Client) -> None:
    alice.http.get(f"{ROOT}/messages")
    (entry,) = emulator.get("requests", params={"mailbox": ALICE}).json()["requests"]
    assert (entry["client"], entry["units"], entry["status"]) == (
        CLIENT,
        5,
        200,
    )
