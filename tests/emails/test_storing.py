"""R15 to R18: storing for a contact, removing, moving, each with undo; what a user has done is not undone by sync."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry
from accounts.undo import UnableToUndo
from contacts import operations as contacts
from contacts.filters import Selection
from contacts.models import Contact
from contacts.operations import Done
from crm.lib.tenancy import tenant_scope
from emails import operations
from emails.models import Email, Link
from emails.operations import ChangedMeanwhile
from tests.conftest import Northwind
from tests.emails.factory import make_email
from tests.emails.test_deleting import subjects, take_back


def state(email: Email) -> dict[str, tuple[str, bool]]:
    """By contact: who made the link, and whether it is live."""
    links = Link.objects.filter(email=email).select_related("contact")
    return {link.contact.first_name: (link.by, link.removed_at is None) for link in links}


@pytest.mark.usefixtures("scope")
class TestRemoving:
    def test_it_goes_from_that_contact_alone(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines, paul)
        done = operations.unstore(actor=northwind.bob, email=email, contact=ines)
        assert done.message == "Removed “Offer” from Ines Moreau."
        assert subjects(northwind.alice, ines) == []
        assert subjects(northwind.alice, paul) == ["Offer"]
        assert state(email)["Ines"] == ("auto", False)

    def test_the_email_goes_with_its_last_contact_and_comes_back(self, northwind: Northwind, ines: Contact) -> None:
        email = make_email(ines)
        done = operations.unstore(actor=northwind.bob, email=email, contact=ines)
        assert Email.objects.get().deleted_at is not None
        assert take_back(northwind.bob, done) == "It is stored for Ines Moreau again."
        assert Email.objects.get().deleted_at is None
        assert subjects(northwind.alice, ines) == ["Offer"]

    def test_it_stays_while_anothers_private_contact_has_it(
        self, northwind: Northwind, ines: Contact, secret: Contact
    ) -> None:
        email = make_email(ines, secret)
        operations.unstore(actor=northwind.alice, email=email, contact=ines)
        assert subjects(northwind.alice) == []
        assert subjects(northwind.bob) == ["Offer"]

    def test_the_second_to_remove_learns_who_was_first(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        email = make_email(ines, paul)
        operations.unstore(actor=northwind.alice, email=email, contact=ines)
        with pytest.raises(ChangedMeanwhile, match="Alice Lindqvist has removed or moved it"):
            operations.unstore(actor=northwind.bob, email=email, contact=ines)

    def test_it_cannot_come_back_to_a_contact_that_is_gone(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        done = operations.unstore(actor=northwind.bob, email=make_email(ines, paul), contact=ines)
        contacts.delete_contacts(actor=northwind.alice, selection=Selection(ids=(ines.pk,)))
        with pytest.raises(UnableToUndo, match="merged, deleted or made private"):
            take_back(northwind.bob, done)


@pytest.mark.usefixtures("scope")
class TestStoring:
    def test_a_second_contact_gets_it_by_hand(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines)
        done = operations.store(actor=northwind.bob, email=email, contact=paul)
        assert done.message == "Stored for Paul Girard."
        assert state(email)["Paul"] == ("user", True)
        assert Link.objects.get(contact=paul).stored_by == northwind.bob
        take_back(northwind.bob, done)
        assert state(email) == {"Ines": ("auto", True)}

    def test_storing_again_does_nothing(self, northwind: Northwind, ines: Contact) -> None:
        done = operations.store(actor=northwind.bob, email=make_email(ines), contact=ines)
        assert (done.count, done.message) == (0, "It is stored for Ines Moreau already.")

    def test_only_a_user_brings_back_what_was_removed(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines, paul)
        operations.unstore(actor=northwind.alice, email=email, contact=ines)
        done = operations.store(actor=northwind.bob, email=email, contact=ines)
        assert state(email)["Ines"] == ("user", True)
        take_back(northwind.bob, done)
        assert state(email)["Ines"] == ("auto", False)

    def test_taking_it_back_does_not_leave_an_email_for_nobody(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        email = make_email(ines)
        done = operations.store(actor=northwind.bob, email=email, contact=paul)
        operations.unstore(actor=northwind.alice, email=email, contact=ines)
        take_back(northwind.bob, done)
        assert Email.objects.get().deleted_at is not None

    def test_the_name_of_a_private_contact_stays_out_of_the_audit_log(
        self, northwind: Northwind, ines: Contact, secret: Contact
    ) -> None:
        operations.store(actor=northwind.bob, email=make_email(ines), contact=secret)
        entry = AuditEntry.objects.get(action="email.stored")
        assert entry.summary == "stored an email for a private contact"

    def test_what_was_never_stored_by_now_does_not_bring_the_email_back(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        """Taken back out of order: storing for Paul is gone, so that removing it from him has nothing to give back."""
        email = make_email(ines)
        stored = operations.store(actor=northwind.bob, email=email, contact=paul)
        operations.unstore(actor=northwind.bob, email=email, contact=ines)
        removed = operations.unstore(actor=northwind.bob, email=email, contact=paul)
        take_back(northwind.bob, stored)
        with pytest.raises(UnableToUndo, match="Storing it for Paul Girard was taken back since"):
            take_back(northwind.bob, removed)
        assert Email.objects.get().deleted_at is not None
        assert state(email) == {"Ines": ("auto", False)}


@pytest.mark.usefixtures("scope")
class TestMoving:
    def test_it_is_not_moved_back_while_it_is_deleted(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines)
        moved = operations.move(actor=northwind.bob, email=email, source=ines, target=paul)
        deleted = operations.delete_emails(actor=northwind.alice, ids=[email.pk])
        with pytest.raises(UnableToUndo, match="deleted since: take that back first"):
            take_back(northwind.bob, moved)
        take_back(northwind.alice, deleted)
        assert take_back(northwind.bob, moved) == "Moved back to Ines Moreau."
        assert state(email) == {"Ines": ("auto", True)}

    def test_it_is_not_moved_back_to_where_it_is_no_longer_stored(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        email = make_email(ines)
        stored = operations.store(actor=northwind.bob, email=email, contact=paul)
        operations.unstore(actor=northwind.bob, email=email, contact=ines)
        moved = operations.move(actor=northwind.bob, email=email, source=paul, target=ines)
        take_back(northwind.bob, stored)
        with pytest.raises(UnableToUndo, match="taken back since"):
            take_back(northwind.bob, moved)
        assert state(email) == {"Ines": ("user", True)}

    def test_one_loses_it_and_the_other_gets_it(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines)
        done = operations.move(actor=northwind.bob, email=email, source=ines, target=paul)
        assert done.message == "Moved from Ines Moreau to Paul Girard."
        assert state(email) == {"Ines": ("auto", False), "Paul": ("user", True)}
        assert take_back(northwind.bob, done) == "Moved back to Ines Moreau."
        assert state(email) == {"Ines": ("auto", True)}

    def test_where_the_other_has_it_already_its_own_stays(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        email = make_email(ines, paul)
        done = operations.move(actor=northwind.bob, email=email, source=ines, target=paul)
        take_back(northwind.bob, done)
        assert state(email) == {"Ines": ("auto", True), "Paul": ("auto", True)}

    def test_to_itself_nothing_happens(self, northwind: Northwind, ines: Contact) -> None:
        email = make_email(ines)
        assert operations.move(actor=northwind.bob, email=email, source=ines, target=ines).count == 0
        assert state(email) == {"Ines": ("auto", True)}

    def test_nothing_is_moved_to_a_contact_that_was_merged_meanwhile(
        self, northwind: Northwind, ines: Contact, paul: Contact
    ) -> None:
        email = make_email(ines)
        contacts.merge_contacts(actor=northwind.alice, into=ines, others=[paul])
        with pytest.raises(ChangedMeanwhile, match="Paul Girard was deleted, merged or made private"):
            operations.move(actor=northwind.bob, email=email, source=ines, target=paul)
        assert state(email) == {"Ines": ("auto", True)}

    def test_a_deleted_one_is_not_moved(self, northwind: Northwind, ines: Contact, paul: Contact) -> None:
        email = make_email(ines)
        operations.delete_emails(actor=northwind.alice, ids=[email.pk])
        with pytest.raises(ChangedMeanwhile, match="deleted or moved this email meanwhile"):
            operations.move(actor=northwind.bob, email=email, source=ines, target=paul)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["move", "unstore", "delete"])
def test_of_two_at_once_one_wins_and_no_link_is_lost(
    northwind: Northwind, ines: Contact, paul: Contact, rival: str
) -> None:
    """The second waits for the first, and decides on what it has left."""
    with tenant_scope(northwind.tenant.pk):
        email = make_email(ines)
    deeds: dict[str, Callable[[], Done]] = {
        "move": lambda: operations.move(actor=northwind.bob, email=email, source=ines, target=paul),
        "unstore": lambda: operations.unstore(actor=northwind.bob, email=email, contact=ines),
        "delete": lambda: operations.delete_emails(actor=northwind.bob, ids=[email.pk]),
    }
    first_has_it = threading.Event()
    outcome: list[int | str] = []

    def second() -> None:
        first_has_it.wait(10)
        try:
            with tenant_scope(northwind.tenant.pk):
                outcome.append(deeds[rival]().count)
        except ChangedMeanwhile as problem:
            outcome.append(str(problem))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with tenant_scope(northwind.tenant.pk):
        operations.move(actor=northwind.alice, email=email, source=ines, target=paul)
        first_has_it.set()
        somebody_waits()
        assert outcome == []
    thread.join(10)
    with tenant_scope(northwind.tenant.pk):
        assert state(email) == {"Ines": ("auto", False), "Paul": ("user", True)}
        assert (Email.objects.get().deleted_at is None) == (rival != "delete")
    if rival == "delete":
        assert outcome == [1]
    else:
        assert "Alice Lindqvist has removed or moved it" in str(outcome[0])


# Each pair, in both orders: what Alice does first in a transaction of her own, Bob meanwhile by his page, and what he
# is told then.
MEANWHILE = [
    ("delete", "move", "somebody has deleted it|Somebody else has deleted or moved this email meanwhile"),
    ("move", "delete", "Deleted “Offer”"),
    ("move", "move", "no longer stored for Ines Moreau: Alice Lindqvist has removed or moved it"),
    ("store", "delete", "Deleted “Offer”"),
    ("delete", "store", "Somebody else has deleted or moved this email meanwhile"),
    ("unstore", "move", "Somebody else has deleted or moved this email meanwhile"),
    ("move", "unstore", "no longer stored for Ines Moreau: Alice Lindqvist has removed or moved it"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second", "told"), MEANWHILE)
def test_on_the_pages_the_second_is_told_what_the_first_has_done(
    northwind: Northwind, ines: Contact, paul: Contact, bob: Client, first: str, second: str, told: str
) -> None:
    with tenant_scope(northwind.tenant.pk):
        email = make_email(ines)
    alice = northwind.alice
    deeds: dict[str, Callable[[], Done]] = {
        "move": lambda: operations.move(actor=alice, email=email, source=ines, target=paul),
        "unstore": lambda: operations.unstore(actor=alice, email=email, contact=ines),
        "delete": lambda: operations.delete_emails(actor=alice, ids=[email.pk]),
        "store": lambda: operations.store(actor=alice, email=email, contact=paul),
    }
    contact = ines if second == "unstore" else paul
    values = {"contact": contact.pk, "from": ines.pk, "next": "/contacts/"}
    pages: list[str] = []

    def answer() -> None:
        try:
            pages.append(bob.post(f"/email/{email.pk}/{second}/", values, follow=True).content.decode())
        finally:
            connection.close()

    thread = threading.Thread(target=answer)
    with tenant_scope(northwind.tenant.pk):
        deeds[first]()
        thread.start()
        somebody_waits()
        assert pages == []
    thread.join(20)
    assert re.search(told, pages[0])
    with tenant_scope(northwind.tenant.pk):
        is_gone = "delete" in {first, second} or first == "unstore"
        assert (Email.objects.get().deleted_at is not None) == is_gone
        # No link is lost: whoever won, it is stored for exactly those that the winner said.
        live = {name for name, (_, is_live) in state(email).items() if is_live}
        assert live == {"delete": {"Ines"}, "move": {"Paul"}, "store": {"Ines", "Paul"}, "unstore": set()}[first]


def somebody_waits() -> None:
    """Returns as soon as another connection waits for a lock, which the test's own transaction holds."""
    with connection.cursor() as cursor:
        for _ in range(10_000):
            cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() is not None:
                return
    pytest.fail("Nobody waits.")
