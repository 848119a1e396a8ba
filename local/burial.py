"""`python -m local.burial DATA_DIR`: what `Undertaker` starts.

Reads `+GROUP` and `-GROUP` for process groups that begin and end, and `dismissed` when all is well. When its input ends
without that, its starter was killed: the groups are ended, and the servers stopped if nobody else holds a lease.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from local import upkeep
from local.errors import ServerError, UsageError
from local.layout import Layout

GRACE_SECONDS = 5
PATIENCE_SECONDS = 2


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        if line == "dismissed\n":
            return
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    end(groups)
    with suppress(ServerError, UsageError):
        # A process that is killed lets go of one thing after another: its lease may go after what we read from.
        upkeep.stop_orphans(Layout.of(Path(sys.argv[1])), patience=PATIENCE_SECONDS)


def end(groups: Iterable[int]) -> None:
    """Ask the first process of each group to end; kill what is left when the grace is over."""
    deadline = time.monotonic() + GRACE_SECONDS
    left = [group for group in groups if _is_there(os.kill, group, signal.SIGTERM)]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [group for group in left if _is_there(os.killpg, group, 0)]
    for group in groups:
        _is_there(os.killpg, group, signal.SIGKILL)


def _is_there(send: Callable[[int, int], None], target: int, number: int) -> bool:
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
