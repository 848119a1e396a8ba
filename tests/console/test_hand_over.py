"""Handing over the account: one owner at any moment, whatever two tabs do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts import operations, queries
from accounts.models import Membership, Role
from accounts.operations import UnableToChangeMember
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.console.conftest import newest_entry, now


def to_bob(northwind: Northwind, name: str = "Bob Marsh") -> dict[str, str]:
    return {"to": str(northwind.bob.pk), "confirmation": name}


def owners(northwind: Northwind) -> list[str]:
    with tenant_scope(northwind.tenant.pk):
        return [member.user.name for member in queries.members().filter(role=Role.OWNER)]


def test_the_owner_becomes_an_admin(alice: Client, northwind: Northwind) -> None:
    alice.post(reverse("hand_over"), to_bob(northwind))
    assert owners(northwind) == ["Bob Marsh"]
    assert now(northwind.alice).role == Role.ADMIN
    assert newest_entry(northwind.alice).summary == "handed the account over to Bob Marsh"


def test_the_name_may_be_typed_in_lower_case(alice: Client, northwind: Northwind) -> None:
    alice.post(reverse("hand_over"), to_bob(northwind, "bob  marsh"))
    assert owners(northwind) == ["Bob Marsh"]


@pytest.mark.parametrize("name", ["", "Bob", "Ada Okafor"])
def test_it_needs_the_others_name(alice: Client, northwind: Northwind, name: str) -> None:
    answer = alice.post(reverse("hand_over"), to_bob(northwind, name))
    assert answer.status_code == 422
    assert "confirmation" in answer.context["form"].errors
    assert owners(northwind) == ["Alice Lindqvist"]


def test_it_goes_to_active_members_alone(alice: Client, northwind: Northwind) -> None:
    alice.post(reverse("member_deactivate", args=[northwind.bob.pk]))
    answer = alice.post(reverse("hand_over"), to_bob(northwind))
    assert "to" in answer.context["form"].errors


def test_it_does_not_go_to_another_accounts_people(alice: Client, northwind: Northwind, globex: object) -> None:
    charlie: Membership = globex.charlie  # type: ignore[attr-defined]
    form = {"to": str(charlie.pk), "confirmation": "Charlie Duarte"}
    assert alice.post(reverse("hand_over"), form).status_code == 422
    assert owners(northwind) == ["Alice Lindqvist"]


def test_a_second_click_is_refused(alice: Client, northwind: Northwind) -> None:
    alice.post(reverse("hand_over"), to_bob(northwind))
    assert alice.post(reverse("hand_over"), to_bob(northwind)).status_code == 403
    assert owners(northwind) == ["Bob Marsh"]


def test_the_new_owner_can_hand_it_back(
    alice: Client, client_of: Callable[[Membership], Client], northwind: Northwind
) -> None:
    alice.post(reverse("hand_over"), to_bob(northwind))
    form = {"to": str(northwind.alice.pk), "confirmation": "Alice Lindqvist"}
    client_of(northwind.bob).post(reverse("hand_over"), form)
    assert owners(northwind) == ["Alice Lindqvist"]


class TestTwoAtTheSameTime:
    """Each thread has read the members before either writes: as two tabs have, whose requests meet."""

    def race(self, northwind: Northwind, *deeds: Callable[[], object]) -> list[str]:
        """Runs all deeds at once, and answers what each raised or nothing."""
        start = Barrier(len(deeds))

        def run(deed: Callable[[], object]) -> str:
            try:
                with tenant_scope(northwind.tenant.pk):
                    start.wait(timeout=10)
                    deed()
            except UnableToChangeMember as problem:
                return str(problem)
            finally:
                connections.close_all()
            return ""

        with ThreadPoolExecutor(len(deeds)) as pool:
            return list(pool.map(run, deeds))

    @pytest.mark.django_db(transaction=True)
    def test_handing_over_to_two_people_makes_one_owner(self, northwind: Northwind) -> None:
        tabs = [now(northwind.alice), now(northwind.alice)]
        told = self.race(
            northwind,
            lambda: operations.hand_over(owner=tabs[0], to=northwind.ada),
            lambda: operations.hand_over(owner=tabs[1], to=northwind.bob),
        )
        assert sorted(map(bool, told)) == [False, True]
        assert owners(northwind) in (["Ada Okafor"], ["Bob Marsh"])

    @pytest.mark.django_db(transaction=True)
    def test_demoting_the_new_owner_never_leaves_the_account_without_one(self, northwind: Northwind) -> None:
        stale = now(northwind.bob)
        self.race(
            northwind,
            lambda: operations.hand_over(owner=now(northwind.alice), to=northwind.bob),
            lambda: operations.change_member(
                actor=northwind.ada, member=stale, role=Role.ADMIN, can_full_sync=True, can_see_activity=True
            ),
        )
        assert owners(northwind) == ["Bob Marsh"]

    @pytest.mark.django_db(transaction=True)
    def test_deactivating_the_new_owner_fails_or_comes_first(self, northwind: Northwind) -> None:
        stale = now(northwind.bob)
        told = self.race(
            northwind,
            lambda: operations.hand_over(owner=now(northwind.alice), to=northwind.bob),
            lambda: operations.deactivate_member(actor=northwind.ada, member=stale),
        )
        assert sorted(map(bool, told)) == [False, True]
        assert owners(northwind) == ["Bob Marsh" if now(northwind.bob).is_active else "Alice Lindqvist"]
