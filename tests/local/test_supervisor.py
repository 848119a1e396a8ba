"""The supervisor, with made-up parts and real processes."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.local.support import FAKE_HOUSE, Hold, Inspector, Program, Start, ends, is_alive

ELSEWHERE = {"DATABASE_URL": "postgres://elsewhere.test/postroom", "REDIS_URL": "redis://elsewhere.test"}

WAITS = "import os, signal; print('pid', os.getpid()); signal.pause()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"
WEB = """
import http.server, os
address = ("127.0.0.1", int(os.environ["PORT"]))
http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""
SAYS_BYE = """
import signal, sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("bye")))
print("up")
signal.pause()
"""
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', \"{WAITS}\"]); {WAITS}"


@pytest.fixture
def open_house(start: Start, data_dir: Path, free_port: int) -> Start:
    """Run parts, on servers that are elsewhere unless the test wants embedded ones."""

    def begin(*parts: dict[str, Any], **changes: str | Path) -> Program:
        settings = {"DATA_DIR": data_dir, "PORT": str(free_port), **ELSEWHERE, **changes}
        return start(FAKE_HOUSE, json.dumps(parts), **settings)

    return begin


def process_of(program: Program) -> psutil.Process:
    """The process of a part that says its pid."""
    return psutil.Process(int(program.line_with("| pid").split()[-1]))


def test_lines_carry_the_time_and_the_name_of_their_part(open_house: Start) -> None:
    line = open_house({"name": "post", "python": "print('a letter')"}).line_with("a letter")
    time, name, bar, *words = line.split()
    assert (len(time), name, bar, words) == (8, "post", "|", ["a", "letter"])


def test_a_house_is_announced_when_its_pages_answer(open_house: Start, free_port: int) -> None:
    program = open_house({"name": "web", "python": WEB, "port": "PORT"})
    program.line_with(f"http://127.0.0.1:{free_port}")
    program.line_with("Ctrl-C")
    assert any("GET / " in line for line in program.lines)


def test_a_part_waits_for_what_it_needs(open_house: Start) -> None:
    program = open_house(
        {"name": "second", "python": "print('second runs')", "needs": ["first"], "once": True},
        {"name": "first", "python": "import time; print('first runs')", "once": True},
    )
    program.line_with("second runs")
    assert any("first runs" in line for line in program.lines)


def test_a_crashed_part_is_started_again_after_ever_longer_pauses(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": "raise SystemExit(3)"})
    program.line_with("worker ended: exit code 3, crash 1. Starting it again in 0.05 s")
    program.line_with("worker ended: exit code 3, crash 2. Starting it again in 0.1 s")
    program.line_with("worker ended: exit code 3, crash 3. Starting it again in 0.2 s")


def test_a_killed_part_is_started_again(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": WAITS})
    first = process_of(program)
    first.kill()
    program.line_with("worker ended: killed by SIGKILL")
    assert process_of(program) != first


def test_a_preparation_that_fails_stops_the_house(open_house: Start) -> None:
    program = open_house(
        {"name": "worker", "python": WAITS},
        {"name": "migrate", "python": "raise SystemExit(7)", "once": True},
        {"name": "web", "python": "print('never')", "needs": ["migrate"]},
    )
    program.line_with("migrate failed: exit code 7")
    assert program.end() == 1
    assert not any("never" in line for line in program.lines)


@pytest.mark.parametrize(("made_at", "is_made_again"), [(50, True), (150, False)])
def test_what_is_newer_than_its_sources_is_not_made_again(
    open_house: Start, tmp_path: Path, made_at: int, is_made_again: bool
) -> None:
    source, made = tmp_path / "sources" / "a.css", tmp_path / "made.json"
    source.parent.mkdir()
    for path, time in ((made, made_at), (source, 100), (source.parent, 100)):
        path.touch()
        os.utime(path, (time, time))
    make = {"name": "static", "python": "print('making')", "once": True, "makes": str(made)}
    program = open_house(
        {**make, "made_from": [str(source.parent)]}, {"name": "web", "python": WAITS, "needs": ["static"]}
    )
    process_of(program)
    assert any("making" in line for line in program.lines) is is_made_again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_in_peace(open_house: Start, number: signal.Signals) -> None:
    program = open_house({"name": "worker", "python": WITH_CHILD})
    processes = [process_of(program), process_of(program)]
    program.tell(number)
    assert program.end() == 0
    assert not any(map(is_alive, processes))


def test_parts_stop_before_what_they_need(open_house: Start) -> None:
    program = open_house(
        {"name": "emulator", "python": SAYS_BYE},
        {"name": "worker", "python": SAYS_BYE, "needs": ["emulator"]},
    )
    # In either order: a part without an address counts as ready when it runs.
    program.line_with("| up")
    program.line_with("| up")
    program.tell(signal.SIGINT)
    assert program.end() == 0
    assert [line.split()[1] for line in program.lines if "bye" in line] == ["worker", "emulator"]


def test_a_part_that_ignores_the_request_is_killed_after_its_grace(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": STUBBORN, "grace": 0.1})
    stubborn = process_of(program)
    program.tell(signal.SIGINT)
    assert program.end() == 0
    assert not is_alive(stubborn)


def test_a_second_ctrl_c_ends_everything_at_once(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": STUBBORN, "grace": 600})
    stubborn = process_of(program)
    program.tell(signal.SIGINT)
    program.line_with("Ctrl-C again")
    program.tell(signal.SIGINT)
    assert program.end() == 0
    assert not is_alive(stubborn)


def test_nothing_outlives_a_supervisor_that_is_killed(cluster: Path, open_house: Start, inspector: Inspector) -> None:
    program = open_house({"name": "worker", "python": WITH_CHILD}, DATABASE_URL="", REDIS_URL="")
    left = [process_of(program), process_of(program), *inspector.both()]
    program.tell(signal.SIGKILL)
    assert all(map(ends, left))


def test_a_part_that_ignores_the_request_does_not_outlive_it_either(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": STUBBORN})
    stubborn = process_of(program)
    program.tell(signal.SIGKILL)
    assert ends(stubborn)


def test_servers_that_somebody_else_uses_outlive_it(
    cluster: Path, open_house: Start, hold: Hold, inspector: Inspector
) -> None:
    program = open_house({"name": "worker", "python": WAITS}, DATABASE_URL="", REDIS_URL="")
    orphan = process_of(program)
    other = hold()
    program.tell(signal.SIGKILL)
    assert ends(orphan)
    assert inspector.both()
    other.leave()


def test_a_line_without_an_end_is_printed_in_pieces(open_house: Start) -> None:
    program = open_house({"name": "worker", "python": "print('x' * 1_000_000 + 'end')", "once": True})
    assert len(program.line_with("end")) < 300_000


def test_a_command_that_is_missing_is_said(open_house: Start) -> None:
    program = open_house({"name": "worker", "program": "/no/such/python", "python": ""})
    program.line_with("Cannot run /no/such/python")
    program.line_with("Starting it again")


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_killed_server_is_started_again(cluster: Path, open_house: Start, inspector: Inspector, name: str) -> None:
    program = open_house({"name": "worker", "python": WAITS}, DATABASE_URL="", REDIS_URL="")
    process_of(program)
    killed = getattr(inspector, name)()
    killed.kill()
    program.line_with("had died; it runs again")
    assert getattr(inspector, name)() != killed
    program.tell(signal.SIGINT)
    assert program.end() == 0
    assert not inspector.running()


def test_with_real_servers_no_embedded_ones_are_started(
    open_house: Start, inspector: Inspector, data_dir: Path
) -> None:
    program = open_house({"name": "worker", "python": "import os; print('on', os.environ['DATABASE_URL'])"})
    program.line_with(f"on {ELSEWHERE['DATABASE_URL']}")
    assert not (data_dir / "postgres").exists()
    assert not inspector.running()


def test_only_the_server_that_no_url_names_is_embedded(open_house: Start, inspector: Inspector) -> None:
    process_of(open_house({"name": "worker", "python": WAITS}, REDIS_URL=""))
    assert inspector.running() == ["redis-server"]


def test_parts_are_told_where_the_house_is(open_house: Start, data_dir: Path, free_port: int) -> None:
    program = open_house(
        {"name": "worker", "python": "import os; print('told', os.environ['DATA_DIR'], os.environ['PORT'])"}
    )
    assert program.line_with("told").split()[-2:] == [str(data_dir), str(free_port)]


def test_a_second_house_in_the_same_data_dir_is_refused(open_house: Start) -> None:
    first = open_house({"name": "worker", "python": WAITS})
    process_of(first)
    second = open_house({"name": "worker", "python": WAITS})
    second.line_with("already runs in")
    assert second.end() == 2
