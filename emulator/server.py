"""The HTTP server under the application."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.http import CUT


class CuttableProtocol(HttpToolsProtocol):
    """Gives the application a way to close the connection in the middle of an answer, for faults."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {CUT: self.transport.close}
        self.scope["extensions"] = extensions


class Server(uvicorn.Server):
    """Calls `on_ready` with its address as soon as it accepts connections, and ends at once when told to."""

    def __init__(self, app: Any, *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=CuttableProtocol,
            ws="none",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._on_ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
