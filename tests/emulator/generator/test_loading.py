"""The seeded year in a world: by `POST /_control/seed` and by `python -m emulator --demo`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.generator.load import load_demo
from emulator.world import World

ALICE, BOB, ADA = "alice@northwind.example", "bob@northwind.example", "ada@northwind.example"
INES = "ines@atelier-lyon.example"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def demo(world: World) -> World:
    """A world with 400 messages of the demo."""
    load_demo(world, 400)
    return world


@contextmanager
def running(*options: str) -> Iterator[httpx.Client]:
    """The emulator as a process of its own; the client's paths are relative to /_control/."""
    command = [sys.executable, "-m", "emulator", "--port=0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().rsplit(" ", 1)[-1].strip()
            with httpx.Client(base_url=f"{address}/_control/", timeout=30) as client:
                yield client
        finally:
            process.terminate()


def truth(client: httpx.Client, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("truth", params={"address": address}).json()["messages"]
    return found


def test_alice_is_at_gmail_bob_at_microsoft_and_ada_at_neither(demo: World) -> None:
    providers = {address: demo.mailbox(address).provider for address in (ALICE, BOB, ADA)}
    assert providers == {ALICE: "google", BOB: "microsoft", ADA: None}


def test_the_amount_is_that_of_the_two_together(demo: World) -> None:
    assert len(demo.mailbox(ALICE)) + len(demo.mailbox(BOB)) == 400


def test_people_outside_have_what_they_sent_and_got(demo: World) -> None:
    assert {message.folder for message in demo.mailbox(INES).walk()} >= {"sentitems", "inbox"}


def test_threads_hold(demo: World) -> None:
    box = demo.mailbox(ALICE)
    longest = max((box.in_thread(message.thread) for message in box.walk()), key=len)
    assert len(longest) >= 4
    assert len(box.threads) < len(box)


def test_nobody_but_its_sender_sees_a_bcc(demo: World) -> None:
    for address, box in demo.mailboxes.items():
        seen = [message.head for message in box.walk() if message.head.bcc]
        assert all(address in head.sender for head in seen)


def test_user_labels_and_folders_are_made(demo: World) -> None:
    assert any(label.name.startswith("Customers/") for label in demo.mailbox(ALICE).labels)
    assert any(folder.name == "Customers" for folder in demo.mailbox(BOB).folders)


def test_a_seed_fills_the_mailboxes_that_are_named(emulator: httpx.Client) -> None:
    wanted = {"dora@fabrikam.example": "google", "emil@fabrikam.example": "microsoft"}
    answer = emulator.post("seed", json={"messages": 120, "seed": 5, "mailboxes": wanted})
    assert (answer.status_code, answer.json()) == (201, {"loaded": 120})
    boxes = {box["address"]: box for box in emulator.get("mailboxes").json()["mailboxes"]}
    assert {address: boxes[address]["provider"] for address in boxes} == wanted
    assert sum(box["messages"] for box in boxes.values()) == 120


def test_the_same_seed_gives_the_same_ids(emulator: httpx.Client) -> None:
    years = []
    for _ in range(2):
        emulator.post("reset")
        emulator.post("clock", json={"frozen": True, "now": "2026-11-04T11:30:00+00:00"})
        emulator.post("seed", json={"messages": 60, "seed": 9})
        years.append(truth(emulator, ALICE))
    assert years[0] == years[1] != []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": -1}, "messages"),
        ({"messages": "many"}, "messages"),
        ({"mailboxes": []}, "mailboxes"),
        ({"mailboxes": {"nobody": "google"}}, "address"),
        ({"mailboxes": {"a@b.example": "yahoo"}}, "mailboxes"),
        ({"amount": 3}, "amount"),
    ],
)
def test_a_bad_field_is_named(emulator: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = emulator.post("seed", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_the_command_begins_with_the_demo() -> None:
    with running("--demo", "--messages=40") as client:
        assert len(truth(client, ALICE)) + len(truth(client, BOB)) == 40


def test_a_snapshot_goes_before_the_demo(tmp_path: Path) -> None:
    file = tmp_path / "world"
    with running("--demo", "--messages=10", f"--snapshot={file}") as client:
        client.post("snapshot").raise_for_status()
    with running("--demo", "--messages=40", f"--snapshot={file}") as client:
        assert len(truth(client, ALICE)) + len(truth(client, BOB)) == 10


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_count_that_is_none_is_refused(count: str) -> None:
    command = [sys.executable, "-m", "emulator", f"--messages={count}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--messages" in done.stderr
