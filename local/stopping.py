"""How the house is told to end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from types import FrameType


class Stop:
    """The wish to end, from a signal or from within. Asked twice by signals, it is urgent."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()

    def ask(self) -> None:
        self.asked.set()

    def ask_again(self) -> None:
        (self.hurry if self.asked.is_set() else self.asked).set()

    async def comes_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.asked.wait(), timeout=seconds)
        return self.asked.is_set()


class Signals:
    """Turns SIGINT, SIGTERM and SIGHUP into a `Stop`; before the event loop runs, into KeyboardInterrupt.

    After the event loop's end they are ignored, so that the servers can be stopped in peace.
    """

    def __init__(self) -> None:
        self.stop = Stop()
        self._loop: asyncio.AbstractEventLoop | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def reach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self._loop is None:
            raise KeyboardInterrupt
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.stop.ask_again)
