"""Faults on order: the next calls of a route fail as asked, wholly or after the work was done.

The middleware applies them to requests and, since parts of a batch run through the same middleware, to parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count


@dataclass(slots=True)
class Fault:
    """`path` is a glob over the whole path, without regard to case (`*` spans slashes); `method` may be `*`.

    `after` calls pass first, then `times` calls meet the fault (0: all until cleared). `commit` does the work
    before it answers the fault. `status` None leaves the true answer. `cut_after` sends that many bytes of
    the body and then closes the connection; -1 closes it without a byte. `delay_ms` is real time, before
    anything else.
    """

    path: str
    method: str = "*"
    times: int = 1
    after: int = 0
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_ms: int = 0
    cut_after: int | None = None
    commit: bool = False
    id: int = 0
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.method in {"*", method} and fnmatchcase(path.lower(), self.path.lower())

    @property
    def spent(self) -> bool:
        return self.times > 0 and self.hits >= self.after + self.times

    @property
    def needs_work(self) -> bool:
        """Whether the handler runs: the answer is its own, or it has to commit."""
        return self.commit or (self.status is None and self.cut_after != -1)


class Faults:
    """The ones in force, oldest first; a call meets the first that matches."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = count(1)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets, counted."""
        for fault in self._faults:
            if fault.matches(method, path):
                fault.hits += 1
                if fault.spent:
                    self._faults.remove(fault)
                return fault if fault.hits > fault.after else None
        return None
