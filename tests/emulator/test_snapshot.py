"""The world in a file."""

from __future__ import annotations

import gzip
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from emulator import snapshot
from emulator.tokens import Grant
from emulator.world import World

Mail = Callable[..., bytes]
ALICE = "alice@northwind.example"


def test_a_world_goes_on_where_it_stopped(world: World, mail: Mail, tmp_path: Path) -> None:
    message = world.open(ALICE, "google").add(mail(), folder="inbox")
    token = world.tokens.issue(Grant("google", "c", ALICE, frozenset({"read"}), "1"), lifetime_s=60).access
    snapshot.save(world, tmp_path / "world")
    again = World()
    snapshot.load(again, tmp_path / "world")
    box = again.mailbox(ALICE)
    assert [each.gmail_id for each in box.walk(labels=["INBOX"])] == [message.gmail_id]
    assert box.changes.head == world.mailbox(ALICE).changes.head
    assert again.tokens.verify(token.value, "google").grant.address == ALICE
    assert again.clock.now_ms() == world.clock.now_ms()


def test_listeners_hear_of_a_restored_mailbox(world: World, mail: Mail, tmp_path: Path) -> None:
    world.mailbox(ALICE)
    snapshot.save(world, tmp_path / "world")
    again = World()
    heard: list[str] = []
    again.on_change(lambda box, _: heard.append(box.address))
    snapshot.load(again, tmp_path / "world")
    again.mailbox(ALICE).add(mail())
    assert heard == [ALICE]


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("harm",)


@pytest.mark.parametrize("content", [b"nothing", pickle.dumps(Harm()), pickle.dumps(("other", {}))])
def test_a_foreign_file_is_refused_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(gzip.compress(content))
    with pytest.raises(snapshot.BadSnapshotError):
        snapshot.load(World(), tmp_path / "file")
    assert not (tmp_path / "harm").exists()


def test_the_process_says_where_it_is_keeps_its_world_and_ends_when_told(mail: Mail, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "--port", "0", "--snapshot", str(tmp_path / "world")]
    for messages in (1, 2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            control = process.stdout.readline().split()[-1] + "/_control"
            httpx.post(f"{control}/mailboxes/{ALICE}/messages", content=mail()).raise_for_status()
            assert httpx.get(f"{control}/mailboxes/{ALICE}").json()["messages"] == messages
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
