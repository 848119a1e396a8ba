"""What was asked of the emulator: tests assert requests by it, and people see what a client really does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

CAPACITY = 20_000


@dataclass(slots=True)
class Entry:
    """One request or batch part. A handler fills `mailbox`, `subject`, `client` and `units` in by
    `http.note`. `touched` counts the messages or changes that it had to look at.

    `path` is the router's (decoded), `query` is as sent. `status` is 0 where the connection was cut before an
    answer. `ms` is the time to answer, `part` says that it came inside a batch, `fault` that a fault
    answered.
    """

    at_ms: int
    method: str
    path: str
    query: str
    part: bool = False
    mailbox: str = ""
    subject: str = ""
    client: str = ""
    units: int = 0
    touched: int = 0
    status: int = 0
    ms: float = 0.0
    fault: bool = False


class RequestLog:
    """The last CAPACITY entries, oldest first. `dropped` counts those that were pushed out."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self.dropped += len(self._entries) == CAPACITY
        self._entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()
        self.dropped = 0

    def find(self, *, mailbox: str = "", path: str = "", method: str = "") -> Iterator[Entry]:
        """Those of a mailbox, with `path` in their path, and of a method; what is empty does not restrict."""
        for entry in self._entries:
            if mailbox in {"", entry.mailbox} and path.lower() in entry.path.lower() and method in {"", entry.method}:
                yield entry


def as_dict(entry: Entry) -> dict[str, Any]:
    return asdict(entry)
