"""Where the embedded servers of a DATA_DIR keep what.

    DATA_DIR/lease.lock, start.lock, supervisor.lock
    DATA_DIR/log/          postgres.log, redis.log
    DATA_DIR/redis/        the append-only file and the socket
    DATA_DIR/postgres/     the cluster, or a link to it where it had to be put elsewhere
    DATA_DIR/sockets/      PostgreSQL's socket

For root the last two belong to the user that PostgreSQL runs as. Where that user cannot reach DATA_DIR they
are below `substitute_place` instead.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.account import Account
from local.errors import ServerError

#: Bytes of a socket's path without the closing NUL: 107 on Linux (unix(7), sun_path), 103 on macOS and the
#: BSDs.
LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class Layout:
    data_dir: Path
    #: The folder that holds the cluster: DATA_DIR or its substitute.
    place: Path

    @classmethod
    def of(cls, data_dir: Path) -> Layout:
        """The layout as it is; before the first start, as it would be if nothing is in the way."""
        data_dir = data_dir.absolute()
        try:
            return cls(data_dir, (data_dir / "postgres").readlink().parent)
        except OSError:  # no link, or none that we may see: then nor may we use what is there, which others say
            return cls(data_dir, data_dir)

    @property
    def cluster(self) -> Path:
        return self.place / "postgres"

    @property
    def postgres_socket(self) -> Path:
        return _short_enough(self.place / "sockets", ".s.PGSQL.5432")

    @property
    def redis(self) -> Path:
        return self.data_dir / "redis"

    @property
    def redis_socket(self) -> Path:
        return _short_enough(self.redis, "redis.sock")

    @property
    def log(self) -> Path:
        return self.data_dir / "log"

    @property
    def lease_lock(self) -> Path:
        return self.data_dir / "lease.lock"

    @property
    def start_lock(self) -> Path:
        return self.data_dir / "start.lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.data_dir / "supervisor.lock"

    def give_back_borrowed(self) -> None:
        """Remove the short stand-ins for folders that are too deep for a socket; the next start makes them anew."""
        for folder in {self.postgres_socket.parent, self.redis_socket.parent} - {self.place / "sockets", self.redis}:
            # One that others may enter is not of our making.
            with suppress(OSError):
                if stat.S_IMODE(folder.lstat().st_mode) == 0o700:
                    folder.rmdir()


def substitute_place(data_dir: Path) -> Path:
    """Where root's cluster goes when its user cannot reach DATA_DIR; POSTROOM_STATE_DIR moves it."""
    root = Path(os.environ.get("POSTROOM_STATE_DIR") or "/var/lib/postroom")
    return root / _digest(str(data_dir))


def make_data_dir(data_dir: Path, account: Account) -> None:
    """Make DATA_DIR for the present user, who lets `account` walk through; one that is there stays."""
    if data_dir.exists():
        return
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".postroom-", dir=data_dir.parent))
    if account.is_other:
        os.chown(fresh, -1, account.gid)
        fresh.chmod(0o710)
    try:
        # In one step, so that nobody who starts at the same time sees it half made.
        fresh.rename(data_dir)
    except OSError:
        fresh.rmdir()


def make_private(folder: Path, account: Account) -> None:
    """Make a folder that `account` alone may enter.

    Raises `ServerError` when something else stands in its place: the short folders lie in /tmp, where
    anybody could have put one first.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not stat.S_IMODE(found.st_mode) & 0o077:
            return
        raise ServerError(
            f"{folder} is not a private folder of the user {account.name}. "
            "Remove it, or choose another DATA_DIR (a short one needs no folder in /tmp)."
        ) from None
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _short_enough(folder: Path, name: str) -> Path:
    """The path of a socket in `folder`, or in a short stand-in for it where that would be too long."""
    if len(os.fsencode(folder / name)) <= LONGEST_SOCKET_PATH:
        return folder / name
    # Not $XDG_RUNTIME_DIR or $TMPDIR: every process must find the same one, whatever its environment.
    stand_in = Path("/tmp") / f"postroom-{_digest(f'{os.getuid()}:{folder}')}"  # noqa: S108  `make_private` checks it
    return stand_in / name


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
