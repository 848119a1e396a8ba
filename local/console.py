from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TextIO

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_OWN_NAME = "postroom"


class Console:
    """Prints the lines of all parts, each with the time and the name of its part."""

    def __init__(self, stream: TextIO, names: Sequence[str]) -> None:
        self._stream = stream
        self._width = max(len(name) for name in (*names, _OWN_NAME))
        coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._colours = dict(zip(names, itertools.cycle(_COLOURS), strict=False)) if coloured else {}

    def say(self, text: str) -> None:
        """A word of the supervisor's own."""
        for line in text.splitlines():
            self.line(_OWN_NAME, line)

    def line(self, name: str, text: str) -> None:
        prefix = f"{datetime.now().astimezone():%H:%M:%S} {name:<{self._width}} |"
        if colour := self._colours.get(name):
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        # The terminal may be gone: the parts still have to be stopped in order.
        with suppress(OSError):
            self._stream.write(f"{prefix} {text}\n")
            self._stream.flush()
