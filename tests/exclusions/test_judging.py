"""What an opened email says of who is excluded, and what nobody can store for them (R7, R9, R15)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import operations as emails
from emails.operations import Excluded
from exclusions import operations, queries
from tests.conftest import ApiOf, Northwind
from tests.emails.conftest import Make
from tests.exclusions.pages import words


def test_a_reader_is_told_the_entry_as_far_as_they_may_know_it(
    northwind: Northwind, alice: Client, bob: Client, email: Make, ines: Contact, paul: Contact
) -> None:
    """R7"""
    shown = email(paul, sender=("Ines", "ines@atelier-lyon.example"), to=["paul@atelier-lyon.example"])
    with tenant_scope(northwind.tenant.pk):
        operations.exclude(actor=northwind.alice, value="ines@atelier-lyon.example")
    assert "excluded by ines@atelier-lyon.example" in words(alice.get(f"/email/{shown.pk}/"))
    told = words(bob.get(f"/email/{shown.pk}/"))
    assert "excluded by an entry of the account’s list" in told


def test_nothing_is_stored_for_who_is_excluded(
    northwind: Northwind, api_of: ApiOf, email: Make, ines: Contact, paul: Contact
) -> None:
    """R9, until the entry is gone."""
    shown = email(paul, to=["paul@atelier-lyon.example"])
    with tenant_scope(northwind.tenant.pk):
        entry = operations.exclude(actor=northwind.alice, value="atelier-lyon.example")
        with pytest.raises(Excluded, match=r"excluded by atelier-lyon\.example"):
            emails.store(actor=northwind.alice, email=shown, contact=ines)
    bob = api_of(northwind.bob)
    assert bob.post(f"/api/v1/emails/{shown.pk}/store/", {"contact": ines.pk}).status_code == 400
    with tenant_scope(northwind.tenant.pk):
        operations.include(actor=northwind.alice, exclusion=entry)
    assert bob.post(f"/api/v1/emails/{shown.pk}/store/", {"contact": ines.pk}).status_code == 200


def test_a_thousand_addresses_cost_what_one_does(northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk):
        operations.exclude(actor=northwind.alice, value="private.example")
        for count in (1, 1_000):
            asked = [f"a{number}@stranger.example" for number in range(count)]
            with CaptureQueriesContext(connection) as captured:
                assert queries.judge(northwind.bob, asked) == {}
            assert len(captured) == 1
        own = ["alice@northwind.example"]
        operations.exclude(actor=northwind.alice, value="northwind.example")
        assert queries.judge(northwind.bob, [*own, "sales@northwind.example"]) == {
            "sales@northwind.example": queries.SOMEBODYS
        }
