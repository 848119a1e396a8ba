"""Taking stored emails off who is excluded, in batches, and bringing back exactly those (R10, R12, R17, R37)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import operations as emails
from emails.models import Door, Email, Link, Visibility
from emails.queries.excluding import concerned
from exclusions import operations, tasks
from exclusions.lists import Line
from exclusions.models import Exclusion, Removal
from exclusions.operations import Excluded, Wish, removing
from tests.conftest import Northwind
from tests.emails.conftest import Make
from tests.emails.factory import door_of

INES = "ines@atelier-lyon.example"


def exclude(northwind: Northwind, value: str = INES) -> Excluded:
    """Alice excludes it, and has removed what is stored."""
    with tenant_scope(northwind.tenant.pk):
        return operations.exclude_many(actor=northwind.alice, lines=[Line(value)], wish=Wish(remove_stored=True))


def live(northwind: Northwind) -> tuple[int, int]:
    """How many links and emails there are."""
    with tenant_scope(northwind.tenant.pk):
        return Link.objects.filter(removed_at=None).count(), Email.objects.filter(deleted_at=None).count()


def test_what_is_more_than_a_batch_goes_on_behind_and_is_found_again(
    northwind: Northwind, email: Make, ines: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "BATCH", 2)
    for _ in range(5):
        email(ines)
    done = exclude(northwind)
    assert "5 stored emails are being removed" in done.message
    assert live(northwind) == (3, 3)
    assert done.removal
    tasks.remove_more(tenant_id=northwind.tenant.pk, removal_id=done.removal.pk)
    assert live(northwind) == (1, 1)
    # The next task got lost.
    tasks.go_on_removing()
    assert live(northwind) == (0, 0)
    tasks.go_on_removing()
    with tenant_scope(northwind.tenant.pk):
        removal = Removal.objects.get()
    assert (removal.state, removal.done, removal.emails) == ("done", 5, 5)


def test_taking_it_back_in_the_middle_stops_it_and_brings_back_all(
    northwind: Northwind, email: Make, ines: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "BATCH", 2)
    for _ in range(5):
        email(ines)
    removal = exclude(northwind).removal
    assert removal
    with tenant_scope(northwind.tenant.pk):
        assert operations.restore(actor=northwind.alice, removal=removal).count == 2
    tasks.remove_more(tenant_id=northwind.tenant.pk, removal_id=removal.pk)
    assert live(northwind) == (5, 5)


def test_only_what_was_removed_comes_back(northwind: Northwind, email: Make, ines: Contact) -> None:
    """R18: what a user has deleted before, or since, is theirs."""
    before, after = email(ines), email(ines)
    with tenant_scope(northwind.tenant.pk):
        emails.delete_emails(actor=northwind.bob, ids=[before.pk])
        emails.unstore(actor=northwind.bob, email=after, contact=ines)
    email(ines)
    removal = exclude(northwind).removal
    assert removal
    assert removal.links == 1
    with tenant_scope(northwind.tenant.pk):
        operations.restore(actor=northwind.alice, removal=removal)
        kept = Email.objects.filter(deleted_at=None)
        assert not kept.filter(pk__in=[before.pk, after.pk]).exists()
    assert live(northwind)[1] == 1


def test_what_was_sent_from_here_stays(northwind: Northwind, email: Make, ines: Contact) -> None:
    """R10"""
    sent = email(ines)
    with tenant_scope(northwind.tenant.pk):
        sent.sources.create(door=door_of(northwind.bob, Door.Kind.COMPOSE), key="sent")
    assert exclude(northwind).removal is None
    assert live(northwind) == (1, 1)


def test_an_email_that_names_another_address_of_the_contact_stays(
    northwind: Northwind, email: Make, ines: Contact
) -> None:
    """R9: as new mail of this kind would be stored."""
    with tenant_scope(northwind.tenant.pk):
        ines.addresses.create(email="ines@home.example")
    email(ines, to=["alice@northwind.example", "ines@home.example"])
    email(ines)
    exclude(northwind)
    assert live(northwind) == (1, 1)


def test_it_reaches_no_further_than_the_member_can_read(
    northwind: Northwind, email: Make, ines: Contact, secret: Contact
) -> None:
    """R37: Bob's own mail stays, and his private contact is not counted."""
    hidden = email(ines, seen_by=northwind.bob)
    email(ines, seen_by=northwind.alice)
    email(secret, seen_by=northwind.bob)
    with tenant_scope(northwind.tenant.pk):
        Door.objects.filter(member=northwind.bob).update(visibility=Visibility.SUBJECT)
        found = concerned(northwind.alice, [INES])
    assert (found.contacts, found.emails) == (1, 1)
    exclude(northwind)
    with tenant_scope(northwind.tenant.pk):
        assert Email.objects.get(pk=hidden.pk).deleted_at is None
    assert live(northwind) == (2, 2)


def test_after_30_days_the_way_back_is_gone(northwind: Northwind, email: Make, ines: Contact) -> None:
    email(ines)
    exclude(northwind)
    with tenant_scope(northwind.tenant.pk):
        Removal.objects.update(at=timezone.now() - timedelta(days=31))
        operations.exclude(actor=northwind.alice, value="private.example")
        assert not Removal.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["exclude", "include"])
def test_of_two_at_the_same_entry_the_second_is_told_what_the_first_has_done(northwind: Northwind, rival: str) -> None:
    first_has_it = threading.Event()
    told: list[str] = []
    with tenant_scope(northwind.tenant.pk):
        there = operations.exclude(actor=northwind.bob, value="there.example")

    def deed() -> str:
        if rival == "include":
            return operations.include(actor=northwind.ada, exclusion=there).message
        return operations.exclude_many(actor=northwind.bob, lines=[Line("new.example")], wish=Wish()).message

    def second() -> None:
        first_has_it.wait(10)
        try:
            with tenant_scope(northwind.tenant.pk):
                told.append(deed())
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with tenant_scope(northwind.tenant.pk):
        if rival == "include":
            operations.include(actor=northwind.bob, exclusion=there)
        else:
            operations.exclude(actor=northwind.bob, value="new.example")
        first_has_it.set()
        thread.join(0.3)
        assert told == []
    thread.join(20)
    assert told == ["there.example was removed already." if rival == "include" else "Nothing was added."]
    with tenant_scope(northwind.tenant.pk):
        assert Exclusion.objects.count() == (0 if rival == "include" else 2)
        action = "exclusion.removed" if rival == "include" else "exclusion.added"
        assert AuditEntry.objects.filter(action=action).count() == (1 if rival == "include" else 2)
