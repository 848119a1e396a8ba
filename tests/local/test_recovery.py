"""A server that was killed loses nothing and stands up again."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from local.servers import heal, lease
from tests.local.support import Hold, Inspector, RedisAt, Sql


@pytest.fixture
def data_dir(used_dir: Path) -> Path:
    return used_dir


def kill(process: psutil.Process) -> None:
    process.kill()
    process.wait(30)


def test_a_killed_postgresql_is_healed_with_what_was_committed(data_dir: Path, inspector: Inspector, sql: Sql) -> None:
    with lease(data_dir) as servers:
        sql(servers.owner_database_url, "CREATE TABLE kept_in_postgresql AS SELECT 'letter' AS what")
        kill(inspector.postgres())
        assert heal(data_dir) == ["PostgreSQL"]
        assert sql(servers.database_url, "SELECT what FROM kept_in_postgresql") == [("letter",)]


def test_a_killed_redis_is_healed_with_what_was_written(
    data_dir: Path, inspector: Inspector, redis_at: RedisAt
) -> None:
    with lease(data_dir) as servers:
        redis_at(servers.redis_url).set("kept", "letter")
        kill(inspector.redis())
        assert heal(data_dir) == ["Redis"]
        assert redis_at(servers.redis_url).get("kept") == b"letter"


def test_nothing_is_healed_where_nothing_died(data_dir: Path, inspector: Inspector) -> None:
    with lease(data_dir):
        before = inspector.both()
        assert heal(data_dir) == []
        assert inspector.both() == before


def test_a_start_recovers_from_servers_and_holder_killed_together(hold: Hold, inspector: Inspector, sql: Sql) -> None:
    killed = hold()
    sql(killed.urls["owner_database_url"], "CREATE TABLE kept_in_both AS SELECT 'letter' AS what")
    for server in inspector.both():
        kill(server)
    killed.kill()
    assert sql(hold().urls["database_url"], "SELECT what FROM kept_in_both") == [("letter",)]


def test_a_stale_pid_file_that_names_another_program_is_no_obstacle(hold: Hold, data_dir: Path, sql: Sql) -> None:
    hold().leave()
    (data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data_dir / 'postgres'}\n")
    assert sql(hold().urls["database_url"], "SELECT 1") == [(1,)]
