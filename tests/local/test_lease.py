from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from local.servers import lease, locate
from tests.local.support import HERE, Hold, Inspector, RedisAt, Sql, Start, ends


@pytest.fixture
def data_dir(used_dir: Path) -> Path:
    return used_dir


def test_a_lease_lends_postgresql_and_redis(data_dir: Path, sql: Sql, redis_at: RedisAt) -> None:
    with lease(data_dir) as servers:
        assert sql(servers.database_url, "SELECT current_user, current_database()") == [("postroom_app", "postroom")]
        assert redis_at(servers.redis_url).ping()


def test_the_servers_are_where_they_can_be_located(data_dir: Path) -> None:
    with lease(data_dir) as servers:
        assert locate(data_dir) == servers


def test_the_servers_run_until_the_last_holder_leaves(hold: Hold, inspector: Inspector, sql: Sql) -> None:
    first, last = hold(), hold()
    first.leave()
    assert sql(last.urls["database_url"], "SELECT 1") == [(1,)]
    last.leave()
    assert not inspector.running()


def test_a_killed_holder_takes_nothing_from_the_others(hold: Hold, inspector: Inspector, sql: Sql) -> None:
    killed, other = hold(), hold()
    killed.kill()
    assert sql(other.urls["database_url"], "SELECT 1") == [(1,)]
    other.leave()
    assert not inspector.running()


def test_servers_do_not_outlive_a_killed_holder_that_started_them(hold: Hold, inspector: Inspector) -> None:
    holder = hold()
    servers = inspector.both()
    holder.kill()
    assert all(map(ends, servers))


def test_the_next_holder_uses_and_stops_what_was_left_running(
    leave_running: None, hold: Hold, inspector: Inspector
) -> None:
    left = inspector.both()
    following = hold()
    assert inspector.both() == left
    following.leave()
    assert not inspector.running()


def test_children_that_outlive_a_holder_hold_no_lease(start: Start, data_dir: Path, inspector: Inspector) -> None:
    holder = start(HERE / "parent.py", data_dir)
    children = [psutil.Process(int(pid)) for pid in holder.line_with("children").split()[1:]]
    assert holder.end() == 0
    assert all(child.is_running() for child in children)
    assert not inspector.running()
    for child in children:
        child.kill()


def test_what_was_stored_is_there_after_a_stop(hold: Hold, sql: Sql, redis_at: RedisAt) -> None:
    first = hold()
    sql(first.urls["owner_database_url"], "CREATE TABLE kept AS SELECT 'letter' AS what")
    redis_at(first.urls["redis_url"]).set("kept", "letter")
    first.leave()
    second = hold()
    assert sql(second.urls["database_url"], "SELECT what FROM kept") == [("letter",)]
    assert redis_at(second.urls["redis_url"]).get("kept") == b"letter"


@pytest.mark.parametrize("how", ["sys.exit(3)", "raise ValueError", "pass"])
def test_an_acquired_lease_ends_with_its_process(how: str, start: Start, data_dir: Path, inspector: Inspector) -> None:
    program = start("-c", f"import sys, pathlib, local.servers as s; s.acquire(pathlib.Path({str(data_dir)!r})); {how}")
    program.end()
    assert (data_dir / "postgres").exists()
    assert not inspector.running()


def test_acquiring_twice_is_acquiring_once(start: Start, data_dir: Path) -> None:
    twice = (
        "import sys, pathlib, local.servers as s; d = pathlib.Path(sys.argv[1]); s.acquire(d) is s.acquire(d) or 1 / 0"
    )
    assert start("-c", twice, data_dir).end() == 0
