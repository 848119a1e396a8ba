"""Watches and the pushes that they bring (E9, S4)."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from emulator.keys import Keys
from providers.base import Recovery
from providers.gmail import App, BadPush, certificates, read_push, verify_push
from providers.gmail.grants import Answer
from tests.providers.gmail.conftest import ALICE, Log, Opened, refused

TOPIC = "projects/postroom-demo/topics/mail"
ACCOUNT = "pubsub-push@postroom-demo.iam.gserviceaccount.example"
AUDIENCE = "https://postroom.example/push/google/"
KEYS = Keys()
Received = list[tuple[str, bytes]]


@pytest.fixture
def endpoint() -> Iterator[tuple[str, Received]]:
    """A server that keeps what is pushed to it: its address, and (Authorization, body) of each push."""
    received: Received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            received.append((self.headers["authorization"], self.rfile.read(size)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/push", received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def topic(emulator: httpx.Client, endpoint: tuple[str, Received]) -> str:
    kept = {"topic": TOPIC, "endpoint": endpoint[0], "audience": AUDIENCE, "account": ACCOUNT}
    emulator.post("google/topics", json=kept).raise_for_status()
    return TOPIC


@pytest.fixture
def pushed(alice: Opened, topic: str, emulator: httpx.Client, endpoint: tuple[str, Received]) -> tuple[str, bytes]:
    """A true push of the emulator's."""
    alice.provider.watch(url=topic, secret="")
    emulator.post("flush").raise_for_status()
    return endpoint[1][0]


def test_a_watch_ends_after_a_week_unless_renewed(alice: Opened, topic: str) -> None:
    watch = alice.provider.watch(url=topic, secret="unused")
    assert timedelta(days=6) < watch.expires_at - datetime.now(UTC) <= timedelta(days=7)
    renewed = alice.provider.watch(url=topic, secret="unused", current=watch)
    assert renewed.expires_at >= watch.expires_at
    assert alice.paid == [100, 100]


def test_a_watch_on_another_topic_gives_way(
    alice: Opened, topic: str, emulator: httpx.Client, endpoint: tuple[str, Received]
) -> None:
    alice.provider.watch(url=topic, secret="")
    other = {"topic": f"{TOPIC}-2", "endpoint": endpoint[0], "account": ACCOUNT}
    emulator.post("google/topics", json=other).raise_for_status()
    assert alice.provider.watch(url=f"{TOPIC}-2", secret="").expires_at > datetime.now(UTC)


@pytest.mark.parametrize("name", ["projects/another/topics/mail", "projects/postroom-demo/topics/none", "nonsense"])
def test_a_topic_that_is_none_is_our_error(alice: Opened, name: str) -> None:
    error = refused(lambda: alice.provider.watch(url=name, secret=""))
    assert error.recovery is Recovery.PERMANENT
    assert alice.paid == [100]


def test_a_watch_can_be_ended_twice(alice: Opened, topic: str) -> None:
    watch = alice.provider.watch(url=topic, secret="")
    alice.provider.unwatch(watch)
    alice.provider.unwatch(watch)


def test_a_push_of_googles_is_taken(app: App, pushed: tuple[str, bytes]) -> None:
    authorization, body = pushed
    verify_push(app, authorization, audience=AUDIENCE, account=ACCOUNT)
    address, history_id = read_push(body)
    assert address == ALICE
    assert history_id > 0


@pytest.mark.parametrize("knobs", [{"pubsub_history_id": "string"}, {"pubsub_base64": "url"}])
def test_both_spellings_are_read(
    alice: Opened, topic: str, emulator: httpx.Client, endpoint: tuple[str, Received], knobs: dict[str, str]
) -> None:
    emulator.post("knobs", json=knobs).raise_for_status()
    alice.provider.watch(url=topic, secret="")
    emulator.post("flush").raise_for_status()
    assert read_push(endpoint[1][0][1])[0] == ALICE


@pytest.mark.parametrize(
    ("audience", "account"),
    [("https://elsewhere.example/", ACCOUNT), (AUDIENCE, "mallory@evil.example"), ("", ACCOUNT), (AUDIENCE, "")],
)
def test_a_push_for_others_is_refused(app: App, pushed: tuple[str, bytes], audience: str, account: str) -> None:
    with pytest.raises(BadPush):
        verify_push(app, pushed[0], audience=audience, account=account)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "Bearer " + "x" * 100_000])
def test_what_is_no_token_is_refused(app: App, emulator: httpx.Client, header: str) -> None:
    with pytest.raises(BadPush):
        verify_push(app, header, audience=AUDIENCE, account=ACCOUNT)


def claims(**changed: object) -> dict[str, object]:
    now = int(time.time())
    good = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "email": ACCOUNT, "email_verified": True}
    return {**good, "iat": now, "exp": now + 3600, **changed}


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_a_push_that_somebody_else_signed_is_refused(app: App, pushed: tuple[str, bytes], algorithm: str) -> None:
    """Also with the name of Google's key, and with its certificate as the secret."""
    kid = jwt.get_unverified_header(pushed[0].split()[1])["kid"]
    key: Any = {"none": "", "HS256": "x" * 32}.get(algorithm) or rsa.generate_private_key(65537, 2048)
    if algorithm == "none":
        key = ""
    forged = jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": kid})
    with pytest.raises(BadPush):
        verify_push(app, f"Bearer {forged}", audience=AUDIENCE, account=ACCOUNT)


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Signs as Google: what is wrong then is in the claims alone."""
    kept = Answer(200, {}, json.dumps(KEYS.x509_map()).encode())
    monkeypatch.setattr(type(certificates._CERTIFICATES), "__call__", lambda *_args, **_named: kept)
    return lambda **changed: f"Bearer {KEYS.sign(claims(**changed))}"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://accounts.evil.example"},
        {"iss": ""},
        {"aud": "https://elsewhere.example/"},
        {"email": "mallory@evil.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
    ],
)
def test_every_claim_counts(app: App, signed: Callable[..., str], changed: dict[str, object]) -> None:
    verify_push(app, signed(), audience=AUDIENCE, account=ACCOUNT)
    with pytest.raises(BadPush):
        verify_push(app, signed(**changed), audience=AUDIENCE, account=ACCOUNT)


def test_certificates_are_fetched_once_an_hour(app: App, pushed: tuple[str, bytes], log: Log) -> None:
    verify_push(app, pushed[0], audience=AUDIENCE, account=ACCOUNT)
    log.clear()
    for _ in range(3):
        verify_push(app, pushed[0], audience=AUDIENCE, account=ACCOUNT)
        with pytest.raises(BadPush):
            verify_push(app, "Bearer a.b.c", audience=AUDIENCE, account=ACCOUNT)
    assert log.calls("certs") == []


def test_new_keys_are_looked_for_after_a_while(
    app: App, pushed: tuple[str, bytes], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify_push(app, pushed[0], audience=AUDIENCE, account=ACCOUNT)
    log.clear()
    monkeypatch.setattr("providers.gmail.certificates._ASKED_AGAIN", 0.0)
    with pytest.raises(BadPush):
        verify_push(app, "Bearer a.b.c", audience=AUDIENCE, account=ACCOUNT)
    assert len(log.calls("certs")) == 1


def test_without_certificates_a_push_shall_come_again(
    app: App, emulator: httpx.Client, fault: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.gmail.certificates.KEPT", -1.0)
    fault("/oauth2/v1/certs", status=503)
    error = refused(lambda: verify_push(app, "Bearer a.b.c", audience=AUDIENCE, account=ACCOUNT))
    assert error.recovery is Recovery.TRANSIENT


def envelope(data: bytes) -> bytes:
    return json.dumps({"message": {"data": b64encode(data).decode()}, "subscription": "s"}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b'{"message": {}}',
        b'{"message": {"data": 7}}',
        b'{"message": {"data": "x"}}',
        b'{"message": {"data": "\xc3\xa4"}}',
        envelope(b"null"),
        envelope(b"{}"),
        envelope(b'{"emailAddress": "a@b.example"}'),
        envelope(b'{"emailAddress": "a@b.example", "historyId": true}'),
        envelope(b'{"emailAddress": "a@b.example", "historyId": -1}'),
        envelope(b'{"emailAddress": "a@b.example", "historyId": 1.5}'),
        envelope(b'{"emailAddress": "a@b.example", "historyId": "0x1"}'),
        envelope(b'{"emailAddress": "a@b.example", "historyId": "999999999999999999999999"}'),
        envelope(b'{"emailAddress": 5, "historyId": 1}'),
        envelope(b'{"emailAddress": "a b@c", "historyId": 1}'),
        envelope(b'{"emailAddress": "nobody", "historyId": 1}'),
        envelope(b"[" * 50_000),
        b"[" * 60_000,
        envelope(b" " * 100_000),
    ],
)
def test_a_hostile_push_is_refused(body: bytes) -> None:
    """S8."""
    with pytest.raises(BadPush):
        read_push(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_push_or_a_refusal(data: bytes) -> None:
    for body in (data, envelope(data)):
        try:
            address, history_id = read_push(body)
        except BadPush:
            continue
        assert "@" in address
        assert history_id >= 0


@given(st.integers(0, 2**64 - 1), st.booleans(), st.booleans())
def test_any_history_id_is_read(number: int, as_text: bool, url: bool) -> None:
    data = json.dumps({"emailAddress": "Ü?>@B.example", "historyId": str(number) if as_text else number}).encode()
    encode = urlsafe_b64encode if url else b64encode
    body = json.dumps({"message": {"data": encode(data).decode().rstrip("=")}}).encode()
    assert read_push(body) == ("ü?>@b.example", number)
