from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import AuditEntry, Membership, Role
from accounts.undo import UnableToUndo
from contacts import operations, queries
from contacts.filters import Criteria
from contacts.models import SavedFilter
from contacts.operations import FilterData, InvalidFilter
from tests.conftest import Northwind
from tests.contacts.conftest import take_back

pytestmark = pytest.mark.usefixtures("scope")
LYON = Criteria(q="lyon")


def save(member: Membership, name: str = "In Lyon", *, shared: bool = False) -> SavedFilter:
    return operations.create_filter(actor=member, data=FilterData(name=name, criteria=LYON, is_shared=shared))


def test_ones_own_is_seen_by_nobody_else(northwind: Northwind) -> None:
    saved = save(northwind.bob)
    assert list(queries.saved_filters(northwind.bob)) == [saved]
    assert list(queries.saved_filters(northwind.alice)) == []
    with pytest.raises(Http404):
        queries.get_filter(northwind.alice, saved.pk)


def test_a_shared_one_is_seen_by_all(northwind: Northwind) -> None:
    saved = save(northwind.ada, shared=True)
    assert list(queries.saved_filters(northwind.bob)) == [saved]


def test_a_member_cannot_share_or_change_what_is_shared(northwind: Northwind) -> None:
    with pytest.raises(PermissionDenied):
        save(northwind.bob, shared=True)
    shared = save(northwind.ada, shared=True)
    with pytest.raises(PermissionDenied):
        operations.update_filter(actor=northwind.bob, saved=shared, data=FilterData(name="Mine", criteria=LYON))
    with pytest.raises(PermissionDenied):
        operations.delete_filter(actor=northwind.bob, saved=shared)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "IN LYON", "a\x00b"])
def test_a_bad_or_taken_name_is_refused(northwind: Northwind, name: str) -> None:
    save(northwind.bob)
    with pytest.raises(InvalidFilter) as caught:
        save(northwind.bob, name)
    assert list(caught.value.problems) == ["name"]


def test_a_filter_that_asks_nothing_is_refused(northwind: Northwind) -> None:
    with pytest.raises(InvalidFilter, match="asks for nothing"):
        operations.create_filter(actor=northwind.bob, data=FilterData(name="All", criteria=Criteria()))


def test_a_deleted_one_comes_back(northwind: Northwind) -> None:
    done = operations.delete_filter(actor=northwind.bob, saved=save(northwind.bob))
    assert not queries.saved_filters(northwind.bob).exists()
    take_back(northwind.bob, done)
    [again] = queries.saved_filters(northwind.bob)
    assert (again.name, Criteria.from_json(again.criteria)) == ("In Lyon", LYON)


def test_a_deleted_one_does_not_come_back_beside_another_of_its_name(northwind: Northwind) -> None:
    done = operations.delete_filter(actor=northwind.bob, saved=save(northwind.bob))
    save(northwind.bob, "IN LYON")
    with pytest.raises(UnableToUndo, match="another filter “In Lyon” now"):
        take_back(northwind.bob, done)
    assert [saved.name for saved in queries.saved_filters(northwind.bob)] == ["IN LYON"]


def test_one_who_is_a_member_now_brings_back_nothing_shared(northwind: Northwind) -> None:
    done = operations.delete_filter(actor=northwind.ada, saved=save(northwind.ada, shared=True))
    northwind.ada.role = Role.MEMBER
    northwind.ada.save()
    with pytest.raises(PermissionDenied):
        take_back(northwind.ada, done)


def test_what_happens_to_shared_ones_is_audited(northwind: Northwind) -> None:
    saved = save(northwind.ada, shared=True)
    for shared in (True, False, True):
        data = FilterData(name="Lyon", criteria=LYON, is_shared=shared)
        operations.update_filter(actor=northwind.ada, saved=saved, data=data)
    take_back(northwind.ada, operations.delete_filter(actor=northwind.ada, saved=saved))
    actions = AuditEntry.objects.filter(action__startswith="filter.").order_by("id").values_list("action", flat=True)
    happened = ("shared", "changed", "unshared", "shared", "deleted", "restored")
    assert list(actions) == [f"filter.{action}" for action in happened]
