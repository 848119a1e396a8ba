"""Takes a lease, starts a child and forks another, names both, and leaves them behind when its input ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from local.servers import lease

with lease(Path(sys.argv[1]), durable=False):
    waiting = [sys.executable, "-c", "import signal; signal.pause()"]
    started = subprocess.Popen(waiting, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    forked = os.fork()
    if forked == 0:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        signal.pause()
    sys.stdout.write(f"children {started.pid} {forked}\n")
    sys.stdout.flush()
    sys.stdin.read()
    started.returncode = 0  # Or Popen would warn that it is still running.
