"""Notifications reach subscribers at least once, and a test knows when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from emulator.push import Flushed, Post
from emulator.world import World


class Subscriber(HTTPServer):
    """Notes bodies; answers each of `statuses` once, then 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[str] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Subscriber

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
        pass


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    server = Subscriber()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def flush(world: World, *, times: int = 1) -> list[Flushed]:
    async def run() -> list[Flushed]:
        outcomes = [await world.push.flush() for _ in range(times)]
        await world.push.close()
        return outcomes

    return asyncio.run(run())


def test_a_flush_delivers_everything_in_order(world: World, subscriber: Subscriber) -> None:
    for body in (b"1", b"2"):
        world.push.post(Post(subscriber.url, body))
    assert flush(world) == [Flushed(delivered=2, failed=0, given_up=0, waiting=0)]
    assert subscriber.bodies == ["1", "2"]


def test_a_refused_notification_comes_again(world: World, subscriber: Subscriber) -> None:
    subscriber.statuses = [500]
    world.push.post(Post(subscriber.url, b"1"))
    first, second = flush(world, times=2)
    assert (first.failed, first.waiting, second.delivered) == (1, 1, 1)
    assert subscriber.bodies == ["1", "1"]


def test_it_gives_up_at_last(world: World, subscriber: Subscriber) -> None:
    world.knobs.set({"push_attempts": 2})
    subscriber.statuses = [500, 500]
    world.push.post(Post(subscriber.url, b"1"))
    assert [outcome.given_up for outcome in flush(world, times=2)] == [0, 1]
    assert world.push.waiting == 0


def test_duplicates_and_disorder_can_be_ordered(world: World, subscriber: Subscriber) -> None:
    world.knobs.set({"push_copies": 2, "push_reversed": True})
    for body in (b"1", b"2"):
        world.push.post(Post(subscriber.url, body))
    flush(world)
    assert subscriber.bodies == ["2", "2", "1", "1"]


@pytest.mark.parametrize("url", ["http://hooks.example/", "http://[", "ftp://127.0.0.1/", ""])
def test_nobody_outside_this_machine_is_notified(world: World, url: str) -> None:
    world.push.post(Post(url, b"1"))
    assert flush(world)[0].failed == 1


def test_the_background_task_sends_without_being_asked(world: World, subscriber: Subscriber) -> None:
    async def run() -> None:
        task = asyncio.create_task(world.push.run())
        answers: asyncio.Queue[int] = asyncio.Queue()

        def accepted(status: int) -> bool:
            answers.put_nowait(status)
            return status == 204

        world.push.post(Post(subscriber.url, b"1", accepted=accepted))
        await asyncio.wait_for(answers.get(), 10)
        task.cancel()
        await world.push.close()

    asyncio.run(run())
    assert subscriber.bodies == ["1"]
