"""Batches: the client's own, and the exact wire form of request and answer."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, BOB, Gmail, Put, Sign

MIXED = {"content-type": 'multipart/mixed; boundary="==x=="'}


def run(gmail: Gmail, gids: list[str], **query: Any) -> dict[str, tuple[Any, Any]]:
    """Get messages in one batch: answer and error by request id."""
    answers: dict[str, tuple[Any, Any]] = {}
    batch = gmail.service.new_batch_http_request(callback=lambda name, *answer: answers.update({name: answer}))
    for gid in gids:
        batch.add(gmail.api.messages().get(userId="me", id=gid, **query), request_id=gid)
    batch.execute()
    return answers


def wire(*calls: str, end: str = "\r\n") -> bytes:
    """A batch as bytes; each call is a request line."""
    parts = [
        f"--==x=={end}Content-Type: application/http{end}Content-ID: <base + {number}>{end}{end}{call}{end}{end}"
        for number, call in enumerate(calls)
    ]
    return ("".join(parts) + f"--==x==--{end}").encode()


def test_the_client_gets_every_answer_under_its_id(alice: Gmail, put: Put) -> None:
    gids = [put(subject=f"Number {number}") for number in range(5)]
    answers = run(alice, gids, format="raw")
    assert {gid: answer["id"] for gid, (answer, _) in answers.items()} == {gid: gid for gid in gids}


def test_each_part_has_its_own_status(alice: Gmail, put: Put) -> None:
    good, gone = put(), "18c0000000000000"
    answers = run(alice, [good, gone, "xyz"])
    assert answers[good][1] is None
    assert [answers[gid][1].status_code for gid in (gone, "xyz")] == [404, 400]


@pytest.mark.parametrize("path", ["/batch", "/batch/gmail/v1"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_the_answer_echoes_content_ids_in_order_with_crlf(alice: Gmail, path: str, end: str) -> None:
    calls = ("GET /gmail/v1/users/me/profile HTTP/1.1", "GET /gmail/v1/users/me/labels/None HTTP/1.1")
    answer = alice.http.post(path, headers=MIXED, content=wire(*calls, end=end))
    kind = answer.headers["content-type"]
    assert kind.startswith("multipart/mixed; boundary=batch_")
    first, second = answer.content.split(f"--{kind.partition('=')[2]}".encode())[1:-1]
    assert first.startswith(
        b"\r\nContent-Type: application/http\r\nContent-ID: <response-base + 0>\r\n\r\nHTTP/1.1 200 OK\r\n"
    )
    assert b"\r\n\r\nHTTP/1.1 404 Not Found\r\n" in second
    assert json.loads(first.rpartition(b"\r\n\r\n")[2])["emailAddress"] == ALICE


def test_parts_of_others_bring_their_own_credentials(alice: Gmail, sign_in: Sign) -> None:
    bob = sign_in(BOB)
    call = f"GET /gmail/v1/users/me/profile\r\nAuthorization: Bearer {bob.credentials.token}"
    answer = alice.http.post("/batch", headers=MIXED, content=wire(call))
    assert BOB.encode() in answer.content


def test_a_part_with_a_body_is_done(alice: Gmail, put: Put) -> None:
    gid = put()
    head = f"POST /gmail/v1/users/me/messages/{gid}/modify\r\nContent-Type: application/json\r\n\r\n"
    call = f'{head}{{"addLabelIds": ["STARRED"]}}'
    assert b"STARRED" in alice.http.post("/batch", headers=MIXED, content=wire(call)).content


# The client opens a connection for the refresh and leaves it open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_expired_token_is_refreshed_and_the_parts_sent_again(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    gid = put()
    emulator.post("expire-token", json={"address": ALICE}).raise_for_status()
    answer, error = run(alice, [gid])[gid]
    assert (answer["id"], error) == (gid, None)


def test_parts_spend_quota_each_and_fail_alone(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"units": 40, "address": ALICE}).raise_for_status()
    answers = run(alice, [put() for _ in range(3)])
    assert sorted(error.status_code if error else 200 for _, error in answers.values()) == [200, 200, 403]


def test_parts_run_side_by_side(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"google_concurrency": 2, "latency_ms": 5}).raise_for_status()
    answers = run(alice, [put() for _ in range(3)])
    errors = [error for _, error in answers.values() if error]
    assert [(error.status_code, error.reason) for error in errors] == [(429, "Too many concurrent requests for user")]


@pytest.mark.parametrize(
    "call", ["nonsense", "POST /token HTTP/1.1", "GET /_control/health HTTP/1.1", "POST /batch HTTP/1.1"]
)
def test_a_batch_carries_calls_to_gmail_alone(alice: Gmail, call: str) -> None:
    answer = alice.http.post("/batch", headers=MIXED, content=wire(call))
    assert answer.status_code == 200
    assert b"HTTP/1.1 40" in answer.content


def test_a_hundred_parts_are_the_most(alice: Gmail) -> None:
    call = "GET /gmail/v1/users/me/profile"
    assert alice.http.post("/batch", headers=MIXED, content=wire(*[call] * 100)).status_code == 200
    assert alice.http.post("/batch", headers=MIXED, content=wire(*[call] * 101)).status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [("multipart/mixed", b"x"), ('multipart/mixed; boundary="a"', b""), ("application/json", b"{}"), ("", b"")],
)
def test_what_is_no_batch_is_refused(alice: Gmail, kind: str, body: bytes) -> None:
    answer = alice.http.post("/batch", headers={"content-type": kind}, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Failed to parse batch request, error: 0 items.")


@pytest.mark.parametrize("line", ["GET http://[/gmail HTTP/1.1", "GET /gmail/v1/users/me/labels?fields= HTTP/9.x"])
def test_a_part_without_a_readable_address_fails_alone(alice: Gmail, line: str) -> None:
    answer = alice.http.post("/batch", headers=MIXED, content=wire(line, "GET /gmail/v1/users/me/profile HTTP/1.1"))
    assert answer.status_code == 200
    assert [answer.text.count(f"HTTP/1.1 {status}") for status in ("400", "200")] == [1, 1]
