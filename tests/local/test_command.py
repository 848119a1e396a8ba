"""`python -m local`, as a person types it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.layout import Layout
from local.locks import FileLock
from tests.local.support import FAKE_HOUSE, WORKER, Hold, Inspector, Start


@pytest.fixture
def data_dir(used_dir: Path) -> Path:
    return used_dir


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("variable", ["PORT", "EMULATOR_PORT"])
def test_a_taken_port_is_named_with_its_remedy(local: Start, taken: int, free_port: int, variable: str) -> None:
    other = {"PORT": "EMULATOR_PORT", "EMULATOR_PORT": "PORT"}[variable]
    program = local("run", **{variable: str(taken), other: str(free_port)})
    program.line_with(f"Port {taken} ({variable}) is taken")
    assert f"make run {variable}={taken + 1}" in program.lines[-1]
    assert program.end() == 2


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "８０００x"])
def test_a_port_that_is_none_is_refused(local: Start, value: str) -> None:
    program = local("run", PORT=value)
    program.line_with(f"PORT is {value!r}: write a port")
    assert program.end() == 2


def test_two_parts_cannot_share_a_port(local: Start) -> None:
    program = local("run", PORT="8791", EMULATOR_PORT="8791")
    program.line_with("PORT are both 8791")
    assert program.end() == 2


def test_a_second_start_in_the_middle_of_the_first_is_refused(start: Start, data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    with FileLock(Layout.of(data_dir).supervisor_lock) as lock:
        lock.exclude()
        second = start(FAKE_HOUSE, WORKER, DATA_DIR=data_dir)
        second.line_with("just being started")
        assert second.end() == 2


def test_stop_ends_a_running_house(start: Start, local: Start, data_dir: Path, inspector: Inspector) -> None:
    running = start(FAKE_HOUSE, WORKER, DATA_DIR=data_dir)
    running.line_with("up")
    assert local("stop").end() == 0
    assert running.end() == 0
    assert not inspector.running()


def test_stop_ends_servers_that_were_left_running(leave_running: None, local: Start, inspector: Inspector) -> None:
    assert inspector.both()
    assert local("stop").end() == 0
    assert not inspector.running()


def test_stop_leaves_servers_that_somebody_uses(hold: Hold, local: Start, inspector: Inspector) -> None:
    holder = hold()
    program = local("stop")
    program.line_with("Another program")
    assert program.end() == 2
    assert inspector.both()
    holder.leave()


def test_stop_is_content_where_nothing_is(local: Start, house: Path) -> None:
    assert local("stop", DATA_DIR=house / "nowhere").end() == 0
    assert not (house / "nowhere").exists()
