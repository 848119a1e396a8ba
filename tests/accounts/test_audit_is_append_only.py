"""No statement of the web's role changes or removes an entry of the audit log."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts import audit
from accounts.models import AuditEntry
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind


def entries() -> list[tuple[object, ...]]:
    return list(AuditEntry.objects.order_by("id").values_list("id", "actor_name", "summary", "at"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET summary = 'nothing happened'",
        "UPDATE accounts_auditentry SET actor_name = 'Nobody' WHERE true",
        "DELETE FROM accounts_auditentry",
    ],
)
def test_raw_sql_changes_nothing(northwind: Northwind, statement: str) -> None:
    with tenant_scope(northwind.tenant.pk):
        before = entries()
        assert before
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount == 0
        assert entries() == before


def test_the_orm_changes_nothing(northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk):
        before = entries()
        AuditEntry.objects.update(summary="nothing happened")
        AuditEntry.objects.all()._raw_delete(AuditEntry.objects.db)
        assert entries() == before


def test_an_entry_still_says_who_it_was_when_they_have_another_name(northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk):
        audit.record(northwind.bob, "test.done", "did something")
        northwind.bob.user.name = "Robert Marsh"
        northwind.bob.user.save()
        assert AuditEntry.objects.get(action="test.done").actor_name == "Bob Marsh"
