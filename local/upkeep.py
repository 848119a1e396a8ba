"""`python -m local stop` and `reset`."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local import servers
from local.cluster import Tell
from local.config import ROOT
from local.errors import UsageError
from local.layout import Layout
from local.locks import FileLock, exclusively

#: Longer than every part's grace and the servers' own stop.
STOP_SECONDS = 120


def stop(data_dir: Path, tell: Tell) -> None:
    """Stop the supervisor of a DATA_DIR, and servers that a killed holder left running.

    Raises `UsageError` when another program uses the servers, or the supervisor does not end.
    """
    layout = Layout.of(data_dir)
    patience = 0.0
    if pid := supervisor_of(layout):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        patience = STOP_SECONDS
    stop_orphans(layout, patience=patience)
    tell(f"Nothing runs in {data_dir}.")


def stop_orphans(layout: Layout, *, patience: float = 0) -> None:
    """Stop servers that nobody holds a lease on. Raises `UsageError` if for `patience` seconds somebody does."""
    if layout.start_lock.exists():
        with _alone(layout, patience=patience):
            servers.stop(layout.data_dir)


def reset(data_dir: Path, tell: Tell) -> None:
    """Stop servers that were left running and delete what is in DATA_DIR, and the database where it is elsewhere.

    Raises `UsageError` while anybody uses it, and for a folder that holds more than Postroom's data.
    """
    layout = Layout.of(data_dir)
    refuse_if_running(layout)
    for precious in (ROOT, Path.home()):
        if precious.resolve().is_relative_to(data_dir.resolve()):
            raise UsageError(
                f"DATA_DIR {data_dir} holds {precious}: that is not deleted. Delete by hand what you mean."
            )
    if not layout.start_lock.exists():
        tell(f"There is nothing of Postroom's in {data_dir}.")
        return
    with _alone(layout):
        servers.stop(data_dir)
        if layout.place != layout.data_dir:
            _delete(layout.cluster, layout.postgres_socket.parent, *layout.place.glob("binaries-*"))
            with suppress(OSError):
                layout.place.rmdir()
        # The locks stay: somebody who waits for them right now must wait for the same files as those who
        # come later.
        locks = {layout.lease_lock, layout.start_lock, layout.supervisor_lock}
        _delete(*(entry for entry in layout.data_dir.iterdir() if entry not in locks))
    tell(f"Deleted what was in {data_dir}. The next `make run` starts afresh.")


def refuse_if_running(layout: Layout) -> None:
    """Raises `UsageError` when a supervisor runs in this DATA_DIR."""
    if pid := supervisor_of(layout):
        raise UsageError(
            f"Postroom already runs in {layout.data_dir}, as process {pid}. "
            "Stop it with Ctrl-C in its terminal or: python -m local stop"
        )


def supervisor_of(layout: Layout) -> int | None:
    """The process id of the supervisor that runs in a DATA_DIR."""
    if not layout.supervisor_lock.exists():
        return None
    with FileLock(layout.supervisor_lock) as lock:
        # Empty for a moment, between taking the lock and writing into it.
        return None if lock.try_exclude() else int(lock.read() or 0)


@contextmanager
def _alone(layout: Layout, *, patience: float = 0) -> Iterator[None]:
    """Hold both locks, which means that nobody uses the servers nor begins to."""
    deadline = time.monotonic() + patience
    while True:
        with exclusively(layout.start_lock, on_wait=lambda: None), FileLock(layout.lease_lock) as lease:
            if lease.try_exclude():
                yield
                return
        if time.monotonic() > deadline:
            raise UsageError(
                f"Another program, perhaps a manage.py command, uses the servers of {layout.data_dir}. End it first."
            )
        # Without the locks, which the others need to leave.
        time.sleep(0.05)


def _delete(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
