"""Who may work on a row (E1): whoever holds its lease, until that runs out.

A worker that was killed, or that hangs for longer than its lease, loses the row to the next one; what it then tries
to write is refused, since every write confirms the lease in its own transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from django.db import connection
from django.utils import timezone

from crm.lib.tenancy import current_tenant_id
from emailsync.models import Leased

#: Longer than any page takes, network included.
LASTS = timedelta(minutes=3)

#: Columns of a row that was taken from whoever held it.
UNLEASED: Final[dict[str, Any]] = {"lease_token": "", "lease_until": None}

R = TypeVar("R", bound=Leased)


class LeaseLost(Exception):
    """Another worker holds the row now: stop, and write nothing."""


def acquire(model: type[R], pk: int) -> R | None:
    """The row, leased to the caller, or None while somebody else holds it. One statement, in the open scope."""
    now = timezone.now()
    table = model._meta.db_table
    rows = model._default_manager.raw(
        f'UPDATE "{table}" SET lease_token = %s, lease_until = %s '  # noqa: S608  # The table's name is the model's.
        "WHERE tenant_id = %s AND id = %s AND (lease_until IS NULL OR lease_until < %s) RETURNING *",
        [uuid.uuid4().hex, now + LASTS, current_tenant_id(), pk, now],
    )
    return next(iter(cast("Iterable[R]", rows)), None)


def keep(row: R, **changes: object) -> None:
    """Writes ``changes``, and holds the row for another while. Raises `LeaseLost`."""
    _write(row, lease_until=timezone.now() + LASTS, **changes)


def release(row: R, **changes: object) -> None:
    """Writes ``changes``, and lets the row go. Raises `LeaseLost`."""
    _write(row, lease_until=None, lease_token="", **changes)


def is_free(row: Leased, now: datetime) -> bool:
    """Whether nobody holds the row."""
    return row.lease_until is None or row.lease_until < now


def _write(row: R, **changes: object) -> None:
    """By SQL of its own: an idle poll is little else, and making a query takes longer than running it."""
    meta = row._meta
    named = {field.name: field for field in meta.concrete_fields}
    fields = [named[name] for name in changes]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [field.get_db_prep_save(changes[field.name], connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{meta.db_table}" SET {columns} '  # noqa: S608  # The names are the model's.
            "WHERE tenant_id = %s AND id = %s AND lease_token = %s",
            [*values, current_tenant_id(), row.pk, row.lease_token],
        )
        if not cursor.rowcount:
            raise LeaseLost
    for name, value in changes.items():
        if name != "lease_token":
            setattr(row, name, value)
