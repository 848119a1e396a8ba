"""Who may do what in the embedded PostgreSQL.

`postroom_owner` owns the tables and migrates; `postroom_app` is what web and workers are: it reads and
writes rows, and row-level security holds for it because it neither owns a table nor may bypass the policies
(DESIGN.md section 4).
"""

from __future__ import annotations

from contextlib import closing

import psycopg2
from psycopg2 import extensions
from psycopg2.sql import SQL, Identifier

OWNER = "postroom_owner"
APP = "postroom_app"
DATABASE = "postroom"

_RIGHTS = SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")
_EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")
_LEAKPROOF = ("textlike(text, text)", "ts_match_vq(tsvector, tsquery)")


def prepare(admin_url: str, database: str = DATABASE) -> None:
    """Make the roles, the database and its extensions; what is there is put right.

    `admin_url` is the superuser's connection to any other database. Tests call this for databases of their
    own.
    """
    with closing(psycopg2.connect(admin_url)) as connection:
        # CREATE DATABASE refuses to run in a transaction.
        connection.autocommit = True
        with connection.cursor() as cursor:
            _make_roles(cursor)
            _make_database(cursor, database)
    with (
        closing(psycopg2.connect(admin_url, dbname=database)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        _furnish(cursor)


def _make_roles(cursor: extensions.cursor) -> None:
    for role in (OWNER, APP):
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = SQL("ALTER") if cursor.fetchone() else SQL("CREATE")
        cursor.execute(SQL("{} ROLE {} ").format(verb, Identifier(role)) + _RIGHTS)


def _make_database(cursor: extensions.cursor, database: str) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    name, owner, app = Identifier(database), Identifier(OWNER), Identifier(APP)
    if not cursor.fetchone():
        cursor.execute(SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    cursor.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    cursor.execute(SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app))


def _furnish(cursor: extensions.cursor) -> None:
    for extension in _EXTENSIONS:
        cursor.execute(SQL("CREATE EXTENSION IF NOT EXISTS {}").format(Identifier(extension)))
    # Else row-level security keeps LIKE and @@ out of indexes. All that textlike can give away, an error about
    # the pattern, is in the pattern; ts_match_vq has no error of its own.
    for function in _LEAKPROOF:
        cursor.execute(f"ALTER FUNCTION pg_catalog.{function} LEAKPROOF")
    grants = {"TABLES": "SELECT, INSERT, UPDATE, DELETE", "SEQUENCES": "USAGE, SELECT"}
    for kind, rights in grants.items():
        statement = SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT {} ON {} TO {}")
        cursor.execute(statement.format(Identifier(OWNER), SQL(rights), SQL(kind), Identifier(APP)))
