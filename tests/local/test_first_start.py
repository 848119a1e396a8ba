"""The first start in a DATA_DIR makes the cluster, once and whole."""

from __future__ import annotations

from pathlib import Path

from local.servers import locate
from tests.local.support import HERE, Hold, Inspector, Sql, Start


def test_locating_starts_and_makes_nothing(data_dir: Path) -> None:
    locate(data_dir)
    assert not data_dir.exists()


def test_many_who_start_at_once_share_one_server(
    hold: Hold, start: Start, data_dir: Path, inspector: Inspector
) -> None:
    programs = [start(HERE / "holder.py", data_dir) for _ in range(4)]
    for program in programs:
        program.line_with('"database_url"')
    assert inspector.both()
    assert [program.end() for program in programs] == [0, 0, 0, 0]
    assert not inspector.running()


def test_what_an_interrupted_first_start_left_is_made_anew(data_dir: Path, hold: Hold, sql: Sql) -> None:
    half_made = data_dir / "postgres.new"
    half_made.mkdir(parents=True)
    data_dir.chmod(0o755)
    (half_made / "PG_VERSION").write_text("18\n")
    assert sql(hold().urls["database_url"], "SELECT 1") == [(1,)]
    assert not half_made.exists()


def test_making_the_cluster_is_said_once(hold: Hold) -> None:
    first, second = hold(), hold()
    assert any("Making the database cluster" in line for line in first.program.lines)
    assert not any("Making the database cluster" in line for line in second.program.lines)
