"""Whether this process is alive, and whether the whole service is ready to work."""

from __future__ import annotations

import time
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

#: A queue whose worker has not been seen for so many seconds counts as without a worker.
PATIENCE = 60


@shared_task
def beat(*, queue: str) -> None:
    """Proves that ``queue`` is being worked: beat sends one to each, the worker leaves the time."""
    cache.set(_key(queue), time.time(), timeout=None)


def problems() -> dict[str, str]:
    """What keeps the service from being ready: check -> sentence; empty when all is well."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "redis": _redis,
        "migrations": _migrations,
        "workers": _workers,
    }
    found: dict[str, str] = {}
    for name, check in checks.items():
        try:
            problem = check()
        except (Error, RedisError, OSError) as error:
            problem = f"cannot be reached ({type(error).__name__})"
        if problem:
            found[name] = problem
    return found


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _redis() -> str:
    cache.get("readyz")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} to apply on {DEFAULT_DB_ALIAS}: run manage.py migrate" if missing else ""


def _workers() -> str:
    seen = cache.get_many([_key(queue) for queue in settings.QUEUES])
    now = time.time()
    idle = [queue for queue in settings.QUEUES if now - seen.get(_key(queue), 0) > PATIENCE]
    return f"none seen for {', '.join(idle)} in {PATIENCE} seconds" if idle else ""


def _key(queue: str) -> str:
    return f"worker-seen:{queue}"
