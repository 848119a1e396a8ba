"""Lends the embedded servers: they run as long as anybody holds a lease.

A lease is a shared lock on a file in DATA_DIR. Starting and leaving are serialised by a second lock; whoever leaves
and then gets the first lock exclusively was the last, and stops the servers. For a killed holder that had started them
its undertaker does so; where that fails they go on, and the next holder finds and uses them.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from local import binaries, cluster, roles
from local.account import Account, current_account, server_account
from local.cluster import Tell
from local.errors import ServerError
from local.layout import Layout, make_data_dir, make_private
from local.locks import FileLock, exclusively
from local.postgres import Postgres
from local.processes import listens
from local.redis_server import RedisServer
from local.undertaker import Undertaker

Name = Literal["PostgreSQL", "Redis"]
ALL: tuple[Name, ...] = ("PostgreSQL", "Redis")


@dataclass(frozen=True)
class Servers:
    """What a process needs to know."""

    #: As `postroom_app`, who reads and writes rows under row-level security.
    database_url: str
    #: As `postroom_owner`, who owns the tables: for migrations.
    owner_database_url: str
    #: As the superuser, in the database `postgres`: for making databases.
    admin_database_url: str
    redis_url: str


def locate(data_dir: Path) -> Servers:
    """Where the servers of a DATA_DIR are, or would be; starts nothing and touches nothing.

    Before the very first start by root this supposes that PostgreSQL's user will reach DATA_DIR.
    """
    layout = Layout.of(data_dir)
    host = quote(str(layout.postgres_socket.parent), safe="")
    return Servers(
        database_url=f"postgres://{roles.APP}@{host}/{roles.DATABASE}",
        owner_database_url=f"postgres://{roles.OWNER}@{host}/{roles.DATABASE}",
        admin_database_url=f"postgres://postgres@{host}/postgres",
        redis_url=f"unix://{quote(str(layout.redis_socket))}",
    )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def lease(
    data_dir: Path,
    *,
    wanted: Collection[Name] = ALL,
    durable: bool = True,
    guarded: bool = True,
    on_progress: Tell = say,
) -> Iterator[Servers]:
    """Have the servers running, starting those that do not.

    `on_progress` is told what takes time or may surprise. Without `durable`, a PostgreSQL that is started here does
    not wait for the disk: a crash of the machine may then destroy its data, which is right for tests alone. `guarded`
    leaves it to an undertaker to stop what was started here, should this process be killed.
    Raises `ServerError` when a server cannot be had.
    """
    account = server_account() if "PostgreSQL" in wanted else current_account()
    layout = _enter(data_dir, account)
    holder = os.getpid()
    undertaker = None
    with FileLock(layout.lease_lock) as held:
        try:
            with exclusively(
                layout.start_lock, on_wait=lambda: on_progress("Waiting for another start or stop to end.")
            ):
                held.share()
                down = _down(layout, wanted)
                undertaker = Undertaker(data_dir) if down and guarded else None
                _start(layout, account, wanted, durable=durable, tell=on_progress)
            yield locate(data_dir)
        finally:
            # A forked child may unwind its parent's stack; the lease is not its own.
            if os.getpid() == holder:
                with exclusively(layout.start_lock, on_wait=lambda: None):
                    if held.try_exclude():
                        stop(data_dir)
                    # Before the other lock: whoever has that one sees no lease of somebody who is leaving.
                    held.close()
                if undertaker:
                    undertaker.dismiss()


_acquired: dict[tuple[int, Path], Servers] = {}


def acquire(data_dir: Path, *, durable: bool = True, on_progress: Tell = say) -> Servers:
    """A lease for the life of this process; asking again answers the same one. Raises `ServerError`."""
    key = (os.getpid(), data_dir.absolute())
    if key not in _acquired:
        stack = ExitStack()
        _acquired[key] = stack.enter_context(lease(data_dir, durable=durable, on_progress=on_progress))
        atexit.register(stack.close)
    return _acquired[key]


def heal(data_dir: Path, *, wanted: Collection[Name] = ALL, durable: bool = True) -> list[Name]:
    """Start the servers that have died, and name them; for holders of a lease. Raises `ServerError`."""
    layout = Layout.of(data_dir)
    if not _down(layout, wanted):
        return []
    with exclusively(layout.start_lock, on_wait=lambda: None):
        down = _down(layout, wanted)
        _start(layout, server_account(), down, durable=durable, tell=lambda _: None)
    return down


def stop(data_dir: Path) -> None:
    """Stop the servers that run; for whoever holds both locks."""
    layout = Layout.of(data_dir)
    if layout.cluster.exists():
        _postgres(layout, server_account()).stop()
    if layout.redis.exists():
        _redis(layout).stop()
    layout.give_back_borrowed()


def _enter(data_dir: Path, account: Account) -> Layout:
    try:
        make_data_dir(data_dir, account)
        layout = Layout.of(data_dir)
        layout.log.mkdir(mode=0o700, exist_ok=True)
        FileLock(layout.start_lock).close()
    except PermissionError as error:
        raise ServerError(
            f"The user {current_account().name} may not use DATA_DIR {data_dir} ({error}). "
            "Run Postroom as its owner, or choose another DATA_DIR."
        ) from error
    return layout


def _start(layout: Layout, account: Account, wanted: Collection[Name], *, durable: bool, tell: Tell) -> None:
    if "PostgreSQL" in wanted:
        layout = cluster.ensure(layout, account, durable=durable, tell=tell)
        postgres = _postgres(layout, account)
        if postgres.is_up:
            postgres.wait_until_ready()
        else:
            make_private(layout.postgres_socket.parent, account)
            postgres.start(durable=durable)
            roles.prepare(postgres.admin_url)
    if "Redis" in wanted:
        server = _redis(layout)
        for folder in {layout.redis, layout.redis_socket.parent}:
            make_private(folder, current_account())
        if server.is_up:
            server.wait_until_ready()
        else:
            server.start()


def _down(layout: Layout, wanted: Collection[Name]) -> list[Name]:
    sockets: dict[Name, Path] = {"PostgreSQL": layout.postgres_socket, "Redis": layout.redis_socket}
    return [name for name in wanted if not listens(sockets[name])]


def _postgres(layout: Layout, account: Account) -> Postgres:
    return Postgres(
        account=account,
        programs=binaries.postgres_for(account, layout.place),
        cluster=layout.cluster,
        socket=layout.postgres_socket,
        log=layout.log / "postgres.log",
        admin_url=locate(layout.data_dir).admin_database_url,
    )


def _redis(layout: Layout) -> RedisServer:
    return RedisServer(binaries.redis_server(), layout.redis, layout.redis_socket, layout.log / "redis.log")
