"""`python -m local reset`, behind `make demo-reset`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.local.support import FAKE_HOUSE, WORKER, Hold, Inspector, Sql, Start, is_alive


def test_reset_deletes_the_data(cluster: Path, hold: Hold, local: Start, data_dir: Path, sql: Sql) -> None:
    holder = hold()
    sql(holder.urls["owner_database_url"], "CREATE TABLE gone (id int)")
    holder.leave()
    (data_dir / "media" / "ab").mkdir(parents=True)
    assert local("reset").end() == 0
    assert {entry.name for entry in data_dir.iterdir()} <= {"lease.lock", "start.lock", "supervisor.lock"}
    assert sql(hold().urls["database_url"], "SELECT to_regclass('gone')") == [(None,)]


def test_reset_stops_servers_that_were_left_running(
    cluster: Path, leave_running: None, local: Start, inspector: Inspector
) -> None:
    left = inspector.both()
    assert local("reset").end() == 0
    assert not any(map(is_alive, left))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has its database elsewhere")
def test_reset_deletes_the_database_that_is_kept_elsewhere(hold: Hold, local: Start, house: Path) -> None:
    (house / "closed").mkdir(mode=0o700)
    folder, state = house / "closed" / "data", house / "state"
    hold(folder, POSTROOM_STATE_DIR=state).leave()
    assert len(list(state.iterdir())) == 1
    assert local("reset", DATA_DIR=folder).end() == 0
    assert not list(state.iterdir())


def test_reset_refuses_while_the_house_runs(cluster: Path, start: Start, local: Start, data_dir: Path) -> None:
    running = start(FAKE_HOUSE, WORKER, DATA_DIR=data_dir)
    running.line_with("up")
    program = local("reset")
    program.line_with("python -m local stop")
    assert program.end() == 2
    running.tell(signal.SIGINT)
    assert running.end() == 0


def test_reset_refuses_while_a_command_uses_the_servers(
    cluster: Path, hold: Hold, local: Start, inspector: Inspector
) -> None:
    holder = hold()
    assert local("reset").end() == 2
    assert inspector.both()
    holder.leave()


def test_reset_never_deletes_a_folder_that_holds_more(local: Start, house: Path) -> None:
    (house / "home" / "start.lock").mkdir(parents=True)
    program = local("reset", DATA_DIR=house, HOME=house / "home")
    program.line_with("that is not deleted")
    assert program.end() == 2
    assert (house / "home" / "start.lock").exists()
