from __future__ import annotations

import os
import tempfile
from pathlib import Path

from local.account import Account

_LARGEST_LOG = 10_000_000


def write_for(account: Account, path: Path, text: str) -> None:
    """Write a file that `account` alone may read, in one step.

    A new file takes the old one's place, so that a link put there by the folder's owner is never followed.
    """
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        os.fchown(descriptor, account.uid, account.gid)
        file.write(text)
    Path(fresh).replace(path)


def make_room(log: Path) -> None:
    """Keep one old log beside the present one, each of bounded size; called while the writer does not run."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path, lines: int = 15) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 10_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
