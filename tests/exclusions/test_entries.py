from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import AuditEntry
from crm.lib.tenancy import tenant_scope
from exclusions import operations, queries
from exclusions.models import Exclusion
from exclusions.operations import InvalidExclusion
from tests.conftest import Northwind


@pytest.fixture(autouse=True)
def _scope(northwind: Northwind) -> Iterator[None]:
    with tenant_scope(northwind.tenant.pk):
        yield


def test_an_address_and_a_domain_are_told_apart_and_kept_in_one_spelling(northwind: Northwind) -> None:
    """R2, R7"""
    address = operations.exclude(actor=northwind.bob, value="Eve <Eve@Private.example>")
    domain = operations.exclude(actor=northwind.bob, value="@Private.example")
    assert (address.kind, address.value) == ("address", "eve@private.example")
    assert (domain.kind, domain.value) == ("domain", "private.example")


def test_the_same_entry_twice_is_one_and_a_colleagues_is_another(northwind: Northwind) -> None:
    first = operations.exclude(actor=northwind.bob, value="private.example")
    assert operations.exclude(actor=northwind.bob, value="*.private.example") == first
    assert operations.exclude(actor=northwind.ada, value="private.example") != first
    assert AuditEntry.objects.filter(action="exclusion.added").count() == 2


def test_what_is_neither_is_refused_with_a_sentence(northwind: Northwind) -> None:
    with pytest.raises(InvalidExclusion, match="neither an address nor a domain"):
        operations.exclude(actor=northwind.bob, value="eve")


def test_owner_and_admins_see_and_remove_all_and_a_member_their_own(northwind: Northwind) -> None:
    """R7"""
    of_bob = operations.exclude(actor=northwind.bob, value="private.example")
    of_ada = operations.exclude(actor=northwind.ada, value="other.example")
    assert list(queries.visible_exclusions(northwind.alice)) == [of_ada, of_bob]
    assert list(queries.visible_exclusions(northwind.bob)) == [of_bob]
    with pytest.raises(Http404):
        queries.get_exclusion(northwind.bob, of_ada.pk)
    with pytest.raises(PermissionDenied, match="a colleague's"):
        operations.include(actor=northwind.bob, exclusion=of_ada)
    operations.include(actor=northwind.bob, exclusion=queries.get_exclusion(northwind.bob, of_bob.pk))
    operations.include(actor=northwind.alice, exclusion=of_ada)
    assert not Exclusion.objects.exists()
    assert AuditEntry.objects.filter(action="exclusion.removed").count() == 2


def test_removing_an_entry_twice_does_no_harm(northwind: Northwind) -> None:
    entry = operations.exclude(actor=northwind.bob, value="private.example")
    operations.include(actor=northwind.bob, exclusion=Exclusion.objects.get(pk=entry.pk))
    operations.include(actor=northwind.bob, exclusion=Exclusion(pk=entry.pk, value="private.example"))
    assert AuditEntry.objects.filter(action="exclusion.removed").count() == 1
