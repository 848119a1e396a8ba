"""The three belts that hold tenants apart (DESIGN.md section 4, S1).

1. **The ORM refuses.** A `TenantModel` can only be queried inside `tenant_scope`; outside of it
   its manager raises `ScopeError`, inside of it every queryset is filtered.
2. **PostgreSQL refuses.** `TenantOwned` in a migration forces row-level security on the table:
   raw SQL too sees the rows of the scope's tenant alone, and without a scope no row at all.
3. **Links refuse.** A `TenantForeignKey` is backed by a composite foreign key
   ``(tenant_id, x_id) -> (tenant_id, id)``: a row can never point at another tenant's row.

A scope *is* a transaction: the tenant is set with ``set_config(…, is_local => true)``, so that it can
never outlive its work, on pooled connections least of all. A task that talks to the network opens
a scope before and another after, never around (E1).

Work across tenants (finding which mailboxes are due, whose API token this is) goes through one
door, `system_scope`. It can only read, and only models that say ``system_readable``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar, cast

from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.deletion import CASCADE
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND
from structlog.contextvars import bound_contextvars

TENANT_SETTING = "postroom.tenant"
SYSTEM_SETTING = "postroom.system"

_tenant: ContextVar[int | None] = ContextVar("tenant", default=None)
_system: ContextVar[bool] = ContextVar("system", default=False)


class ScopeError(RuntimeError):
    """Tenant data was touched without a scope, or from within another tenant's scope."""


def current_tenant_id() -> int:
    """The id of the tenant whose scope is open; raises `ScopeError` outside of every scope."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise ScopeError("No tenant scope is open: wrap the work in tenant_scope(tenant_id).")
    return tenant_id


def is_system_scope() -> bool:
    """Whether the scope that is open reads across tenants."""
    return _system.get()


@contextmanager
def standing_in(tenant_id: int) -> Iterator[None]:
    """Within a tenant's scope, queries are made for this tenant: for `crm.lib.compiled`, which asks none of them.

    PostgreSQL goes on refusing all rows but those of the tenant whose scope it is.
    """
    token = _tenant.set(tenant_id if _tenant.get() is not None else None)
    try:
        yield
    finally:
        _tenant.reset(token)


@contextmanager
def tenant_scope(tenant_id: int) -> Iterator[None]:
    """Opens a transaction that can see and write the rows of one tenant, and no other.

    Entering the scope of the tenant that is already open does nothing. Raises `ScopeError` when
    another tenant's scope, or the system scope, is open.
    """
    active = _tenant.get()
    if active == tenant_id:
        yield
        return
    if active is not None or _system.get():
        held = f"the scope of tenant {active}" if active is not None else "the system scope"
        raise ScopeError(f"Cannot enter the scope of tenant {tenant_id}: {held} is open.")
    token = _tenant.set(tenant_id)
    try:
        with bound_contextvars(tenant=tenant_id), _local_setting(TENANT_SETTING, str(tenant_id)):
            yield
    finally:
        _tenant.reset(token)


@contextmanager
def system_scope() -> Iterator[None]:
    """Opens a transaction that can read, across tenants, the models marked ``system_readable``.

    For those few questions that come before the tenant is known: whose token, whose session, who
    is due. Answer with ids, leave, and enter `tenant_scope` for the work itself.
    """
    if _system.get():
        yield
        return
    if _tenant.get() is not None:
        raise ScopeError(f"Cannot enter the system scope: the scope of tenant {_tenant.get()} is open.")
    token = _system.set(True)
    try:
        with _local_setting(SYSTEM_SETTING, "on"):
            yield
    finally:
        _system.reset(token)


@contextmanager
def _local_setting(name: str, value: str) -> Iterator[None]:
    is_savepoint = connection.in_atomic_block
    with transaction.atomic():
        _set_local(name, value)
        yield
        # PostgreSQL itself ends the setting at COMMIT and ROLLBACK, and at the rollback to a savepoint that
        # somebody asked for (`set_rollback`), before which it takes no more statements.
        if is_savepoint and not connection.needs_rollback:
            _set_local(name, "")


def _set_local(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


ST = TypeVar("ST")
GT = TypeVar("GT")
M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class TenantManager(models.Manager[M_co]):
    """Refuses to make a queryset without a scope, and filters the one it makes within."""

    def get_queryset(self) -> models.QuerySet[M_co]:
        found = super().get_queryset()
        if _system.get() and getattr(self.model, "system_readable", False):
            return found
        # As ``filter(tenant_id=…)`` does it, at a quarter of the cost: a page asks two or three dozen times.
        tenant = cast("TenantField[Any, Any]", self.model._meta.get_field("tenant"))
        column = tenant.get_col(found.query.get_initial_alias())
        found.query.where.add(_TenantIs(column, current_tenant_id()), AND)
        return found


class TenantField(models.ForeignKey[ST, GT]):
    """The tenant of a row: when it is first saved, that of the open scope.

    Not a default: the types would then say that a row may be without one.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add and getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, current_tenant_id())
        return super().pre_save(model_instance, add)


@TenantField.register_lookup
class _TenantIs(RelatedExact):
    """Compares with a bigint: a bare number is an integer for PostgreSQL, for which no GIN index has an operator.

    One that begins with the tenant would be asked for the words of all tenants.
    """

    def process_rhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        sql, parameters = super().process_rhs(compiler, connection)
        return (f"{sql}::bigint" if self.rhs_is_direct_value() else sql), parameters


class TenantModel(models.Model):
    """A row that belongs to one tenant; its tenant is that of the scope it is made in."""

    #: Whether `system_scope` may read the rows of all tenants.
    system_readable: ClassVar[bool] = False

    # Without an index of its own: the unique (tenant_id, id) that TenantOwned makes serves as one.
    tenant = TenantField("accounts.Tenant", CASCADE, editable=False, related_name="+", db_index=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        # Related objects, refresh_from_db and save() go through the same refusal.
        base_manager_name = "objects"


class TenantForeignKey(models.ForeignKey[ST, GT]):
    """A foreign key to a row of the same tenant; `TenantOwned` makes its composite constraint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_constraint"]
        return name, path, args, kwargs
