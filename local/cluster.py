"""Finds or makes the cluster, where the user that PostgreSQL runs as can reach it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from local import binaries, postgres
from local.account import Account
from local.errors import ServerError
from local.layout import Layout, make_private, substitute_place

Tell = Callable[[str], None]

_REMEDY_USER = "Run Postroom as that user, or choose another DATA_DIR."
_REMEDY_RESET = "To start afresh, losing what is in it: make demo-reset."


def ensure(layout: Layout, account: Account, *, durable: bool, tell: Tell) -> Layout:
    """Make the cluster if there is none; answers the layout with the place it is in.

    Raises `ServerError` when it cannot be made, or one is there that this PostgreSQL cannot use.
    """
    link = layout.data_dir / "postgres"
    if not os.path.lexists(link):
        place = _reachable_place(layout.data_dir, account, tell)
        if not (place / "postgres").exists():
            tell("Making the database cluster (the first time only).")
            _make(place, account, durable=durable)
        if place != layout.data_dir:
            link.symlink_to(place / "postgres")
    found = Layout.of(layout.data_dir)
    _check(found, account)
    return found


def _reachable_place(data_dir: Path, account: Account, tell: Tell) -> Path:
    if _fresh_folder(data_dir, account):
        return data_dir
    place = substitute_place(data_dir)
    place.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    place.mkdir(mode=0o711, exist_ok=True)
    if _fresh_folder(place, account):
        tell(f"The user {account.name} cannot reach {data_dir}, so the database is kept in {place}.")
        return place
    raise ServerError(
        f"PostgreSQL's user {account.name} can write neither below {data_dir} nor below {place}. "
        "Set POSTROOM_STATE_DIR to a folder that it can walk to, or DATABASE_URL to a server elsewhere."
    )


def _fresh_folder(place: Path, account: Account) -> Path | None:
    """An empty folder of `account` for a cluster to be, if it can have one in `place`."""
    folder = place / "postgres.new"
    # Left by a start that was killed.
    shutil.rmtree(folder, ignore_errors=True)
    try:
        make_private(folder, account)
    except PermissionError:  # a network file system that does not trust root
        return None
    if account.can_write(folder):
        return folder
    folder.rmdir()
    return None


def _make(place: Path, account: Account, *, durable: bool) -> None:
    folder = place / "postgres.new"
    postgres.initialise(binaries.postgres_for(account, place), folder, account, durable=durable)
    # In one step: a cluster is there whole or not at all.
    folder.rename(place / "postgres")


def _check(layout: Layout, account: Account) -> None:
    cluster = layout.cluster
    try:
        version = (cluster / "PG_VERSION").read_text().strip()
        owner = cluster.stat().st_uid
    except PermissionError:
        raise ServerError(f"The database in {cluster} belongs to another user. {_REMEDY_USER}") from None
    except OSError as error:
        raise ServerError(f"There is no usable database in {cluster} ({error}). {_REMEDY_RESET}") from error
    if owner != account.uid:
        raise ServerError(f"The database in {cluster} does not belong to the user {account.name}. {_REMEDY_USER}")
    if not account.can_write(cluster):
        raise ServerError(f"The user {account.name} can no longer reach {cluster}. Open the way, or: {_REMEDY_RESET}")
    major = binaries.major_version(binaries.postgres_for(account, layout.place), account)
    if version != major:
        raise ServerError(
            f"The database in {cluster} was made by PostgreSQL {version}, and {major} is installed. "
            f"Convert it with pg_upgrade to keep it. {_REMEDY_RESET}"
        )
