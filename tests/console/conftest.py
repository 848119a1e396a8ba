"""What the tests of the settings pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import queries
from accounts.models import AuditEntry, Membership
from crm.lib.tenancy import tenant_scope
from crm.templatetags.ui import undo_id
from tests.conftest import Globex, Northwind


@pytest.fixture
def alice(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.alice)


@pytest.fixture
def ada(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.ada)


@pytest.fixture
def bob(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.bob)


@pytest.fixture
def charlie(client_of: Callable[[Membership], Client], globex: Globex) -> Client:
    return client_of(globex.charlie)


def now(member: Membership) -> Membership:
    """The membership as it stands in the database."""
    with tenant_scope(member.tenant_id):
        return queries.get_member(member.pk)


def newest_entry(member: Membership) -> AuditEntry:
    """The newest entry of the audit log of a member's account."""
    with tenant_scope(member.tenant_id):
        return queries.audit_entries()[0]


def undo_in(page: Any) -> str:
    """The id behind the Undo button of a page that the test client followed to."""
    return next(found for found in map(undo_id, page.context["messages"]) if found)
