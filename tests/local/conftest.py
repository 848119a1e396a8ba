from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from local import upkeep
from local.servers import Servers, lease
from tests.local.support import HERE, Hold, Holder, Inspector, Program, RedisAt, Sql, Start


@pytest.fixture
def house() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach too, which pytest's tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="postroom-local-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(house: Path) -> Iterator[Path]:
    """A DATA_DIR to be. At the end nothing runs in it, and a test that ends with a holder there fails."""
    folder = house / "data"
    yield folder
    upkeep.stop(folder, lambda _: None)


@pytest.fixture(scope="session")
def old_house() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="postroom-local-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def made_dir(old_house: Path) -> Path:
    """A DATA_DIR whose servers ran once and were stopped: to copy, since making a cluster takes a second or two."""
    with lease(old_house / "made", durable=False):
        pass
    return old_house / "made"


def copy_of(made_dir: Path, folder: Path) -> Path:
    """As it is, with modes and owners, which Python's own copies lose."""
    subprocess.run(["cp", "-a", made_dir, folder], check=True)
    return folder


@pytest.fixture
def cluster(made_dir: Path, data_dir: Path) -> Path:
    """The cluster of a `data_dir` in which servers have run: for tests that are not about making one."""
    return copy_of(made_dir, data_dir) / "postgres"


@pytest.fixture(scope="session")
def _used_dir(made_dir: Path, old_house: Path) -> Path:
    return copy_of(made_dir, old_house / "used")


@pytest.fixture
def used_dir(_used_dir: Path) -> Iterator[Path]:
    """A DATA_DIR that earlier tests have used."""
    yield _used_dir
    upkeep.stop(_used_dir, lambda _: None)


@pytest.fixture(scope="session")
def servers(made_dir: Path, old_house: Path) -> Iterator[Servers]:
    """Servers for tests that only ask them."""
    with lease(copy_of(made_dir, old_house / "lent"), durable=False) as servers:
        yield servers


@pytest.fixture
def inspector(data_dir: Path) -> Inspector:
    return Inspector(data_dir)


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    """Start a Python program; whatever becomes of the test, it ends before `data_dir` does."""
    with ExitStack() as stack:

        def begin(*command: str | Path, **changes: str | Path) -> Program:
            program = Program(*command, **changes)
            stack.callback(program.clean_up)
            return program

        yield begin


@pytest.fixture
def hold(start: Start, data_dir: Path) -> Hold:
    """Take a lease in another process; keywords go into its environment."""

    def begin(folder: Path | None = None, **changes: str | Path) -> Holder:
        return Holder(start(HERE / "holder.py", folder or data_dir, **changes))

    return begin


@pytest.fixture
def leave_running(hold: Hold) -> None:
    """Servers run and nobody holds them: whoever started them has left, and who used them last was killed."""
    starter, user = hold(), hold()
    starter.leave()
    user.kill()


@pytest.fixture
def local(start: Start, data_dir: Path) -> Start:
    """`python -m local` in the test's DATA_DIR."""
    return lambda *words, **changes: start("-m", "local", *words, **{"DATA_DIR": data_dir, **changes})


@pytest.fixture
def sql() -> Sql:
    return query


def query(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement, which is committed."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def redis_at() -> Iterator[RedisAt]:
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(redis.Redis.from_url(url))


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """The rest of the test runs without root's rights."""
    os.seteuid(65534)
    yield
    os.seteuid(0)
