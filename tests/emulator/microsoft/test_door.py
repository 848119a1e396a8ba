"""Who is let in: tokens, scopes, paths, the state of the mailbox and its budget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.emulator.microsoft.conftest import ALICE, BOB, Graph, Put, SignIn


def test_a_call_without_a_token_is_challenged(emulator_url: str, emulator: httpx.Client) -> None:
    answer = httpx.get(f"{emulator_url}/graph/v1.0/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("act", "told"), [("expire-token", "invalid_token"), ("revoke", "insufficient_claims")], ids=["expired", "revoked"]
)
def test_an_ended_token_is_refused_with_the_reason(graph: Graph, emulator: httpx.Client, act: str, told: str) -> None:
    emulator.post(act, json={"address": BOB})
    answer = graph.ask("GET", "/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert told in answer.headers["www-authenticate"]


def test_a_garbage_token_is_refused(graph: Graph) -> None:
    graph.http.headers["Authorization"] = "Bearer nonsense"
    assert graph.refusal("GET", "/me") == (401, "InvalidAuthenticationToken")


def test_the_caller_s_request_id_comes_back(graph: Graph) -> None:
    answer = graph.ask("GET", "/me", headers={"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"]


READING = [("GET", "/me/messages"), ("GET", "/me/mailFolders"), ("GET", "/me/mailFolders/inbox/messages/delta")]
WRITING = [("POST", "/me/messages"), ("PATCH", "/me/messages/x"), ("DELETE", "/me/messages/x")]
SENDING = [("POST", "/me/sendMail"), ("POST", "/me/messages/x/send"), ("POST", "/me/messages/x/reply")]


@pytest.mark.parametrize(("method", "path"), [*WRITING, *SENDING])
def test_reading_rights_do_not_write_or_send(sign_in: SignIn, method: str, path: str) -> None:
    assert sign_in(scopes="User.Read Mail.Read").refusal(method, path) == (403, "ErrorAccessDenied")


@pytest.mark.parametrize(("method", "path"), [*READING, *WRITING])
def test_sending_rights_do_not_read_or_write(sign_in: SignIn, method: str, path: str) -> None:
    assert sign_in(scopes="User.Read Mail.Send").refusal(method, path) == (403, "ErrorAccessDenied")


def test_writing_rights_do_not_send(sign_in: SignIn) -> None:
    assert sign_in(scopes="Mail.ReadWrite").refusal("POST", "/me/sendMail") == (403, "ErrorAccessDenied")


def test_mail_rights_do_not_show_the_person(sign_in: SignIn) -> None:
    assert sign_in(scopes="Mail.Read").refusal("GET", "/me") == (403, "Authorization_RequestDenied")


def test_master_categories_need_the_settings_scope(sign_in: SignIn) -> None:
    reader = sign_in(scopes="Mail.ReadWrite MailboxSettings.Read")
    assert reader.get("/me/outlook/masterCategories")["value"]
    answer = reader.refusal("POST", "/me/outlook/masterCategories", json={"displayName": "x", "color": "none"})
    assert answer == (403, "ErrorAccessDenied")


def test_a_scope_may_carry_its_resource(sign_in: SignIn) -> None:
    assert sign_in(scopes="https://graph.microsoft.com/Mail.Read").get("/me/messages")["value"] == []


def test_basic_reading_leaves_bodies_out(sign_in: SignIn, put: Put) -> None:
    put("Offer")
    reader = sign_in(scopes="Mail.ReadBasic")
    (message,) = reader.get("/me/messages")["value"]
    assert message["subject"] == "Offer"
    assert not {"body", "bodyPreview", "uniqueBody"} & message.keys()
    for path in (f"/me/messages/{message['id']}/$value", "/me/messages?$select=body", '/me/messages?$search="Offer"'):
        assert reader.refusal("GET", path) == (403, "ErrorAccessDenied")


def test_one_s_own_mailbox_has_three_names(graph: Graph, put: Put) -> None:
    put("Offer")
    oid = graph.get("/me")["id"]
    for path in ("/me/messages", f"/users/{BOB}/messages", f"/users/{oid}/messages", f"/Users('{oid}')/Messages"):
        assert len(graph.get(path)["value"]) == 1


def test_another_s_mailbox_is_denied(sign_in: SignIn) -> None:
    sign_in(ALICE)
    assert sign_in().refusal("GET", f"/users/{ALICE}/messages") == (403, "ErrorAccessDenied")
    assert sign_in().refusal("GET", "/users/nobody@northwind.example/messages") == (404, "ErrorInvalidUser")


@pytest.mark.parametrize("path", ["/me/mailbox", "/nothing", "/me/messages/x/nothing", "/v1.0/me"])
def test_an_unknown_path_is_a_bad_request(graph: Graph, path: str) -> None:
    assert graph.refusal("GET", path) == (400, "BadRequest")


def test_a_method_that_a_path_does_not_know_is_named(graph: Graph) -> None:
    assert graph.refusal("DELETE", "/me/messages") == (405, "BadRequest")
    assert graph.ask("DELETE", "/me/messages").headers["allow"] == "GET, POST"


def test_a_body_has_to_be_json_and_to_say_so(graph: Graph) -> None:
    for content, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/xml")):
        answer = graph.refusal("POST", "/me/mailFolders", content=content, headers={"Content-Type": kind})
        assert answer == (400, "BadRequest")


def test_more_than_four_megabytes_are_refused(graph: Graph) -> None:
    content = b'{"subject": "' + b"x" * (4 * 1024 * 1024) + b'"}'
    answer = graph.refusal("POST", "/me/messages", content=content, headers={"Content-Type": "application/json"})
    assert answer[0] == 413


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("not-enabled", (404, "MailboxNotEnabledForRESTAPI")),
        ("soft-deleted", (404, "MailboxNotEnabledForRESTAPI")),
        ("moving", (503, "ErrorMailboxMoveInProgress")),
        ("unavailable", (503, "ErrorMailboxStoreUnavailable")),
    ],
)
def test_a_mailbox_can_be_out_of_reach(
    graph: Graph, knobs: Callable[..., None], state: str, refusal: tuple[int, str]
) -> None:
    knobs(graph_mailboxes={BOB: state})
    assert graph.refusal("GET", "/me/messages") == refusal
    assert graph.get("/me")["mail"] == BOB


def test_a_full_mailbox_reads_but_gives_no_deltas(graph: Graph, knobs: Callable[..., None]) -> None:
    knobs(graph_mailboxes={BOB: "full"})
    assert graph.get("/me/messages")["value"] == []
    assert graph.refusal("GET", "/me/mailFolders/inbox/messages/delta") == (403, "ErrorQuotaExceeded")


def test_the_ten_thousandth_call_is_the_last_for_a_while(graph: Graph, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"units": 2, "window_ms": 600_000, "provider": "microsoft"})
    assert [graph.ask("GET", "/me/messages").status_code for _ in range(3)] == [200, 200, 429]
    answer = graph.ask("GET", "/me/messages")
    assert (answer.json()["error"]["code"], 0 < int(answer.headers["retry-after"]) <= 600) == ("TooManyRequests", True)
    emulator.post("clock", json={"advance_ms": 600_000})
    assert graph.ask("GET", "/me/messages").status_code == 200


def test_the_profile_of_outlook_is_ten_thousand_in_ten_minutes_and_four_at_a_time(emulator: httpx.Client) -> None:
    profile = emulator.post("quota", json={"profile": "graph", "provider": "microsoft"}).json()
    assert (profile["units"], profile["window_ms"], profile["concurrency"]) == (10_000, 600_000, 4)


def test_the_fifth_call_at_a_time_is_too_many(graph: Graph, emulator: httpx.Client, knobs: Callable[..., None]) -> None:
    emulator.post("quota", json={"profile": "graph", "provider": "microsoft"})
    knobs(latency_ms=400)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: graph.ask("GET", "/me/messages"), range(8)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.json()["error"]["code"] for answer in refused} == {"ApplicationThrottled"}
    assert all("MailboxConcurrency" in answer.json()["error"]["message"] for answer in refused)


def test_calls_are_logged_with_mailbox_and_client(graph: Graph, emulator: httpx.Client) -> None:
    graph.get("/me/messages")
    (entry,) = emulator.get("requests", params={"path": "/graph/"}).json()["requests"]
    assert (entry["mailbox"], entry["client"], entry["units"], entry["status"]) == (BOB, "postroom-demo", 1, 200)
