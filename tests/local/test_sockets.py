"""The servers are reached by their own user alone."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from local.errors import ServerError
from local.layout import Layout
from local.servers import Servers, lease
from tests.local.support import Hold, RedisAt, Sql


def sockets(servers: Servers) -> list[Path]:
    folder = Path(unquote(urlsplit(servers.database_url).netloc.split("@")[1]))
    return [folder / ".s.PGSQL.5432", Path(unquote(urlsplit(servers.redis_url).path))]


def test_only_their_user_may_enter_the_folders_of_the_sockets(servers: Servers) -> None:
    for path in sockets(servers):
        assert path.is_socket()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_connect(servers: Servers, as_nobody: None) -> None:
    for path in sockets(servers):
        with socket.socket(socket.AF_UNIX) as client, pytest.raises(PermissionError):
            client.connect(str(path))


def test_no_network_port_is_open(servers: Servers, sql: Sql, redis_at: RedisAt) -> None:
    assert sql(servers.admin_database_url, "SHOW listen_addresses") == [("",)]
    assert redis_at(servers.redis_url).config_get("port") == {"port": "0"}


def test_nobody_but_the_two_users_has_a_way_in(servers: Servers, sql: Sql) -> None:
    rules = sql(servers.admin_database_url, "SELECT type, auth_method, options FROM pg_hba_file_rules")
    users = sql(servers.admin_database_url, "SELECT sys_name FROM pg_ident_file_mappings")
    assert rules == [("local", "peer", ["map=postroom"])]
    assert len(users) == (2 if os.geteuid() == 0 else 1)


def test_a_deep_data_dir_gets_short_sockets(house: Path, hold: Hold, sql: Sql, redis_at: RedisAt) -> None:
    holder = hold(house / "Deep" / ("and deeper-" * 20))
    assert sql(holder.urls["database_url"], "SELECT 1") == [(1,)]
    assert redis_at(holder.urls["redis_url"]).ping()
    shorts = [path.parent for path in sockets(Servers(**holder.urls))]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in shorts] == [0o700, 0o700]
    holder.leave()
    assert not any(folder.exists() for folder in shorts)


def test_a_short_folder_that_others_may_enter_is_refused(house: Path) -> None:
    deep = house / ("deep" * 30)
    prepared = Layout.of(deep).postgres_socket.parent
    prepared.mkdir()
    prepared.chmod(0o755)
    try:
        with pytest.raises(ServerError, match="is not a private folder"), lease(deep):
            pass
    finally:
        prepared.rmdir()


def test_a_path_with_odd_characters_works(house: Path, hold: Hold, sql: Sql, redis_at: RedisAt) -> None:
    holder = hold(house / "Ünder it's 100% @home:1?#")
    assert sql(holder.urls["database_url"], "SELECT 1") == [(1,)]
    assert redis_at(holder.urls["redis_url"]).ping()
    holder.leave()
