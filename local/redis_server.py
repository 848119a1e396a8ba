"""The embedded Redis: one socket, no TCP port, every write in an append-only file."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from local import files, processes
from local.errors import ServerError

START_SECONDS = 60


@dataclass(frozen=True)
class RedisServer:
    program: Path
    folder: Path
    socket: Path
    log: Path

    @property
    def is_up(self) -> bool:
        return processes.listens(self.socket)

    def start(self) -> None:
        """Start the server and wait until it has read its file. Raises `ServerError` if it never does."""
        processes.end(self._processes(), patience=10)
        files.make_room(self.log)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            # Queues and locks live here: refuse a write rather than forget one.
            "maxmemory-policy": "noeviction",
            "logfile": str(self.log),
            "daemonize": "yes",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        done = subprocess.run([self.program, *words], cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"Redis does not start:\n{(done.stdout + done.stderr).strip()}")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with self._client() as client:
                    client.ping()
            except redis.ConnectionError as error:  # refused, or still reading its file
                if time.monotonic() > deadline:
                    raise ServerError(
                        f"Redis does not answer ({error}). The end of {self.log}:\n{files.tail(self.log)}"
                    ) from error
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        with suppress(redis.RedisError), self._client() as client:
            client.shutdown()
        processes.end(self._processes(), patience=10)

    def _client(self) -> redis.Redis:
        # No retries: they would make a shutdown, whose answer is the end of the connection, wait for seconds.
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=10, retry=Retry(NoBackoff(), 0))

    def _processes(self) -> list[psutil.Process]:
        return processes.working_in(self.folder, "redis-server")
