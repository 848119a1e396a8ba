"""E5: what is stored already finds contacts that are new, have other addresses, were merged or parted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Duplicates, ExcludedSender, Tenant
from contacts.models import Address, Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Door, Link
from exclusions.models import Exclusion
from intake.operations import rematch
from tests.intake.conftest import Box, Office, message

BOTH = "alice@northwind.example, bob@northwind.example"


@pytest.fixture
def stored(office: Office, box: Box) -> Office:
    """Two emails of Carla's: the first also to Dan, the second to Dan in Bcc."""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, to=BOTH, Cc="dan@contoso.example"))
    box.add("b", message(2, Bcc="dan@contoso.example"))
    office.take(box)
    return office


def matched(office: Office, *contacts: Contact) -> int:
    with tenant_scope(office.northwind.tenant.pk):
        return rematch(contact.pk for contact in contacts)


def change(office: Office, contact: Contact, **fields: Any) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        Contact.objects.filter(pk=contact.pk).update(**fields)


def excluded(office: Office, value: str) -> None:
    kind = Exclusion.Kind.ADDRESS if "@" in value else Exclusion.Kind.DOMAIN
    with tenant_scope(office.northwind.tenant.pk):
        Exclusion.objects.create(kind=kind, value=value, created_by=office.northwind.bob)


def remove_links(office: Office, contact: Contact) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        Link.objects.filter(contact=contact).update(removed_at=timezone.now())


def test_a_new_contact_gets_what_names_it_and_not_what_only_its_bcc_does(stored: Office) -> None:
    """R1"""
    dan = stored.contact("Dan", "dan@contoso.example")
    assert matched(stored, dan) == 1
    assert stored.timeline(dan) == ["Offer 1"]
    assert matched(stored, dan) == 0


def test_a_deleted_contact_gets_nothing(stored: Office) -> None:
    dan = stored.contact("Dan", "dan@contoso.example")
    change(stored, dan, deleted_at=timezone.now())
    assert matched(stored, dan) == 0


def test_who_has_an_own_address_gets_nothing(stored: Office) -> None:
    """R3"""
    assert matched(stored, stored.contact("Bob", "bob@northwind.example")) == 0


def test_a_private_contact_gets_what_came_to_its_owner(stored: Office) -> None:
    """R5: of the mailboxes that have it, one must be of somebody who may see the contact."""
    of_bob = stored.contact("Dan", "dan@contoso.example", owner=stored.northwind.bob)
    assert matched(stored, of_bob) == 0
    copy = Box()
    copy.add("c", message(1, to=BOTH, Cc="dan@contoso.example"))
    stored.take(copy, member=stored.northwind.bob)
    of_bob_too = stored.contact("Carla", "carla@contoso.example", days=-1, owner=stored.northwind.bob)
    assert stored.timeline(of_bob) == ["Offer 1"]
    # The team's Carla has it, whom Bob sees as well.
    assert matched(stored, of_bob_too) == 0


def test_the_first_of_those_who_share_an_address_gets_it(stored: Office) -> None:
    """R5"""
    young = stored.contact("Young", "dan@contoso.example", days=2)
    old = stored.contact("Old", "dan@contoso.example", days=1)
    assert matched(stored, young) == 0
    assert matched(stored, young, old) == 1
    assert stored.timeline(old) == ["Offer 1"]


def test_what_another_with_the_address_holds_already_stays_there(stored: Office) -> None:
    """R5"""
    old = stored.contact("Old", "carla@contoso.example", days=-1)
    assert matched(stored, old) == 0
    assert stored.timeline(old) == []


def test_what_only_anothers_private_contact_holds_the_team_gets_as_well(stored: Office) -> None:
    """R5: as if the copies had come after both contacts."""
    of_alice = stored.contact("Dan", "dan@contoso.example", owner=stored.northwind.alice)
    assert matched(stored, of_alice) == 1
    for_all = stored.contact("Dan", "dan@contoso.example", days=1)
    assert matched(stored, for_all) == 0
    copy = Box()
    copy.add("c", message(1, to=BOTH, Cc="dan@contoso.example"))
    stored.take(copy, member=stored.northwind.bob)
    assert stored.timeline(for_all) == ["Offer 1"]
    remove_links(stored, of_alice)
    with tenant_scope(stored.northwind.tenant.pk):
        Link.objects.filter(contact=for_all).delete()
    assert matched(stored, for_all) == 1


def test_all_with_the_address_get_it_where_the_account_wants_it_so(stored: Office) -> None:
    """R5 with ``duplicates = all``."""
    with tenant_scope(stored.northwind.tenant.pk):
        Tenant.objects.update(duplicates=Duplicates.ALL)
    assert matched(stored, stored.contact("Other Carla", "carla@contoso.example")) == 2


def test_an_excluded_contact_gets_nothing(stored: Office) -> None:
    """R9"""
    excluded(stored, "dan@contoso.example")
    assert matched(stored, stored.contact("Dan", "dan@contoso.example")) == 0


def test_what_an_excluded_sender_wrote_is_for_nobody_unless_the_account_wants_it_so(stored: Office) -> None:
    """R8"""
    excluded(stored, "carla@contoso.example")
    dan = stored.contact("Dan", "dan@contoso.example")
    assert matched(stored, dan) == 0
    with tenant_scope(stored.northwind.tenant.pk):
        Tenant.objects.update(excluded_sender=ExcludedSender.OTHERS)
    assert matched(stored, dan) == 1


def test_what_the_crm_sent_is_for_its_recipients_though_they_are_excluded(office: Office, box: Box) -> None:
    """R10"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, sender="alice@northwind.example", to="carla@contoso.example, eve@private.example"))
    office.take(box)
    excluded(office, "private.example")
    eve = office.contact("Eve", "eve@private.example")
    assert matched(office, eve) == 0
    with tenant_scope(office.northwind.tenant.pk):
        Door.objects.update(kind=Door.Kind.COMPOSE)
    assert matched(office, eve) == 1


def test_what_a_user_removed_or_deleted_stays_away(stored: Office) -> None:
    """R18"""
    dan = stored.contact("Dan", "dan@contoso.example")
    matched(stored, dan)
    remove_links(stored, dan)
    assert matched(stored, dan) == 0
    assert stored.timeline(dan) == []


# --- Merging -------------------------------------------------------------------------------------


def merge(office: Office, into: Contact, *others: Contact) -> None:
    """As `contacts.operations.merge_contacts` leaves the rows."""
    with tenant_scope(office.northwind.tenant.pk):
        ids = [contact.pk for contact in others]
        Address.objects.filter(contact__in=ids).update(contact=into)
        Contact.objects.filter(pk__in=ids).update(deleted_at=timezone.now(), merged_into=into)
        rematch([into.pk, *ids])


def part(office: Office, into: Contact, addresses: dict[str, Contact]) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        for email, contact in addresses.items():
            Address.objects.filter(contact=into, email=email).update(contact=contact)
        ids = {contact.pk for contact in addresses.values()}
        Contact.objects.filter(pk__in=ids, merged_into=into).update(deleted_at=None, merged_into=None)
        rematch([into.pk, *ids])


@pytest.fixture
def apart(office: Office, box: Box) -> tuple[Office, list[Contact]]:
    """Three contacts with an email each, and one to all of them."""
    names = ["ann", "ben", "cy"]
    contacts = [office.contact(name, f"{name}@contoso.example") for name in names]
    for number, name in enumerate(names):
        box.add(name, message(number, sender=f"{name}@contoso.example"))
    box.add("all", message(9, Cc=", ".join(f"{name}@contoso.example" for name in names)))
    office.take(box)
    return office, contacts


def timelines(office: Office, contacts: Iterable[Contact]) -> list[list[str]]:
    return [office.timeline(contact) for contact in contacts]


AS_BEFORE = [["Offer 0", "Offer 9"], ["Offer 1", "Offer 9"], ["Offer 2", "Offer 9"]]


def test_the_emails_of_a_merged_contact_go_with_it_and_come_back(apart: tuple[Office, list[Contact]]) -> None:
    office, (ann, ben, cy) = apart
    assert timelines(office, [ann, ben, cy]) == AS_BEFORE
    merge(office, ann, ben)
    assert office.timeline(ann) == ["Offer 0", "Offer 1", "Offer 9"]
    part(office, ann, {"ben@contoso.example": ben})
    assert timelines(office, [ann, ben, cy]) == AS_BEFORE


def test_merges_of_merges_are_taken_back_in_any_order(apart: tuple[Office, list[Contact]]) -> None:
    office, (ann, ben, cy) = apart
    merge(office, ben, cy)
    merge(office, ann, ben)
    assert office.timeline(ann) == ["Offer 0", "Offer 1", "Offer 2", "Offer 9"]
    part(office, ann, {"ben@contoso.example": ben, "cy@contoso.example": ben})
    assert timelines(office, [ann, ben]) == [["Offer 0", "Offer 9"], ["Offer 1", "Offer 2", "Offer 9"]]
    part(office, ben, {"cy@contoso.example": cy})
    assert timelines(office, [ann, ben, cy]) == AS_BEFORE


def test_of_two_merged_contacts_with_one_email_one_link_comes_along(apart: tuple[Office, list[Contact]]) -> None:
    office, (ann, ben, cy) = apart
    remove_links(office, ben)
    new = office.contact("new")
    merge(office, new, ben, cy)
    assert office.timeline(new) == ["Offer 2", "Offer 9"]
    part(office, new, {"ben@contoso.example": ben, "cy@contoso.example": cy})
    assert timelines(office, [ann, ben, cy]) == [AS_BEFORE[0], [], AS_BEFORE[2]]


def test_what_was_removed_before_a_merge_does_not_come_back_by_it(apart: tuple[Office, list[Contact]]) -> None:
    """R18"""
    office, (ann, ben, _) = apart
    remove_links(office, ben)
    merge(office, ann, ben)
    assert office.timeline(ann) == ["Offer 0", "Offer 9"]


def test_what_was_removed_while_merged_stays_away_when_the_merge_is_taken_back(
    apart: tuple[Office, list[Contact]], box: Box
) -> None:
    """R18: also where a copy came between the parting and its rematch."""
    office, (ann, ben, _) = apart
    merge(office, ann, ben)
    remove_links(office, ann)
    with tenant_scope(office.northwind.tenant.pk):
        Address.objects.filter(email="ben@contoso.example").update(contact=ben)
    change(office, ben, deleted_at=None, merged_into=None)
    office.take(box, again=True)
    assert matched(office, ann, ben) == 0
    assert timelines(office, [ann, ben]) == [[], ["Offer 9"]]


def test_charlies_contacts_and_emails_are_not_touched(stored: Office, globex: Any) -> None:
    """S1"""
    dan = stored.contact("Dan", "dan@contoso.example")
    with tenant_scope(globex.tenant.pk):
        assert rematch([dan.pk]) == 0
    assert stored.timeline(dan) == []
