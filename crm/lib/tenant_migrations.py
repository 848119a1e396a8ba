"""Migration operations that put a table behind the belts of `crm.lib.tenancy`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from crm.lib.tenancy import SYSTEM_SETTING, TENANT_SETTING, TenantForeignKey

CURRENT_TENANT = f"NULLIF(current_setting('{TENANT_SETTING}', true), '')::bigint"
IN_SYSTEM_SCOPE = f"current_setting('{SYSTEM_SETTING}', true) = 'on'"


class _Belt(Operation, ABC):
    """Statements for the table of one model, which go when the table or its column does."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Belts are the database's business; Django's state does not know them."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.statements(to_state.apps.get_model(app_label, self.model_name)):
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """What goes backwards drops the table or the column next, and its policies and constraints with it."""

    @abstractmethod
    def statements(self, model: type[models.Model]) -> Iterator[str]:
        """What to run for the model as it is after this operation."""


class TenantOwned(_Belt):
    """Makes the table of a `TenantModel` tenant-owned; put it after its CreateModel.

    ``append_only`` leaves out the policies for UPDATE and DELETE, so that no row can ever be changed.
    ``system_readable`` lets `system_scope` read all rows. ``column`` is ``id`` for the tenants' own table.
    """

    def __init__(
        self, model_name: str, *, append_only: bool = False, system_readable: bool = False, column: str = "tenant_id"
    ) -> None:
        super().__init__(model_name)
        self.append_only = append_only
        self.system_readable = system_readable
        self.column = column

    def describe(self) -> str:
        return f"Put {self.model_name} behind row-level security and composite keys"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name.lower()}_tenant_owned"

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        if self.column == "tenant_id":
            yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_id_key" UNIQUE (tenant_id, id)'
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
        yield from self._policies(table)
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                yield composite_key(table, field)

    def _policies(self, table: str) -> Iterator[str]:
        mine = f"{self.column} = {CURRENT_TENANT}"
        if self.append_only:
            yield f'CREATE POLICY tenant_read ON "{table}" FOR SELECT USING ({mine})'
            yield f'CREATE POLICY tenant_add ON "{table}" FOR INSERT WITH CHECK ({mine})'
        else:
            yield f'CREATE POLICY tenant ON "{table}" USING ({mine}) WITH CHECK ({mine})'
        if self.system_readable:
            yield f'CREATE POLICY system_read ON "{table}" FOR SELECT USING ({IN_SYSTEM_SCOPE})'


class TenantLink(_Belt):
    """Adds the composite key of a `TenantForeignKey` that came by a later AddField."""

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name)
        self.field_name = field_name

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        yield composite_key(model._meta.db_table, model._meta.get_field(self.field_name))

    def describe(self) -> str:
        return f"Tie {self.model_name}.{self.field_name} to rows of the same tenant"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name.lower()}_{self.field_name}_tenant_link"


def composite_key(table: str, field: Any) -> str:
    """The statement that makes ``field`` refer to ``(tenant_id, id)``, checked at COMMIT as Django's own keys are."""
    target = field.related_model._meta.db_table
    name = f"{table}_{field.column}"[:52] + "_tenant_fk"
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{field.column}") '
        f'REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
    )
