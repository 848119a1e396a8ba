"""Other programs that store or index the same messages, where they are installed.

Each run begins with an empty database of the program's own; what prepares it is not measured. All of them, and
Postroom beside them, are kept to one core.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench.figures import Work, say


@contextmanager
def one_core() -> Iterator[None]:
    """This process and what it starts stay on one core, where the system can be told so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def write_maildir(folder: Path, messages: Sequence[bytes]) -> Path:
    """The messages as files, as indexers want them."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(messages):
        (folder / "cur" / f"{number}.bench:2,S").write_bytes(raw)
    return folder


def notmuch(maildir: Path, home: Path, rounds: int) -> Work | None:
    """``notmuch new``, or None where it is not installed."""
    if not _is_installed("notmuch"):
        return None
    configs = []
    for number in range(rounds):
        base = home / f"notmuch-{number}"
        base.mkdir()
        config = base / "config"
        config.write_text(
            f"[database]\npath={base}\nmail_root={maildir}\n[user]\nname=Alice\nprimary_email=alice@northwind.example\n"
            "[new]\ntags=new;\nignore=\n"
        )
        configs.append(config)
    return _commands([["notmuch", f"--config={config}", "new", "--quiet"] for config in configs])


def mu(maildir: Path, home: Path, rounds: int) -> Work | None:
    """``mu index``, or None where it is not installed."""
    if not _is_installed("mu"):
        return None
    homes = [home / f"mu-{number}" for number in range(rounds)]
    for each in homes:
        _run(["mu", "init", "--quiet", f"--muhome={each}", f"--maildir={maildir}"])
    return _commands([["mu", "index", "--quiet", f"--muhome={each}"] for each in homes])


@contextmanager
def django_mailbox(maildir: Path, database_url: str) -> Iterator[Work | None]:
    """django-mailbox in a process and database of its own; None where it is not installed."""
    if find_spec("django_mailbox") is None:
        say("django-mailbox is not installed: left out.")
        yield None
        return
    command = [sys.executable, "-m", "bench.with_django_mailbox", database_url, str(maildir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        write, read = process.stdin, process.stdout

        def work() -> None:
            write.write("again\n")
            write.flush()
            if not read.readline():
                raise RuntimeError("django-mailbox stopped.")

        if read.readline() != "ready\n":
            raise RuntimeError("django-mailbox did not start.")
        yield work
        write.close()


def _is_installed(name: str) -> bool:
    if shutil.which(name):
        return True
    say(f"{name} is not installed: left out.")
    return False


def _commands(commands: Sequence[Sequence[str]]) -> Work:
    """Each call runs the next of them."""
    waiting = iter(commands)
    return lambda: _run(next(waiting))


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
