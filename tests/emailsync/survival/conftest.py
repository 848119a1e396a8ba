"""Real processes that are really killed: ``manage.py sync`` in children of the test's process.

They are forked, which spares each a start of seconds; from then on they are processes of their own, with connections of
their own, and what kills them is SIGKILL at a statement or at a call to the outside.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any

import httplib2
import pytest
import requests
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync.models import Mailbox, Run


@dataclass
class Child:
    """A process that syncs."""

    pid: int

    def wait(self) -> int:
        """How it ended: 0 when all was done, -9 when it was killed."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


Sync = Callable[..., Child]


@pytest.fixture
def sync() -> Sync:
    """``sync(address)`` begins to sync in a process of its own; with ``dies_at`` it is killed at its n-th moment."""

    def begin(address: str, dies_at: int | None = None) -> Child:
        # Two processes cannot share a connection.
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            _live(address, dies_at)
        return Child(pid)

    return begin


def _live(address: str, dies_at: int | None) -> None:
    """All of a child's life. It never comes back to the test."""
    status = 1
    try:
        with ExitStack() as stack:
            if dies_at is not None:
                _arm(stack, dies_at)
            call_command("sync", address, stdout=StringIO())
        status = 0
    finally:
        os._exit(status)


def _arm(stack: ExitStack, dies_at: int) -> None:
    moments = iter(range(dies_at))

    def tick() -> None:
        if next(moments, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(execute: Callable[..., Any], *arguments: Any) -> Any:
        tick()
        answer = execute(*arguments)
        tick()
        return answer

    stack.enter_context(connection.execute_wrapper(statement))
    for library in (requests.Session, httplib2.Http):
        library.request = _around(library.request, tick)  # type: ignore[method-assign]  # In the child alone.


def _around(call: Callable[..., Any], tick: Callable[[], None]) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        tick()
        answer = call(*arguments, **named)
        tick()
        return answer

    return watched


@pytest.fixture
def later() -> Callable[[int], None]:
    """``later(tenant_id)``: the leases of those who died have run out."""

    def pass_time(tenant_id: int) -> None:
        past = timezone.now() - timedelta(seconds=1)
        with tenant_scope(tenant_id):
            for model in (Mailbox, Run):
                model.objects.filter(lease_until__isnull=False).update(lease_until=past)

    return pass_time
