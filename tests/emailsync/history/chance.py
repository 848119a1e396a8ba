"""Death and rivals, at any call to the outside or into the database: armed with a fuse of so many calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httplib2
import pytest
import requests

from emailsync import leases
from intake.store import store


class Killed(BaseException):
    """A worker's end by kill -9: nothing of its own runs any more, and its open transaction is rolled back."""


class Chance:
    """What happens at the n-th call from now on. ``outside`` calls are those with no transaction open (E1)."""

    def __init__(self) -> None:
        self._fuse: int | None = None
        self._act: Callable[[], None] = self.die
        self._only_outside = False

    def arm(self, fuse: int, act: Callable[[], None] | None = None) -> None:
        """After ``fuse`` calls the worker dies; or, with ``act``, that happens at a call to the outside."""
        self._fuse, self._act, self._only_outside = fuse, act or self.die, act is not None

    def disarm(self) -> None:
        self._fuse = None

    def tick(self, *, outside: bool) -> None:
        if self._fuse is None or (self._only_outside and not outside):
            return
        self._fuse -= 1
        if self._fuse < 0:
            self._fuse = None
            self._act()

    @staticmethod
    def die() -> None:
        raise Killed

    def around(self, call: Callable[..., Any], *, outside: bool = False) -> Callable[..., Any]:
        """The same call, with a moment before it and one after."""

        def watched(*args: Any, **named: Any) -> Any:
            self.tick(outside=outside)
            answer = call(*args, **named)
            self.tick(outside=outside)
            return answer

        return watched


@pytest.fixture
def chance(monkeypatch: pytest.MonkeyPatch) -> Chance:
    """At the calls of both HTTP libraries, at the storing of a page, and at every confirmation of a lease."""
    made = Chance()
    for library in (requests.Session, httplib2.Http):
        monkeypatch.setattr(library, "request", made.around(library.request, outside=True))
    monkeypatch.setattr("intake.run.store", made.around(store))
    monkeypatch.setattr(leases, "keep", made.around(leases.keep))
    monkeypatch.setattr(leases, "release", made.around(leases.release))
    return made
