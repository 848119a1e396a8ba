"""R17, R18: deleting on the Email page is for every contact, can be undone, and stays."""

from __future__ import annotations

import pytest

from accounts import queries as accounts
from accounts import undo
from accounts.models import AuditEntry, Membership
from contacts.models import Contact
from contacts.operations import Done
from emails import operations, queries
from emails.models import Email
from emails.queries import Wanted
from tests.conftest import Northwind
from tests.emails.factory import make_email

pytestmark = pytest.mark.usefixtures("scope")


def subjects(member: Membership, contact: Contact | None = None) -> list[str]:
    wanted = Wanted(contact=contact.pk if contact else None)
    return [email.subject for email in queries.email_page(member, wanted).items]


def take_back(member: Membership, done: Done) -> str:
    """Presses Undo."""
    assert done.undo is not None
    return undo.carry_out(accounts.get_undo(member, done.undo.pk))


def test_it_goes_for_every_contact_and_the_row_stays_as_a_mark(
    northwind: Northwind, ines: Contact, paul: Contact
) -> None:
    email = make_email(ines, paul)
    done = operations.delete_emails(actor=northwind.bob, ids=[email.pk])
    assert done.message == "Deleted “Offer”."
    assert subjects(northwind.alice) == subjects(northwind.alice, ines) == subjects(northwind.bob, paul) == []
    assert Email.objects.get().deleted_at is not None


def test_it_comes_back_by_undo(northwind: Northwind, ines: Contact) -> None:
    emails = [make_email(ines, subject=subject) for subject in ("One", "Two", "Three")]
    done = operations.delete_emails(actor=northwind.bob, ids=[email.pk for email in emails[:2]])
    assert done.message == "Deleted 2 emails."
    assert subjects(northwind.alice) == ["Three"]
    assert take_back(northwind.bob, done) == "Restored 2 emails."
    assert subjects(northwind.alice) == ["Three", "Two", "One"]


def test_nobody_deletes_what_they_cannot_see(northwind: Northwind, secret: Contact) -> None:
    email = make_email(secret)
    assert operations.delete_emails(actor=northwind.alice, ids=[email.pk]).count == 0
    assert subjects(northwind.bob) == ["Offer"]


def test_the_second_to_delete_is_told(northwind: Northwind, ines: Contact) -> None:
    email = make_email(ines)
    operations.delete_emails(actor=northwind.alice, ids=[email.pk])
    done = operations.delete_emails(actor=northwind.bob, ids=[email.pk])
    assert (done.count, done.message, done.undo) == (0, "Somebody else has deleted it already.", None)
    assert operations.delete_emails(actor=northwind.bob, ids=[]).message == "No email was selected."


def test_undo_does_not_bring_back_what_another_deleted(northwind: Northwind, ines: Contact) -> None:
    email = make_email(ines)
    first = operations.delete_emails(actor=northwind.alice, ids=[email.pk])
    take_back(northwind.alice, first)
    operations.delete_emails(actor=northwind.bob, ids=[email.pk])
    with pytest.raises(undo.UnableToUndo):
        take_back(northwind.alice, first)
    assert subjects(northwind.alice) == []


def test_it_is_audited_without_its_words(northwind: Northwind, ines: Contact) -> None:
    email = make_email(ines, subject="Salaries")
    operations.delete_emails(actor=northwind.bob, ids=[email.pk])
    entry = AuditEntry.objects.get(action="email.deleted")
    assert (entry.summary, entry.object_id, entry.details["ids"]) == ("deleted 1 email", email.pk, [email.pk])
