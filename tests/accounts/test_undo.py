"""What a toast offers to take back is taken back once, in time, and by the one who did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import operations, queries
from accounts.models import Membership, Role, Undo
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind

ClientOf = Callable[[Membership], Client]


@pytest.fixture
def undo_id(northwind: Northwind) -> int:
    """Ada's, who has deactivated Bob."""
    with tenant_scope(northwind.tenant.pk):
        undo = operations.deactivate_member(actor=northwind.ada, member=northwind.bob)
    assert undo is not None
    return undo.pk


def is_active(member: Membership) -> bool:
    with tenant_scope(member.tenant_id):
        return queries.get_member(member.pk).is_active


def test_it_is_taken_back(client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
    answer = client_of(northwind.ada).post(reverse("undo"), {"id": undo_id, "next": reverse("members")}, follow=True)
    assert is_active(northwind.bob)
    assert "Bob Marsh is active again" in answer.content.decode()


def test_twice_does_no_harm(client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
    browser = client_of(northwind.ada)
    form = {"id": undo_id, "next": reverse("members")}
    browser.post(reverse("undo"), form)
    assert "This was taken back already" in browser.post(reverse("undo"), form, follow=True).content.decode()


def test_not_when_its_time_is_over(client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
    with tenant_scope(northwind.tenant.pk):
        Undo.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    form = {"id": undo_id, "next": reverse("members")}
    answer = client_of(northwind.ada).post(reverse("undo"), form, follow=True)
    assert "its time is over" in answer.content.decode()
    assert not is_active(northwind.bob)


def test_not_by_a_colleague(client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
    assert client_of(northwind.alice).post(reverse("undo"), {"id": undo_id}).status_code == 404


def test_not_by_another_account(client_of: ClientOf, globex: Globex, northwind: Northwind, undo_id: int) -> None:
    assert client_of(globex.charlie).post(reverse("undo"), {"id": undo_id}).status_code == 404
    assert not is_active(northwind.bob)


def test_not_by_who_lost_the_right_meanwhile(client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
    with tenant_scope(northwind.tenant.pk):
        operations.change_member(
            actor=northwind.alice, member=northwind.ada, role=Role.MEMBER, can_full_sync=True, can_see_activity=True
        )
    assert client_of(northwind.ada).post(reverse("undo"), {"id": undo_id}).status_code == 403
    assert not is_active(northwind.bob)


@pytest.mark.parametrize("given", ["", "x", "-5", "9" * 40])
def test_an_odd_id_is_not_found(client_of: ClientOf, northwind: Northwind, given: str) -> None:
    assert client_of(northwind.ada).post(reverse("undo"), {"id": given}).status_code == 404


class TestAfterwards:
    def test_one_is_back_where_one_was(self, client_of: ClientOf, northwind: Northwind, undo_id: int) -> None:
        browser = client_of(northwind.ada)
        there = f"http://testserver{reverse('members')}"
        answer = browser.post(reverse("undo"), {"id": undo_id}, headers={"referer": there})
        assert answer.headers["Location"] == there

    @pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "nowhere"])
    def test_one_is_never_on_another_site_nor_nowhere(
        self, client_of: ClientOf, northwind: Northwind, undo_id: int, place: str
    ) -> None:
        browser = client_of(northwind.ada)
        answer = browser.post(reverse("undo"), {"id": undo_id, "next": place}, headers={"referer": place})
        assert answer.headers["Location"] == reverse("home")
