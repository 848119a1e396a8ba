"""The emulator as a process of its own, so that its work is not counted as ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx


@contextmanager
def running() -> Iterator[str]:
    """Starts it on a free port, and answers its address."""
    command = [sys.executable, "-m", "emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if "http" not in line:
                raise RuntimeError("The emulator did not start.")
            yield line.split()[-1]
        finally:
            process.terminate()


class Control:
    """Its control door."""

    def __init__(self, address: str) -> None:
        # Without TLS: loading certificates costs more than the calls.
        self._http = httpx.Client(base_url=f"{address}/_control/", timeout=300, verify=False)

    def post(self, path: str, **named: Any) -> Any:
        """Anything but success is an error of the benchmark."""
        answer = self._http.post(path, **named)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def forget_requests(self) -> None:
        """Empties the log of requests."""
        self._http.delete("requests").raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since then: all of it, or an error."""
        answer = self._http.get("requests").raise_for_status().json()
        if answer["dropped"]:
            raise RuntimeError(f"The emulator's log has lost {answer['dropped']} requests.")
        entries: list[dict[str, Any]] = answer["requests"]
        return entries
