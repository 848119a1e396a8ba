"""How a task is made, and how it reaches a worker. Which queue it goes to, settings.CELERY_TASK_ROUTES says.

A task carries ids only, as keywords, and it is enqueued after the transaction that made its
reason has been committed: a worker never looks for a row that is not there yet, and a transaction
that fails leaves no task behind.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

from celery import current_app, shared_task
from django.db import transaction

from crm.lib.tenancy import current_tenant_id, tenant_scope


class Task(Protocol):
    """What `enqueue` needs of a Celery task."""

    @property
    def name(self) -> str: ...


def tenant_task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """Makes a task whose whole body runs in the scope of its ``tenant_id``, as one transaction.

    For work on the database alone. A task that talks to the network is a plain ``shared_task`` that
    takes ``tenant_id`` and opens its scopes around, never over, the calls (E1).
    """

    def decorate(body: Callable[..., None]) -> Any:
        @functools.wraps(body)
        def task(*, tenant_id: int, **kwargs: Any) -> None:
            with tenant_scope(tenant_id):
                body(**kwargs)

        return shared_task(**options)(task)

    return decorate


def enqueue(task: Task | str, **kwargs: Any) -> None:
    """Sends a task to its queue once the open transaction is committed, for the tenant in scope.

    A task of an app above is named by its dotted name: facts go up without an import.
    """
    name = task if isinstance(task, str) else task.name
    arguments = {"tenant_id": current_tenant_id(), **kwargs}
    # What is committed is done: without a broker the answer is still yes, and whoever finds work by its rows finds it.
    transaction.on_commit(lambda: current_app.send_task(name, kwargs=arguments), robust=True)
