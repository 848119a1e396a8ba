"""`python -m local stop` and `reset`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from local import servers
from local.config import ROOT
from local.errors import ServerError, UsageError
from local.layout import Layout
from local.locks import FileLock, exclusively
from local.run import refuse_if_running, supervisor_of

#: Longer than every part's grace and the servers' own stop.
STOP_SECONDS = 120


def stop(data_dir: Path, tell: Callable[[str], None]) -> None:
    """Stop the supervisor of a DATA_DIR, and servers that a killed holder left running.

    Raises `UsageError` when another program uses the servers, `ServerError` when the supervisor does not end.
    """
    layout = Layout.of(data_dir)
    if pid := supervisor_of(layout):
        with suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(pid)
            supervisor.terminate()
            try:
                supervisor.wait(STOP_SECONDS)
            except psutil.TimeoutExpired:
                raise ServerError(f"Process {pid} does not end. Look at it, or: kill -9 {pid}") from None
    if layout.start_lock.exists():
        with _alone(layout):
            servers.stop(data_dir)
    tell(f"Nothing runs in {data_dir}.")


def reset(data_dir: Path, tell: Callable[[str], None]) -> None:
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


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    with exclusively(layout.start_lock, on_wait=lambda: None), FileLock(layout.lease_lock) as held:
        if not held.try_exclude():
            raise UsageError(
                f"Another program, perhaps a manage.py command, uses the servers of {layout.data_dir}. End it first."
            )
        yield


def _delete(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
