"""Who may do what in the embedded PostgreSQL, proven by asking it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2
import pytest

from local.roles import prepare
from local.servers import Servers
from tests.local.support import Sql


@pytest.fixture
def table(servers: Servers, sql: Sql) -> Iterator[str]:
    """A table that the owner made later, as a migration does."""
    sql(servers.owner_database_url, "CREATE TABLE letters (id serial, tenant int, words text)")
    yield "letters"
    sql(servers.owner_database_url, "DROP TABLE letters")


def test_the_roles_are_neither_superusers_nor_above_row_level_security(servers: Servers, sql: Sql) -> None:
    rows = sql(
        servers.admin_database_url,
        "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
        " FROM pg_roles WHERE rolname LIKE 'postroom%%' ORDER BY 1",
    )
    no_rights = (False,) * 5
    assert rows == [("postroom_app", True, *no_rights), ("postroom_owner", True, *no_rights)]


def test_the_owner_owns_the_database_and_the_app_does_not(servers: Servers, sql: Sql) -> None:
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert sql(servers.database_url, owner) == [("postroom_owner",)]


def test_the_app_reads_and_writes_rows_of_tables_made_later(servers: Servers, sql: Sql, table: str) -> None:
    sql(servers.database_url, f"INSERT INTO {table} (words) VALUES ('hello')")
    sql(servers.database_url, f"UPDATE {table} SET words = 'goodbye'")
    assert sql(servers.database_url, f"SELECT id, words FROM {table}") == [(1, "goodbye")]
    sql(servers.database_url, f"DELETE FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE letters",
        "ALTER TABLE letters DISABLE ROW LEVEL SECURITY",
        "TRUNCATE letters",
        "CREATE TABLE own (a int)",
    ],
)
def test_the_app_may_not_change_tables(servers: Servers, sql: Sql, table: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        sql(servers.database_url, statement)


def test_row_level_security_binds_the_app(servers: Servers, sql: Sql, table: str) -> None:
    sql(servers.owner_database_url, f"INSERT INTO {table} (tenant) VALUES (1), (2)")
    sql(servers.owner_database_url, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    sql(servers.owner_database_url, f"CREATE POLICY own ON {table} USING (tenant = 1)")
    assert sql(servers.database_url, f"SELECT tenant FROM {table}") == [(1,)]


def test_the_extensions_are_there(servers: Servers, sql: Sql) -> None:
    rows = sql(servers.database_url, "SELECT extname FROM pg_extension ORDER BY 1")
    assert {"btree_gin", "pg_trgm", "unaccent"} <= {name for (name,) in rows}
    assert sql(servers.database_url, "SELECT unaccent('Žižek'), lower('ÄÖÜ')") == [("Zizek", "äöü")]


def test_letters_of_every_language_count_as_letters(servers: Servers, sql: Sql) -> None:
    rows = sql(servers.database_url, "SELECT to_tsvector('simple', %s)::text, show_trgm(%s)", "Ångström Łódź", "łó")
    assert rows[0][0] == "'Ångström':1 'Łódź':2".lower()
    assert len(rows[0][1]) == 3


def test_a_test_database_gets_the_same_furniture(servers: Servers, sql: Sql) -> None:
    prepare(servers.admin_database_url, "another")
    prepare(servers.admin_database_url, "another")
    owner, app = (
        urlsplit(url)._replace(path="/another").geturl() for url in (servers.owner_database_url, servers.database_url)
    )
    sql(owner, "CREATE TABLE letters AS SELECT 1 AS id")
    assert sql(app, "SELECT id, similarity('a', 'a') FROM letters") == [(1, 1.0)]


def test_pages_carry_checksums_and_text_is_utf8(servers: Servers, sql: Sql) -> None:
    assert sql(servers.database_url, "SHOW data_checksums") == [("on",)]
    assert sql(servers.database_url, "SHOW server_encoding") == [("UTF8",)]
