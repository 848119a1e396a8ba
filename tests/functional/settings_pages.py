"""The pages of Settings and of coming in, with something on each to look at."""

from __future__ import annotations

from django.urls import reverse

from accounts import operations, queries
from accounts.models import Role, TokenScope
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind


def full_members(cast: Northwind) -> str:
    """One of each kind of row: the owner, an admin, somebody deactivated, an open invitation."""
    with tenant_scope(cast.tenant.pk):
        operations.deactivate_member(actor=cast.alice, member=cast.bob)
        operations.invite(actor=cast.alice, email="noa.brandt@northwind.example", role=Role.ADMIN)
        operations.invite(actor=cast.ada, email="sales.intern.of.the.summer@northwind.example", role=Role.MEMBER)
    return reverse("members")


def inviting(cast: Northwind) -> str:
    return f"{reverse('members')}?invite=yes"


def full_tokens(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        for member, name in ((cast.alice, "Nightly export"), (cast.alice, "Warehouse"), (cast.bob, "My script")):
            operations.create_token(member=member, name=name, scope=TokenScope.WRITE, expires_at=None)
    return reverse("api_tokens")


def full_audit_log(cast: Northwind) -> str:
    full_members(cast)
    full_tokens(cast)
    return reverse("audit_log")


def invitation(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        made = operations.invite(actor=cast.alice, email="noa.brandt@northwind.example", role=Role.MEMBER)
    return reverse("accept_invitation", args=[queries.invitation_key(made)])


def nowhere(cast: Northwind) -> str:
    """Where Bob comes to once he is deactivated."""
    with tenant_scope(cast.tenant.pk):
        operations.deactivate_member(actor=cast.alice, member=cast.bob)
    return reverse("no_account")
