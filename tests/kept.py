"""What nearly every test begins with is made once by the product's operations, and its rows are put back afterwards.

Making the cast takes some fifty statements, which together cost more than most tests that ask for it; putting the rows
back takes one.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Tenant, User
from crm.lib.tenancy import TENANT_SETTING, tenant_scope

#: Those that may have rows, each after those it refers to.
MODELS: tuple[type[models.Model], ...] = (User, EmailAddress, Tenant, Membership, AuditEntry)
#: Stands for the moment of putting back.
NOW = "@now"
T = TypeVar("T")


class Kept(Generic[T]):
    """What ``make`` answers, for one tenant: its rows as they stood, put back by `again` with their ids.

    The ids were taken from the sequences, so that no other row ever has them. Times become those of putting back.
    """

    def __init__(self, make: Callable[[], T], tenant_of: Callable[[T], int]) -> None:
        with transaction.atomic():
            self._made = make()
            self._tenant = tenant_of(self._made)
            with tenant_scope(self._tenant):
                self._statements = "".join(map(_statement, _used_models()))
            transaction.set_rollback(True)

    def again(self) -> T:
        """The same again, in the open transaction."""
        rows = self._statements.replace(NOW, timezone.now().isoformat())
        scope = f"SELECT set_config('{TENANT_SETTING}', '%s', true);"
        with connection.cursor() as cursor:
            cursor.execute(f"{scope % self._tenant}{rows}{scope % ''}")
        return copy.deepcopy(self._made)


def _used_models() -> list[type[models.Model]]:
    with connection.cursor() as cursor:
        used = {model for model in apps.get_models() if _rows(cursor, model)}
    # Made by a migration.
    used -= {apps.get_model("contenttypes.ContentType"), apps.get_model("auth.Permission")}
    assert used <= set(MODELS), f"Name them in tests.kept.MODELS: {used - set(MODELS)}"
    return [model for model in MODELS if model in used]


def _rows(cursor: Any, model: type[models.Model]) -> list[dict[str, Any]]:
    cursor.execute(f"SELECT coalesce(json_agg(to_json(row)), '[]') FROM {model._meta.db_table} AS row")
    found: list[dict[str, Any]] = cursor.fetchone()[0]
    return found


def _statement(model: type[models.Model]) -> str:
    """The INSERT of the rows that are there."""
    times = {field.column for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)}
    with connection.cursor() as cursor:
        rows = [
            {name: NOW if name in times and value else value for name, value in row.items()}
            for row in _rows(cursor, model)
        ]
    table = model._meta.db_table
    quoted = json.dumps(rows).replace("'", "''")
    return f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, '{quoted}');"
