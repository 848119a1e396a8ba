"""The three belts of DESIGN.md section 4, proven on every tenant-owned model there is (S1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import Error, connection, models

from accounts.models import AuditEntry, Membership, Tenant
from contacts.models import Address, Contact
from crm.lib.tenancy import (
    ScopeError,
    TenantForeignKey,
    TenantModel,
    current_tenant_id,
    system_scope,
    tenant_scope,
)
from tests.conftest import Globex, Northwind
from tests.factories import one_of_each

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
LINKS = [
    (model, field)
    for model in TENANT_MODELS
    for field in model._meta.local_fields
    if isinstance(field, TenantForeignKey)
]


def name_of(value: Any) -> str:
    if isinstance(value, type):
        return value.__name__
    return str(value.name)


def rows(statement: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


every_model = pytest.mark.parametrize("model", TENANT_MODELS, ids=name_of)
every_link = pytest.mark.parametrize(("model", "field"), LINKS, ids=name_of)


class TestTheOrm:
    @every_model
    def test_refuses_a_query_without_a_scope(self, model: type[models.Model]) -> None:
        with pytest.raises(ScopeError, match="tenant_scope"):
            model._default_manager.all()

    @every_model
    def test_sees_only_the_rows_of_its_scope(
        self, model: type[models.Model], northwind: Northwind, globex: Globex
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            mine = one_of_each(northwind.bob)[model]
            assert model._default_manager.filter(pk=mine.pk).exists()
        with tenant_scope(globex.tenant.pk):
            assert not model._default_manager.filter(pk=mine.pk).exists()

    def test_gives_a_new_row_the_tenant_of_its_scope(self, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk):
            assert Contact.objects.create(first_name="Ines").tenant_id == globex.tenant.pk

    def test_follows_no_relation_outside_a_scope(self, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            address = one_of_each(northwind.bob)[Address]
            address.refresh_from_db()
        with pytest.raises(ScopeError):
            address.contact  # type: ignore[attr-defined]  # noqa: B018  # Reading it is the point.


class TestPostgres:
    @every_model
    def test_forces_row_security_on_the_table(self, model: type[models.Model], db: None) -> None:
        found = rows(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
            model._meta.db_table,
        )
        assert found == [(True, True)]

    @every_model
    def test_shows_raw_sql_no_row_of_another_tenant_and_none_without_a_scope(
        self, model: type[models.Model], northwind: Northwind, globex: Globex
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            one_of_each(northwind.bob)
        count = f"SELECT count(*) FROM {model._meta.db_table} WHERE tenant_id = %s"
        with tenant_scope(northwind.tenant.pk):
            assert rows(count, northwind.tenant.pk)[0][0] > 0
        with tenant_scope(globex.tenant.pk):
            assert rows(count, northwind.tenant.pk) == [(0,)]
        assert rows(count, northwind.tenant.pk) == [(0,)]

    @every_model
    def test_lets_raw_sql_change_no_row_of_another_tenant(
        self, model: type[models.Model], northwind: Northwind, globex: Globex
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            one_of_each(northwind.bob)
        with tenant_scope(globex.tenant.pk), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE tenant_id = %s", [northwind.tenant.pk])
            assert cursor.rowcount == 0

    @every_model
    def test_refuses_a_row_written_for_another_tenant(
        self, model: type[models.Model], northwind: Northwind, globex: Globex
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            row = one_of_each(northwind.bob)[model]
        row.pk, row.tenant_id = None, northwind.tenant.pk  # type: ignore[attr-defined]
        with (
            pytest.raises(Error, match="row-level security"),
            tenant_scope(globex.tenant.pk),
        ):
            model._default_manager.bulk_create([row])

    def test_shows_a_tenant_no_other_tenants_name(self, northwind: Northwind, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk):
            assert rows("SELECT name FROM accounts_tenant") == [("Globex",)]
            assert list(Tenant.objects.values_list("name", flat=True)) == ["Globex"]

    def test_the_webs_role_is_bound_by_all_this(self, db: None) -> None:
        attributes = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert rows(attributes) == [(False, False, False)]
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole AND relkind = 'r'"
        assert rows(owned) == [(0,)]

    @pytest.mark.parametrize("function", ["textlike(text, text)", "ts_match_vq(tsvector, tsquery)"])
    def test_lets_row_security_search_by_index(self, db: None, function: str) -> None:
        # Otherwise a policy keeps LIKE out of every trigram index, and @@ out of the full text.
        statement = f"SELECT proleakproof FROM pg_proc WHERE oid = 'pg_catalog.{function}'::regprocedure"
        assert rows(statement) == [(True,)]

    def test_an_audit_entry_can_be_neither_changed_nor_deleted(self, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk), connection.cursor() as cursor:
            assert AuditEntry.objects.exists()
            for statement in (
                "UPDATE accounts_auditentry SET summary = 'x'",
                "DELETE FROM accounts_auditentry",
            ):
                cursor.execute(statement)
                assert cursor.rowcount == 0


class TestLinks:
    @every_model
    def test_every_reference_to_a_tenants_row_is_a_tenant_foreign_key(self, model: type[models.Model]) -> None:
        loose = [
            field.name
            for field in model._meta.local_fields
            if isinstance(field.related_model, type)
            and issubclass(field.related_model, TenantModel)
            and not isinstance(field, TenantForeignKey)
        ]
        assert loose == []

    @every_link
    def test_each_has_its_composite_key(
        self, model: type[models.Model], field: TenantForeignKey[Any, Any], db: None
    ) -> None:
        keys = rows(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            model._meta.db_table,
        )
        target = field.related_model._meta.db_table
        wanted = f"FOREIGN KEY (tenant_id, {field.column}) REFERENCES {target}(tenant_id, id)"
        assert any(definition.startswith(wanted) for (definition,) in keys)

    def test_postgres_refuses_a_link_that_crosses_tenants(self, northwind: Northwind, globex: Globex) -> None:
        with tenant_scope(northwind.tenant.pk):
            contact = Contact.objects.create(first_name="Ines")
        with (
            pytest.raises(Error, match="violates foreign key constraint"),
            tenant_scope(globex.tenant.pk),
        ):
            rows(
                "INSERT INTO contacts_address (tenant_id, contact_id, email, position, created_at) "
                "VALUES (%s, %s, 'a@b.example', 0, now()) RETURNING id",
                globex.tenant.pk,
                contact.pk,
            )
            rows("SET CONSTRAINTS ALL IMMEDIATE; SELECT 1")


class TestScopes:
    def test_the_same_scope_can_be_entered_again(self, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk), tenant_scope(globex.tenant.pk):
            assert current_tenant_id() == globex.tenant.pk
            assert Membership.objects.count() == 1

    def test_another_tenants_scope_cannot_be_entered_from_within(self, northwind: Northwind, globex: Globex) -> None:
        with (
            tenant_scope(globex.tenant.pk),
            pytest.raises(ScopeError, match="is open"),
            tenant_scope(northwind.tenant.pk),
        ):
            pass

    def test_a_scope_that_fails_leaves_nothing_and_closes(self, globex: Globex) -> None:
        with pytest.raises(ZeroDivisionError), tenant_scope(globex.tenant.pk):
            Contact.objects.create(first_name="Half")
            raise ZeroDivisionError
        with pytest.raises(ScopeError):
            current_tenant_id()
        with tenant_scope(globex.tenant.pk):
            assert not Contact.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_a_scope_does_not_outlive_its_transaction(self, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk):
            assert len(rows("SELECT 1 FROM accounts_membership")) == 1
        assert rows("SELECT current_setting('postroom.tenant', true)") in ([("",)], [(None,)])
        assert rows("SELECT 1 FROM accounts_membership") == []


class TestTheSystemDoor:
    @every_model
    def test_opens_for_marked_models_alone(
        self, model: type[TenantModel], northwind: Northwind, globex: Globex
    ) -> None:
        for member in (northwind.bob, globex.charlie):
            with tenant_scope(member.tenant_id):
                one_of_each(member)
        with system_scope():
            seen = {row[0] for row in rows(f"SELECT DISTINCT tenant_id FROM {model._meta.db_table}")}
            if not model.system_readable:
                assert seen == set()
                with pytest.raises(ScopeError):
                    model.objects.all()
            else:
                assert seen == {northwind.tenant.pk, globex.tenant.pk}
                assert model.objects.count() > 1

    def test_can_be_entered_again(self, northwind: Northwind) -> None:
        with system_scope():
            before = Membership.objects.count()
            with system_scope():
                pass
            assert Membership.objects.count() == before == 3

    def test_lets_nothing_be_written(self, northwind: Northwind) -> None:
        with system_scope(), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_membership SET role = 'admin'")
            assert cursor.rowcount == 0

    def test_is_shut_within_a_tenants_scope(self, globex: Globex) -> None:
        with tenant_scope(globex.tenant.pk), pytest.raises(ScopeError), system_scope():
            pass
