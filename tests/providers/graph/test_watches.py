"""Pushes: asked for with a handshake, renewed, ended, and read (E9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from providers import graph
from providers.base import Kind, Provider, ProviderError, Watch
from tests.providers.graph.conftest import BOB, Outlook


class Door(HTTPServer):
    """Our own door for pushes: says tokens back, and notes bodies."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/push/"
        self.bodies: list[bytes] = []
        self.status = 200

    def told(self, outlook: Outlook) -> list[graph.Notification]:
        outlook.act("flush")
        bodies, self.bodies = self.bodies, []
        return [each for body in bodies for each in graph.read_notifications(body)]


class _Handler(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        token = parse_qs(urlsplit(self.path).query).get("validationToken", [""])[0]
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if not token:
            self.server.bodies.append(body)
        self.send_response(self.server.status if token else 202)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(token.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
        pass


@pytest.fixture
def door() -> Iterator[Door]:
    server = Door()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_new_mail_is_told_with_the_secret(outlook: Outlook, bob: Provider, door: Door) -> None:
    watch = bob.watch(url=door.url, secret="s3cret")
    name = outlook.put("one")
    assert door.told(outlook) == [graph.Notification(watch.id, "s3cret", "", name)]


def test_it_lasts_nearly_three_days(outlook: Outlook, bob: Provider, door: Door) -> None:
    left = bob.watch(url=door.url, secret="s").expires_at - datetime.now(UTC)
    assert timedelta(minutes=4_190) < left <= timedelta(minutes=4_200)


def test_a_watch_is_renewed_rather_than_made_again(outlook: Outlook, bob: Provider, door: Door) -> None:
    first = bob.watch(url=door.url, secret="s")
    again = bob.watch(url=door.url, secret="s", current=Watch(first.id, datetime.now(UTC)))
    assert again.id == first.id
    assert again.expires_at >= first.expires_at
    assert len(outlook.asked("/graph/v1.0/subscriptions", "POST")) == 1


def test_a_watch_that_is_gone_is_made_anew(outlook: Outlook, bob: Provider, door: Door) -> None:
    first = bob.watch(url=door.url, secret="s")
    bob.unwatch(first)
    second = bob.watch(url=door.url, secret="s", current=first)
    assert second.id != first.id
    outlook.put("one")
    assert [each.subscription for each in door.told(outlook)] == [second.id]


def test_ending_it_twice_does_no_harm(outlook: Outlook, bob: Provider, door: Door) -> None:
    watch = bob.watch(url=door.url, secret="s")
    bob.unwatch(watch)
    bob.unwatch(watch)
    outlook.put("one")
    assert door.told(outlook) == []


def test_a_door_that_does_not_answer_is_our_fault(outlook: Outlook, bob: Provider, door: Door) -> None:
    door.status = 500
    with pytest.raises(ProviderError) as failed:
        bob.watch(url=door.url, secret="s")
    assert (failed.value.kind, failed.value.code) == (Kind.CODE, "ValidationError")


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
def test_what_becomes_of_it_is_told_at_the_same_door(outlook: Outlook, bob: Provider, door: Door, event: str) -> None:
    watch = bob.watch(url=door.url, secret="s")
    outlook.act("knobs", graph_lifecycle={BOB: event})
    outlook.put("one")
    assert graph.Notification(watch.id, "s", event) in door.told(outlook)
    # Whichever it was, renewing mends it.
    mended = bob.watch(url=door.url, secret="s", current=watch)
    outlook.put("two")
    assert mended.id in {each.subscription for each in door.told(outlook)}


def test_reading_alone_is_enough(outlook: Outlook, door: Door) -> None:
    assert outlook.open(scopes="User.Read Mail.Read").watch(url=door.url, secret="s").id
