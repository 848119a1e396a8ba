"""The embedded Redis: one socket, no TCP port, every write in an append-only file."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

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
        while (answer := self._ask("PING")) != b"+PONG\r\n":  # refused, or still reading its file
            if time.monotonic() > deadline:
                said = answer.decode(errors="replace").strip()
                raise ServerError(f"Redis does not answer ({said}). The end of {self.log}:\n{files.tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        self._ask("SHUTDOWN")
        processes.end(self._processes(), patience=10)

    def _ask(self, command: str) -> bytes:
        """The answer to a command, as it comes; of a server that is not there, what the system says.

        Without the client library, whose import takes longer than the start of the server.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            try:
                connection.connect(str(self.socket))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(1024)
            except OSError as error:
                return str(error).encode()

    def _processes(self) -> list[psutil.Process]:
        return processes.working_in(self.folder, "redis-server")
