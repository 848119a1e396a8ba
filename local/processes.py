"""Questions about processes that are not our children."""

from __future__ import annotations

import socket
from collections.abc import Sequence
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
    """Wait until the processes have gone; after `patience` seconds kill those that have not."""
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        # psutil never signals another process that got the number meanwhile.
        process.kill()
    psutil.wait_procs(alive, timeout=10)


def _is(process: psutil.Process, name: str, folder: str) -> bool:
    try:
        return process.name() == name and process.cwd() == folder
    except psutil.Error:
        return False
