"""What the tests of `local` start and look at: real processes, on servers of their own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import redis

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
SECONDS = 60
FAKE_HOUSE = HERE / "fake_house.py"
#: The house of one part, which says that it is up and waits.
WORKER = json.dumps([{"name": "worker", "python": "import signal; print('up'); signal.pause()"}])


def environment(**changes: str | Path) -> dict[str, str]:
    """This process's, without the servers of the test run itself."""
    ours = {"DATA_DIR", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "PYTHONPATH": str(ROOT), **{name: str(value) for name, value in changes.items()}}


class Program:
    """A running Python program whose lines can be waited for."""

    def __init__(self, *command: str | Path, **changes: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=environment(**changes),
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def line_with(self, text: str) -> str:
        """The next line that holds the text."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and (line := self._queue.get(timeout=SECONDS)) is not None:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} was never said:\n{''.join(self.lines)}")

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Close its input, wait for its end, take in its last lines, and answer the exit code."""
        if self.process.stdin:
            self.process.stdin.close()
        code = self.process.wait(SECONDS)
        while (line := self._queue.get(timeout=SECONDS)) is not None:
            self.lines.append(line)
        self._queue.put(None)
        return code

    def clean_up(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def _read(self) -> None:
        if self.process.stdout:
            for line in self.process.stdout:
                self._queue.put(line)
        self._queue.put(None)


class Holder:
    """Another process that holds a lease, and knows where the servers are."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.urls: dict[str, str] = json.loads(program.line_with('"database_url"'))

    def leave(self) -> None:
        assert self.program.end() == 0

    def kill(self) -> None:
        self.program.tell(signal.SIGKILL)
        self.program.end()


class Inspector:
    """Looks at the servers of a DATA_DIR from outside."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def postgres(self) -> psutil.Process:
        """PostgreSQL's first process."""
        found = _working_in((self.data_dir / "postgres").resolve(), "postgres")
        return min(found, key=lambda process: (process.create_time(), process.pid))

    def redis(self) -> psutil.Process:
        (server,) = _working_in(self.data_dir / "redis", "redis-server")
        return server

    def both(self) -> list[psutil.Process]:
        return [self.postgres(), self.redis()]

    def running(self) -> list[str]:
        """The names of those that run."""
        folders = {"postgres": (self.data_dir / "postgres").resolve(), "redis-server": self.data_dir / "redis"}
        return [name for name, folder in folders.items() if _working_in(folder, name)]


def is_alive(process: psutil.Process) -> bool:
    """Not dead, nor only waiting to be reaped."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends(process: psutil.Process) -> bool:
    """Wait for the end of any process; false if it does not come."""
    try:
        process.wait(SECONDS)
    except psutil.TimeoutExpired:
        return not is_alive(process)
    return True


def _working_in(folder: Path, name: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _is(process, name, str(folder))]


def _is(process: psutil.Process, name: str, folder: str) -> bool:
    try:
        return process.name() == name and process.cwd() == folder
    except psutil.Error:
        return False


Start = Callable[..., Program]
Hold = Callable[..., Holder]
Sql = Callable[..., list[tuple[Any, ...]]]
RedisAt = Callable[[str], redis.Redis]
