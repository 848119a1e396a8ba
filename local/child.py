from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from local.parts import Part

#: A longer line is printed in pieces.
_LONGEST_LINE = 100_000


class Child:
    """One run of a part, in a process group of its own."""

    def __init__(self, part: Part, process: Process, output: asyncio.Task[None]) -> None:
        self.part = part
        self._process = process
        self._output = output

    @classmethod
    async def start(
        cls, part: Part, *, folder: Path, environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> Child:
        """Raises `OSError` when the command cannot be run."""
        # Not asyncio's PIPE: before Python 3.12.4 its wait() then lasts until the grandchildren close it as well.
        read_end, write_end = os.pipe()
        output = asyncio.create_task(_read(read_end, on_line))
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=DEVNULL,
                stdout=write_end,
                stderr=STDOUT,
                cwd=folder,
                env={**environment, **part.environment, "PYTHONUNBUFFERED": "1"},
                # Ctrl-C in the terminal then reaches the supervisor alone, which stops the parts in order.
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        return cls(part, process, output)

    @property
    def group(self) -> int:
        """The id of its process group."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait for its end, then end what it left behind. Answers the exit code, or minus the signal."""
        code = await self._process.wait()
        self.kill()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._output, timeout=2)
        return code

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask it to end; kill it when its grace is over, or when there is no time for that."""
        # The one process, not the group: a Celery worker lets its children finish their tasks.
        with suppress(ProcessLookupError):
            self._process.terminate()
        waits = {asyncio.create_task(self._process.wait()), asyncio.create_task(hurry.wait())}
        await asyncio.wait(waits, timeout=self.part.grace, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _read(descriptor: int, on_line: Callable[[str], None]) -> None:
    stream, rest = asyncio.StreamReader(), b""
    protocol = asyncio.StreamReaderProtocol(stream)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb"))
    with closing(transport):
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(line.decode(errors="replace").rstrip("\r"))
    if rest:
        on_line(rest.decode(errors="replace"))
