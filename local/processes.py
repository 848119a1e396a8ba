"""Questions about processes that are not our children."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil


def listens(path: Path) -> bool:
    """Whether a process accepts connections; the file that a killed one leaves behind does not count."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except (BlockingIOError, TimeoutError):
            # It is there, with a full queue.
            return True
    return True


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes called `name` whose working directory is `folder`."""
    real = str(folder.resolve())
    return [process for process in psutil.process_iter() if _is(process, name, real)]


def end(processes: Sequence[psutil.Process], *, patience: float) -> None:
    """Wait until the processes have ended; after `patience` seconds kill those that have not."""
    if _live_after(patience, processes):
        for process in processes:
            # psutil never signals another process that got the number meanwhile.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        _live_after(10, processes)


def _live_after(seconds: float, processes: Sequence[psutil.Process]) -> bool:
    """Whether any is alive when the time is over. Those that only wait to be reaped are not: in a container nobody
    may ever do that."""
    deadline = time.monotonic() + seconds
    while alive := any(map(_lives, processes)):
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is(process: psutil.Process, name: str, folder: str) -> bool:
    try:
        return process.name() == name and process.cwd() == folder
    except psutil.Error:
        return False
