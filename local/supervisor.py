"""Runs the parts, starts again those that crash, and stops all of them in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from local.child import Child
from local.console import Console
from local.errors import ServerError
from local.parts import Part
from local.stopping import Stop
from local.undertaker import Undertaker

#: The exit code that a shell has for a command it cannot run.
_NOT_FOUND = 127


@dataclass(frozen=True)
class Patience:
    """Seconds. The pause before a restart doubles with each crash, until a run has lasted `calm`."""

    first_pause: float = 0.5
    longest_pause: float = 30
    calm: float = 60
    between_looks: float = 1

    def pause(self, crashes: int) -> float:
        return min(self.longest_pause, self.first_pause * 2.0 ** min(crashes - 1, 20))


PATIENCE = Patience()


class Supervisor:
    def __init__(
        self,
        parts: Sequence[Part],
        *,
        console: Console,
        folder: Path,
        environment: Mapping[str, str],
        stop: Stop,
        undertaker: Undertaker,
        heal: Callable[[], Sequence[str]] = lambda: (),
        patience: Patience = PATIENCE,
    ) -> None:
        """`heal` starts the servers that have died and names them; it may block and raise `ServerError`."""
        self._parts = {part.name: part for part in parts}
        self._console = console
        self._folder = folder
        self._environment = environment
        self._stop = stop
        self._undertaker = undertaker
        self._heal = heal
        self._patience = patience
        self._children: dict[str, Child] = {}
        self._ready = {name: asyncio.Event() for name in self._parts}
        self._failed = False

    async def run(self) -> bool:
        """Run until the stop is asked for, and answer when no process is left: whether nothing failed."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in self._parts.values():
                    group.create_task(self._keep(part))
                group.create_task(self._watch_servers())
                await self._stop.asked.wait()
                self._console.say("Stopping. Ctrl-C again ends the parts at once.")
                await self._stop_parts()
        finally:
            for child in self._children.values():
                child.kill()
        return not self._failed

    async def ready(self, name: str) -> bool:
        """Wait until a part is ready; false when the stop came first."""
        waits = [asyncio.create_task(event.wait()) for event in (self._ready[name], self._stop.asked)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return not self._stop.asked.is_set()

    async def all_answer(self) -> bool:
        """Wait until every part with an address answers there; false when the stop came first."""
        return all([await self.ready(part.name) for part in self._parts.values() if part.ready_url])

    async def _keep(self, part: Part) -> None:
        for name in part.needs:
            if name in self._parts and not await self.ready(name):
                return
        if part.is_made:
            self._ready[part.name].set()
            return
        crashes, clock = 0, asyncio.get_running_loop().time
        while not self._stop.asked.is_set():
            begun = clock()
            code = await self._run_once(part)
            if self._stop.asked.is_set():
                return
            if part.once:
                self._finish(part, code)
                return
            crashes = 1 if clock() - begun > self._patience.calm else crashes + 1
            pause = self._patience.pause(crashes)
            self._console.say(
                f"{part.name} ended: {_explain(code)}, crash {crashes}. Starting it again in {pause:g} s."
            )
            await self._stop.comes_within(pause)

    async def _run_once(self, part: Part) -> int:
        try:
            child = await Child.start(
                part,
                folder=self._folder,
                environment=self._environment,
                on_line=lambda line: self._console.line(part.name, line),
            )
        except OSError as error:
            self._console.say(f"Cannot run {part.command[0]}: {error}")
            return _NOT_FOUND
        self._undertaker.watch(child.group)
        if self._stop.asked.is_set():  # while it was being started, so nobody else will stop it
            child.kill()
        self._children[part.name] = child
        look = asyncio.create_task(self._look(part))
        try:
            return await child.wait()
        finally:
            look.cancel()
            self._undertaker.forget(child.group)
            self._children.pop(part.name, None)

    def _finish(self, part: Part, code: int) -> None:
        if code == 0:
            self._ready[part.name].set()
            return
        self._console.say(f"{part.name} failed: {_explain(code)}. Its lines above say why.")
        self._failed = True
        self._stop.ask()

    async def _look(self, part: Part) -> None:
        """Mark a part as ready when it is."""
        while part.ready_url and not await asyncio.to_thread(_answers, part.ready_url):
            if await self._stop.comes_within(0.1):
                return
        if not part.once:
            self._ready[part.name].set()

    async def _watch_servers(self) -> None:
        failures = 0
        while not await self._stop.comes_within(self._patience.between_looks * 2**failures):
            try:
                healed = await asyncio.to_thread(self._heal)
            except (ServerError, OSError) as error:
                self._console.say(f"A server has died and cannot be started again. {error}")
                failures = min(failures + 1, 5)
                continue
            failures = 0
            for name in healed:
                self._console.say(f"{name} had died; it runs again.")

    async def _stop_parts(self) -> None:
        """Those that need others stop before them."""
        while self._children:
            running = list(self._children.values())
            needed = {name for child in running for name in child.part.needs}
            # In a circle everybody is needed; then all stop at once.
            layer = [child for child in running if child.part.name not in needed] or running
            await asyncio.gather(*(child.stop(self._stop.hurry) for child in layer))
            await asyncio.gather(*(child.wait() for child in layer))
            for child in layer:
                self._children.pop(child.part.name, None)


def _answers(url: str) -> bool:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=3)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _explain(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
