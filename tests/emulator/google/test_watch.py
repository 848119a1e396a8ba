"""watch and stop: pushes as Pub/Sub sends them, signed, and checked with Google's own library."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import requests
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2 import id_token

from tests.emulator.google.conftest import ALICE, Gmail, Json, Put, Sign, refused

TOPIC = "projects/postroom-demo/topics/gmail"
ACCOUNT = "pubsub-push@postroom-demo.iam.gserviceaccount.example"
WEEK_MS = 7 * 86_400_000


class Subscriber(HTTPServer):
    """Notes what comes; answers each of `statuses` once, then 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[Json] = []
        self.tokens: list[str] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/pubsub"

    @property
    def data(self) -> list[Json]:
        return [json.loads(b64decode(body["message"]["data"])) for body in self.bodies]


class _Handler(BaseHTTPRequestHandler):
    server: Subscriber

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.server.tokens.append(self.headers["authorization"].removeprefix("Bearer "))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
        pass


@pytest.fixture
def subscriber(emulator: httpx.Client) -> Iterator[Subscriber]:
    """Gets the pushes of TOPIC when a test flushes."""
    server = Subscriber()
    thread = Thread(target=server.serve_forever)
    thread.start()
    emulator.post("knobs", json={"push_automatic": False}).raise_for_status()
    emulator.post("google/topics", json={"topic": TOPIC, "endpoint": server.url}).raise_for_status()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def watch(gmail: Gmail, **body: Any) -> Json:
    answer: Json = gmail.api.watch(userId="me", body={"topicName": TOPIC, **body}).execute()
    return answer


def flush(emulator: httpx.Client) -> None:
    emulator.post("flush").raise_for_status()


def test_watch_answers_the_head_and_an_end_in_a_week(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client
) -> None:
    emulator.post("clock", json={"frozen": True, "now": 1_700_000_000_000}).raise_for_status()
    head = alice.api.getProfile(userId="me").execute()["historyId"]
    assert watch(alice) == {"historyId": head, "expiration": str(1_700_000_000_000 + WEEK_MS)}


def test_the_first_push_comes_at_once(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    head = watch(alice)["historyId"]
    flush(emulator)
    assert subscriber.data == [{"emailAddress": ALICE, "historyId": int(head)}]


def test_a_push_looks_as_pubsub_makes_it(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    watch(alice)
    flush(emulator)
    (body,) = subscriber.bodies
    assert body["subscription"] == "projects/postroom-demo/subscriptions/gmail"
    message = body["message"]
    assert message.keys() == {"data", "messageId", "message_id", "publishTime", "publish_time"}
    assert message["messageId"] == message["message_id"]
    assert message["publishTime"].endswith("Z")


@pytest.mark.parametrize("certificates", ["/oauth2/v1/certs", "/oauth2/v3/certs"])
def test_a_push_is_signed(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, emulator_url: str, certificates: str
) -> None:
    watch(alice)
    flush(emulator)
    with requests.Session() as session:
        session.trust_env = False
        claims = id_token.verify_token(
            subscriber.tokens[0],
            GoogleRequest(session),
            audience=subscriber.url,
            certs_url=emulator_url + certificates,
            clock_skew_in_seconds=5,
        )
    assert claims["iss"] == "https://accounts.google.com"
    assert (claims["email"], claims["email_verified"]) == (ACCOUNT, True)


def test_each_change_is_told_with_its_history_id(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put
) -> None:
    watch(alice)
    gid = put()
    alice.api.messages().modify(userId="me", id=gid, body={"addLabelIds": ["STARRED"]}).execute()
    flush(emulator)
    told = [data["historyId"] for data in subscriber.data]
    assert told == sorted(told)
    assert str(told[-1]) == alice.api.getProfile(userId="me").execute()["historyId"]
    assert len(told) == 3


@pytest.mark.parametrize(
    ("behavior", "told"), [({}, 1), ({"labelFilterBehavior": "include"}, 1), ({"labelFilterBehavior": "exclude"}, 2)]
)
def test_labels_narrow_a_watch(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put, behavior: Json, told: int
) -> None:
    watch(alice, labelIds=["STARRED"], **behavior)
    for label in ("INBOX", "INBOX", "STARRED"):
        put(labels=label)
    flush(emulator)
    assert len(subscriber.data) - 1 == told


def test_after_stop_nothing_comes(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put) -> None:
    watch(alice)
    flush(emulator)
    assert alice.http.post("/gmail/v1/users/me/stop").status_code == 204
    put()
    flush(emulator)
    assert len(subscriber.data) == 1


def test_a_watch_ends_after_a_week(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put) -> None:
    watch(alice)
    emulator.post("clock", json={"advance_ms": WEEK_MS}).raise_for_status()
    put()
    flush(emulator)
    assert len(subscriber.data) == 1


def test_watching_again_renews(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put) -> None:
    first = watch(alice)
    emulator.post("clock", json={"advance_ms": 1000}).raise_for_status()
    assert int(watch(alice)["expiration"]) > int(first["expiration"])
    put()
    flush(emulator)
    assert len(subscriber.data) == 3


def test_one_topic_at_a_time(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    other = "projects/postroom-demo/topics/other"
    emulator.post("google/topics", json={"topic": other, "endpoint": subscriber.url}).raise_for_status()
    watch(alice)
    refusal = refused(alice.api.watch(userId="me", body={"topicName": other}))
    assert refusal.status == 400
    assert refusal.message.startswith("Only one user push notification client allowed per developer")
    alice.api.stop(userId="me").execute()
    watch(alice, topicName=other)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"topicName": "projects/another/topics/gmail"}, 400),
        ({"topicName": "gmail"}, 400),
        ({}, 400),
        ({"topicName": "projects/postroom-demo/topics/unheard-of"}, 404),
        ({"topicName": TOPIC, "labelIds": ["Label_99"]}, 400),
        ({"topicName": TOPIC, "labelFilterBehavior": "maybe"}, 400),
    ],
)
def test_a_watch_that_cannot_be_is_refused(alice: Gmail, subscriber: Subscriber, body: Json, status: int) -> None:
    assert refused(alice.api.watch(userId="me", body=body)).status == status


def test_a_setting_gives_every_topic_an_endpoint(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"pubsub_push_url": subscriber.url}).raise_for_status()
    watch(alice, topicName="projects/postroom-demo/topics/another")
    flush(emulator)
    assert subscriber.bodies[0]["subscription"] == "projects/postroom-demo/subscriptions/another"


def test_more_than_one_a_second_are_dropped_where_the_rule_is_on(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put
) -> None:
    emulator.post("clock", json={"frozen": True}).raise_for_status()
    emulator.post("knobs", json={"pubsub_events_per_s": 1}).raise_for_status()
    watch(alice)
    put()
    emulator.post("clock", json={"advance_ms": 1000}).raise_for_status()
    put()
    put()
    flush(emulator)
    assert len(subscriber.data) == 2


def test_the_unsettled_spellings_can_be_had(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    emulator.post("knobs", json={"pubsub_history_id": "string", "pubsub_base64": "url"}).raise_for_status()
    watch(alice)
    flush(emulator)
    data = json.loads(urlsafe_b64decode(subscriber.bodies[0]["message"]["data"]))
    assert isinstance(data["historyId"], str)


def test_what_is_not_acknowledged_comes_again(alice: Gmail, subscriber: Subscriber, emulator: httpx.Client) -> None:
    subscriber.statuses = [500, 203]
    watch(alice)
    for _ in range(3):
        flush(emulator)
    assert len({body["message"]["messageId"] for body in subscriber.bodies}) == 1
    assert len(subscriber.bodies) == 3


def test_pushes_come_twice_and_out_of_order_on_command(
    alice: Gmail, subscriber: Subscriber, emulator: httpx.Client, put: Put
) -> None:
    emulator.post("knobs", json={"push_copies": 2, "push_reversed": True}).raise_for_status()
    watch(alice)
    put()
    flush(emulator)
    told = [data["historyId"] for data in subscriber.data]
    assert told == sorted(told, reverse=True)
    assert len(set(told)) == 2


def test_nobody_hears_of_mailboxes_that_are_not_watched(
    sign_in: Sign, subscriber: Subscriber, emulator: httpx.Client, put: Put
) -> None:
    watch(sign_in(ALICE))
    put(address="charlie@globex.example")
    flush(emulator)
    assert {data["emailAddress"] for data in subscriber.data} == {ALICE}
