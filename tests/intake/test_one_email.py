"""R6: one email a tenant, one sighting a source, one link a contact; and R18: what a user removed stays away."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Duplicates, Tenant
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Door, Email, Link, Party, Source
from exclusions.models import Exclusion
from intake import store
from intake.page import Item, Plan
from intake.verdict import Outcome, Reason
from tests.intake.conftest import Box, Office, message

BOTH = "alice@northwind.example, bob@northwind.example"


def other_box(**messages: bytes) -> Box:
    box = Box()
    for key, content in messages.items():
        box.add(key, content)
    return box


def test_a_colleagues_copy_is_a_second_source_whose_body_is_never_asked_for(office: Office, box: Box) -> None:
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, to=BOTH))
    copy = other_box(b=message(1, to=BOTH, Received="by another server; Mon, 2 Nov 2026 08:00:01 +0000"))
    office.take(box)
    outcomes = office.take(copy, member=office.northwind.bob)
    assert (outcomes.duplicates, outcomes.sighted) == (1, ("b",))
    assert copy.asked_for("raw") == []
    assert len(office.emails()) == 1
    assert office.timeline(carla) == ["Offer 1"]
    with tenant_scope(office.northwind.tenant.pk):
        assert set(Source.objects.values_list("key", "door")) == {
            ("a", office.door(office.northwind.alice).pk),
            ("b", office.door(office.northwind.bob).pk),
        }


def test_the_bcc_of_the_senders_own_copy_is_added_to_a_recipients(office: Office, box: Box) -> None:
    """R1: it is shown to the sender alone, and only their copy has it."""
    office.contact("Carla", "carla@contoso.example")
    parties = {"sender": "bob@northwind.example", "to": "carla@contoso.example, alice@northwind.example"}
    box.add("a", message(1, **parties))
    office.take(box)
    for key in "bc":
        copy = other_box(**{key: message(1, **parties, Bcc="Eve <eve@private.example>, dan@contoso.example")})
        office.take(copy, member=office.northwind.bob)
    with tenant_scope(office.northwind.tenant.pk):
        found = Party.objects.filter(role=Party.Role.BCC).order_by("position")
        assert list(found.values_list("address", "name", "position")) == [
            ("dan@contoso.example", "", 3),
            ("eve@private.example", "Eve", 4),
        ]


def test_without_a_message_id_the_same_words_are_the_same_email(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, Message_ID=None))
    box.add("b", message(1, Message_ID=None))
    box.add("c", message(1, Message_ID=None, body="Other words."))
    outcomes = office.take(box)
    assert (outcomes.stored, outcomes.duplicates) == (2, 1)


def test_two_copies_in_a_page_are_fetched_once(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    box.add("b", message(1))
    office.take(box)
    assert box.asked_for("raw") == ["a"]
    assert office.decisions() == {"a": "stored", "b": "duplicate"}


def test_a_colleagues_copy_brings_the_email_to_their_private_contact(office: Office, box: Box) -> None:
    """R5, R6"""
    carla = office.contact("Carla", "carla@contoso.example")
    of_bob = office.contact("Dan", "dan@contoso.example", owner=office.northwind.bob)
    content = message(1, to=BOTH, Cc="dan@contoso.example")
    box.add("a", content)
    office.take(box)
    assert (office.timeline(carla), office.timeline(of_bob)) == (["Offer 1"], [])
    office.take(other_box(b=content), member=office.northwind.bob)
    assert office.timeline(of_bob) == ["Offer 1"]


def test_an_older_contact_that_gets_the_address_later_does_not_take_a_copy(office: Office, box: Box) -> None:
    """R5: under ``first`` an email is not stored for two who share an address."""
    young = office.contact("Young", "carla@contoso.example", days=1)
    box.add("a", message(1, to=BOTH))
    office.take(box)
    old = office.contact("Old", "carla@contoso.example")
    office.take(other_box(b=message(1, to=BOTH)), member=office.northwind.bob)
    box.add("c", message(2))
    office.take(box)
    assert (office.timeline(young), office.timeline(old)) == (["Offer 1"], ["Offer 2"])


def test_every_contact_with_the_address_gets_it_where_the_account_wants_it_so(office: Office, box: Box) -> None:
    """R5 with ``duplicates = all``."""
    with tenant_scope(office.northwind.tenant.pk):
        Tenant.objects.update(duplicates=Duplicates.ALL)
    both = [office.contact("One", "carla@contoso.example"), office.contact("Two", "carla@contoso.example")]
    box.add("a", message(1))
    office.take(box)
    assert [office.timeline(contact) for contact in both] == [["Offer 1"], ["Offer 1"]]


def removed(office: Office, contact: Contact) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        Link.objects.filter(contact=contact).update(removed_at=timezone.now(), removed_by=office.northwind.alice)


def deleted(office: Office, **change: Any) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        Email.objects.update(**(change or {"deleted_at": timezone.now()}))


def test_a_link_that_a_user_removed_does_not_come_back_with_a_copy(office: Office, box: Box) -> None:
    """R18"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, to=BOTH))
    office.take(box)
    removed(office, carla)
    office.take(other_box(b=message(1, to=BOTH)), member=office.northwind.bob)
    office.take(box, again=True)
    assert office.timeline(carla) == []


def test_an_email_that_a_user_deleted_does_not_come_back_with_a_copy(office: Office, box: Box) -> None:
    """R18"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, to=BOTH))
    office.take(box)
    deleted(office)
    copy = other_box(b=message(1, to=BOTH))
    outcomes = office.take(copy, member=office.northwind.bob)
    assert (outcomes.tombstones, outcomes.sighted) == (1, ())
    assert copy.asked_for("raw") == []
    assert office.timeline(carla) == []
    assert office.take(copy, member=office.northwind.bob, again=True).tombstones == 1


def test_an_email_whose_deletion_was_taken_back_may_have_copies_again(office: Office, box: Box) -> None:
    """R17"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, to=BOTH))
    office.take(box)
    deleted(office)
    copy = other_box(b=message(1, to=BOTH))
    office.take(copy, member=office.northwind.bob)
    deleted(office, deleted_at=None)
    assert office.take(copy, member=office.northwind.bob).known == 1
    assert office.take(copy, member=office.northwind.bob, again=True).duplicates == 1


def test_again_completes_the_links_of_what_is_stored_without_asking_for_anything(office: Office, box: Box) -> None:
    """E5"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1, Cc="dan@contoso.example"))
    office.take(box)
    dan = office.contact("Dan", "dan@contoso.example")
    box.asked.clear()
    assert office.take(box).known == 1
    assert office.timeline(dan) == []
    assert office.take(box, again=True).known == 1
    assert office.timeline(dan) == ["Offer 1"]
    assert box.asked == []


def test_again_judges_anew_what_was_skipped_by_the_rules(office: Office, box: Box) -> None:
    """E5"""
    box.add("a", message(1))
    office.take(box)
    carla = office.contact("Carla", "carla@contoso.example")
    assert office.take(box).known == 1
    assert office.take(box, again=True).stored == 1
    assert office.timeline(carla) == ["Offer 1"]


def excluded(office: Office, value: str) -> None:
    kind = Exclusion.Kind.ADDRESS if "@" in value else Exclusion.Kind.DOMAIN
    with tenant_scope(office.northwind.tenant.pk):
        Exclusion.objects.create(kind=kind, value=value, created_by=office.northwind.bob)


def test_what_an_entry_of_a_colleague_covers_is_not_stored(office: Office, box: Box) -> None:
    """R7, R8"""
    office.contact("Carla", "carla@mail.contoso.example")
    excluded(office, "contoso.example")
    box.add("a", message(1, sender="carla@mail.contoso.example"))
    office.take(box)
    assert office.decisions() == {"a": "skipped:excluded-sender"}
    assert box.asked_for("raw") == []


def test_an_exclusion_takes_nothing_away_from_what_is_stored(office: Office, box: Box) -> None:
    """R12"""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    office.take(box)
    excluded(office, "carla@contoso.example")
    assert office.take(box, again=True).known == 1
    assert office.timeline(carla) == ["Offer 1"]
    assert office.decisions() == {"a": "stored"}


def test_the_mailboxs_copy_of_what_the_crm_sent_to_an_excluded_contact_is_a_sighting(office: Office, box: Box) -> None:
    """R10"""
    eve = office.contact("Eve", "eve@private.example")
    content = message(1, sender="alice@northwind.example", to="eve@private.example")
    box.add("a", content)
    office.take(box)
    with tenant_scope(office.northwind.tenant.pk):
        Door.objects.update(kind=Door.Kind.COMPOSE)
        mailbox = Door.objects.create(
            member=office.northwind.alice, kind=Door.Kind.GRAPH, address="a@northwind.example"
        )
    office.doors[office.northwind.alice.pk] = mailbox
    excluded(office, "private.example")
    assert office.take(other_box(b=content)).duplicates == 1
    assert office.timeline(eve) == ["Offer 1"]


def test_a_decision_never_goes_back_from_stored(office: Office, box: Box) -> None:
    """Two workers: the one that thought otherwise comes second."""
    office.contact("Carla", "carla@contoso.example")
    seen = box.add("a", message(1))
    office.take(box)
    door = office.door(office.northwind.alice)
    with tenant_scope(door.tenant_id):
        store.store(door.pk, [Plan(Item(seen), Outcome.SKIPPED, Reason.NO_CONTACT)], own=(), now=timezone.now())
        assert Decision.objects.get().outcome == "stored"
