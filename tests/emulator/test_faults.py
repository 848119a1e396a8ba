"""Routes that fail as ordered, and a log that tells what was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Queue

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.app import create_app
from emulator.http import note, subrequest
from emulator.server import Server
from emulator.world import World

ALICE = "alice@northwind.example"
MAIL = b"From: a@b.example\r\nTo: alice@northwind.example\r\n\r\nHi\r\n"


def adder(world: World) -> list[BaseRoute]:
    """A part that stores a message at each call, and one that makes two such calls as a batch."""

    async def add(request: Request) -> Response:
        note(request).mailbox = ALICE
        world.mailbox(ALICE).add(MAIL)
        return JSONResponse({"messages": len(world.mailbox(ALICE))})

    async def batch(request: Request) -> Response:
        parts = [await subrequest(request, "POST", "/add?part=1") for _ in range(2)]
        return JSONResponse([part.status for part in parts])

    return [Route("/add", add, methods=["POST"]), Route("/batch", batch, methods=["POST"])]


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    ready: Queue[str] = Queue()
    server = Server(create_app(World(), parts=[adder]), host="127.0.0.1", port=0, on_ready=ready.put)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield ready.get(timeout=30)
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture
def client(server_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server_url, timeout=30) as client:
        client.post("/_control/reset").raise_for_status()
        yield client


def order(client: httpx.Client, **fault: object) -> None:
    client.post("/_control/faults", json={"path": "/add", **fault}).raise_for_status()


def stored(client: httpx.Client) -> int:
    count: int = client.get(f"/_control/mailboxes/{ALICE}").json()["messages"]
    return count


def test_a_fault_answers_as_ordered_and_only_so_often(client: httpx.Client) -> None:
    order(client, status=429, times=2, body={"error": "slow"}, headers={"Retry-After": "7"})
    answers = [client.post("/add") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert (answers[0].json(), answers[0].headers["retry-after"]) == ({"error": "slow"}, "7")
    assert stored(client) == 1


def test_a_fault_can_let_calls_pass_first(client: httpx.Client) -> None:
    order(client, status=500, after=1)
    assert [client.post("/add").status_code for _ in range(3)] == [200, 500, 200]


def test_other_routes_and_methods_are_spared(client: httpx.Client) -> None:
    order(client, status=500, path="/ad?", method="PATCH")
    order(client, status=500, path="/else/*")
    assert client.post("/add").status_code == 200


def test_commit_then_fail_does_the_work(client: httpx.Client) -> None:
    order(client, status=503, commit=True)
    assert client.post("/add").status_code == 503
    assert stored(client) == 1


def test_a_connection_can_break_without_a_word(client: httpx.Client) -> None:
    order(client, cut_after=-1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/add")
    assert stored(client) == 0


def test_a_connection_can_break_after_the_work(client: httpx.Client) -> None:
    order(client, cut_after=-1, commit=True)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/add")
    assert stored(client) == 1


def test_an_answer_can_break_off_in_the_middle(client: httpx.Client) -> None:
    order(client, cut_after=3)
    with pytest.raises(httpx.RemoteProtocolError, match="received 3 bytes"):
        client.post("/add")


def test_one_part_of_a_batch_can_fail(client: httpx.Client) -> None:
    order(client, status=429)
    assert client.post("/batch").json() == [429, 200]


def test_a_part_that_is_cut_takes_the_batch_with_it(client: httpx.Client) -> None:
    order(client, cut_after=-1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/batch")


def test_cleared_faults_are_gone(client: httpx.Client) -> None:
    order(client, status=500, times=0)
    assert client.post("/add").status_code == 500
    client.delete("/_control/faults")
    assert client.post("/add").status_code == 200


def test_the_log_tells_calls_and_parts(client: httpx.Client) -> None:
    order(client, status=500)
    client.post("/batch")
    entries = client.get("/_control/requests", params={"path": "add"}).json()["requests"]
    told = [(entry["path"], entry["query"], entry["part"], entry["status"]) for entry in entries]
    assert told == [("/add", "part=1", True, 500), ("/add", "part=1", True, 200)]


def test_the_log_is_filtered_by_mailbox_and_cleared(client: httpx.Client) -> None:
    client.post("/add")
    client.post("/nowhere")
    assert len(client.get("/_control/requests").json()["requests"]) == 2
    (entry,) = client.get("/_control/requests", params={"mailbox": ALICE}).json()["requests"]
    assert entry["path"] == "/add"
    client.delete("/_control/requests")
    assert client.get("/_control/requests").json()["requests"] == []
