"""Around every call but control's: the request log and the faults."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from emulator.faults import Fault
from emulator.http import ENTRY, PART, cut_connection
from emulator.requestlog import Entry
from emulator.world import World

CONTROL = "/_control"


@dataclass(slots=True)
class _Recorded:
    """An answer held back."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


class Wire:
    """Logs calls and makes them fail where a fault says so."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or f"{scope['path']}/".startswith(f"{CONTROL}/"):
            await self._app(scope, receive, send)
            return
        entry = self._entry(scope)
        scope[ENTRY] = entry
        started = time.perf_counter()

        async def counted(message: AsgiMessage) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, counted, entry)
        finally:
            entry.ms = round((time.perf_counter() - started) * 1000, 3)
            self._world.log.add(entry)

    def _entry(self, scope: Scope) -> Entry:
        return Entry(
            at_ms=self._world.clock.now_ms(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            part=bool(scope.get(PART)),
        )

    async def _answer(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        fault = self._world.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        entry.fault = True
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        recorded = _Recorded()
        if fault.needs_work:
            await self._app(scope, receive, recorded.send)
        if fault.status is not None:
            recorded = _planned(fault)
        await _send(fault, recorded, scope, receive, send)


def _planned(fault: Fault) -> _Recorded:
    headers = {
        "content-type": "application/json",
        **{name.lower(): text for name, text in fault.headers.items()},
    }
    return _Recorded(
        status=fault.status or 500,
        headers=[(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()],
        body=bytearray(fault.body),
    )


async def _send(fault: Fault, answer: _Recorded, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.cut_after != -1:
        kept = [(name, value) for name, value in answer.headers if name != b"content-length"]
        headers = [*kept, (b"content-length", str(len(answer.body)).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if fault.cut_after is None:
        await send({"type": "http.response.body", "body": bytes(answer.body)})
        return
    if fault.cut_after > 0:
        await send({"type": "http.response.body", "body": bytes(answer.body[: fault.cut_after]), "more_body": True})
    cut_connection(scope.get("extensions"))
    await _hung_up(scope, receive)


async def _hung_up(scope: Scope, receive: Receive) -> None:
    """Wait until the server has noticed, or it would log an unfinished answer."""
    while not scope.get(PART) and (await receive())["type"] != "http.disconnect":
        pass
