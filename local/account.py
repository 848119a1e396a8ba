"""Whom PostgreSQL runs as. It refuses root, so for root it gets a system user of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.errors import ServerError

SERVER_USER = "postroom-db"
_MAKE_USER = (
    (
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ),
    (
        "adduser",
        "--system",
        "--group",
        "--no-create-home",
        "--home",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ),
)


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether this is not the user of this process (which then is root)."""
        return self.uid != os.geteuid()

    def run(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int = subprocess.PIPE,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command as this user, stdout and stderr together.

        From `/`, since the user may not reach our folder; with next to no environment, since PG* variables
        would change what PostgreSQL's commands do; in a session of its own, so that Ctrl-C does not tear
        it. Raises `OSError` when the user may not execute it or cannot be become.
        """
        return subprocess.run(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment(),
            timeout=timeout,
            start_new_session=True,
            check=False,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def can_write(self, folder: Path) -> bool:
        """Tried, not guessed at from modes: access lists, mounts and name spaces have their say as well."""
        script = 'cd -- "$1" && : > .probe && rm .probe'
        return self.run(["/bin/sh", "-c", script, "sh", folder]).returncode == 0


def current_account() -> Account:
    """Raises `ServerError` for a uid without a name: PostgreSQL asks the system for it."""
    uid = os.geteuid()
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, os.getegid())
    except KeyError:
        raise ServerError(
            f"The user id {uid} has no name in /etc/passwd, and PostgreSQL cannot do without. "
            "Add the user, or set DATABASE_URL to a server that runs elsewhere."
        ) from None


def server_account() -> Account:
    """The present user; for root the user `postroom-db`, which is made when it is missing.

    Raises `ServerError` when that cannot be done.
    """
    if os.geteuid() != 0:
        return current_account()
    found = _look_up(SERVER_USER) or _make(SERVER_USER)
    try:
        found.run(["/bin/sh", "-c", ":"])
    except OSError as error:
        raise ServerError(
            f"PostgreSQL refuses to run as root, and this root may not become {SERVER_USER} ({error}). "
            "Run Postroom as an ordinary user, or set DATABASE_URL to a server that runs elsewhere."
        ) from error
    return found


def _make(name: str) -> Account:
    tried = "neither useradd nor adduser is installed"
    for command in _MAKE_USER:
        if shutil.which(command[0]):
            done = subprocess.run([*command, name], capture_output=True, text=True, check=False)
            # Another process may have been quicker, so what counts is that the user is there.
            if found := _look_up(name):
                return found
            tried = f"{command[0]} says: {(done.stderr or done.stdout).strip()}"
    raise ServerError(
        f"PostgreSQL refuses to run as root, and its own user {name} cannot be made ({tried}). "
        f"Make it by hand (useradd --system {name}), run Postroom as an ordinary user, or set DATABASE_URL."
    )


def _look_up(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    wanted = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in wanted if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}
