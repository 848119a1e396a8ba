"""Servers of the test run's own: one PostgreSQL and one Redis, and in them a database for each worker.

Loaded by ``-p tests.servers`` before Django's settings are: it sets the variables that they read. The
first process leases the embedded servers, migrates one database as the owner of
the tables, and every process, pytest-xdist's workers too, copies that one: a copy takes a tenth of a second.
Tests connect as the web does, as a role that row-level security binds.

With DATABASE_URL, DATABASE_ADMIN_URL (a superuser's) and REDIS_URL set, those servers are used instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def start() -> None:
    """Once a test run: leases or takes the servers, and prepares the database that workers copy."""
    home = Path(tempfile.mkdtemp(prefix="postroom-test-"))
    home.chmod(0o755)
    stack = ExitStack()
    atexit.register(stack.close)
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["DATA_DIR"] = str(home)
    if not os.environ.get("DATABASE_ADMIN_URL"):
        from local.servers import lease

        servers = stack.enter_context(lease(home, durable=False))
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["DATABASE_OWNER_URL"] = servers.owner_database_url
        os.environ["DATABASE_ADMIN_URL"] = servers.admin_database_url
        os.environ["REDIS_URL"] = servers.redis_url
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)


def claim() -> None:
    """Once a worker: a database, a Redis number and a folder of its own."""
    name = f"postroom_test_{WORKER or 'main'}"
    source = database_of(os.environ["DATABASE_URL"])
    with admin("postgres") as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER postroom_owner")
        cursor.execute(copy.format(sql.Identifier(name), sql.Identifier(source)))
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[variable] = with_database(os.environ[variable], name)
    number = int(WORKER.removeprefix("gw") or -1) + 1
    os.environ["REDIS_URL"] = with_redis_number(os.environ["REDIS_URL"], number % 16)
    os.environ["DATA_DIR"] = str(Path(os.environ["DATA_DIR"]) / name)
    # WhiteNoise warns of a folder that is not there, and a warning fails a test.
    (Path(os.environ["DATA_DIR"]) / "static").mkdir(parents=True, exist_ok=True)


#: Deletes what tests have committed. Django would truncate all tables, which takes a third of a second where nearly all
#: are empty.
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT format('%I', relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$
"""


def empty() -> None:
    """For after a test that commits: this worker's database is as it was when it was made."""
    with admin(database_of(os.environ["DATABASE_URL"])) as cursor:
        cursor.execute(EMPTY)


class admin:  # noqa: N801  # Reads as what it gives.
    """A cursor of the superuser, each statement a transaction of its own."""

    def __init__(self, database: str) -> None:
        self.connection = psycopg2.connect(with_database(os.environ["DATABASE_ADMIN_URL"], database))
        self.connection.autocommit = True

    def __enter__(self) -> psycopg2.extensions.cursor:
        return self.connection.cursor()

    def __exit__(self, *_exception: object) -> None:
        self.connection.close()


def database_of(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.lstrip("/")


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_redis_number(url: str, number: int) -> str:
    """The same Redis, another of its numbered databases."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        # By hand: urlunsplit would drop the empty host of a scheme it does not know.
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def wants_servers() -> bool:
    """Not where pytest is only asked about itself or about its tests' names."""
    return not {"--help", "-h", "--version", "--collect-only", "--co"} & set(sys.argv)


if wants_servers():
    if not WORKER:
        start()
    claim()
