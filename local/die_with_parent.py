"""Runs a command that is told to end when the process that started it has died, however it died.

    python die_with_parent.py PARENT COMMAND...

It is a program of its own, run with `python -I -S`, rather than a `preexec_fn`: that runs between fork and
exec, where a program with threads may deadlock. The setting outlives exec (prctl(2), PR_SET_PDEATHSIG).
Where the system has no such thing the command just runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):
            sys.exit("The parent died before it could be watched.")
    try:
        os.execvp(command[0], command)  # noqa: S606  there is no shell, on purpose
    except OSError as error:
        sys.exit(f"Cannot run {command[0]}: {error}")


if __name__ == "__main__":
    main()
