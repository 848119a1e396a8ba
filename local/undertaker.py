from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path


class Undertaker:
    """Sees to it that nothing outlives a process that is killed: another process (`local.burial`) that notices its end
    by the end of a pipe, then ends the process groups it was told of, and the servers if nobody else has a lease.

    Linux' PR_SET_PDEATHSIG would do without it, but reaches neither grandchildren nor other systems, and comes once
    for each thread of the dying parent, at which Celery's beat waits for itself for ever.
    """

    def __init__(self, data_dir: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.burial", str(data_dir)],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Out of reach of Ctrl-C.
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        self._write(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._write(f"-{group}\n")

    def dismiss(self) -> None:
        """The process ends in peace: there is nothing to do."""
        self._write("dismissed\n")
        with suppress(OSError):
            self._process.communicate()

    def _write(self, text: str) -> None:
        # If somebody killed it the house goes on, only less guarded.
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.write(text.encode())
                self._process.stdin.flush()
