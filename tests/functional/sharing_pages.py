"""The pages that say who sees whose emails, with something on each to look at."""

from __future__ import annotations

from django.urls import reverse

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Access, Door, Email, Privacy, Visibility
from tests.conftest import Northwind
from tests.emails.factory import door_of, make_email
from tests.functional import contact_pages

SUBJECT = "Re: Delivery dates for the Lyon order"


def fill(cast: Northwind) -> tuple[Contact, Email]:
    """Alice shows the subjects of her mail alone: Ines and her email."""
    ines = contact_pages.fill(cast)
    email = make_email(ines, subject=SUBJECT, text="The 4th works.", snippet="The 4th works.", seen_by=cast.alice)
    make_email(ines, subject="Lunch on Thursday?", seen_by=cast.bob)
    Door.objects.filter(member=cast.alice).update(visibility=Visibility.SUBJECT)
    return ines, email


def locked(cast: Northwind) -> str:
    """Bob sees a subject, and an answer of Ada's waits for him."""
    with tenant_scope(cast.tenant.pk):
        ines, email = fill(cast)
        other = make_email(ines, subject="Floor plan", seen_by=cast.ada)
        Access.objects.create(thread=other.thread, asker=cast.bob, owner=cast.ada, is_granted=True)
    return reverse("email_detail", args=[email.pk])


def asked(cast: Northwind) -> str:
    """Bob asks Alice, who let Ada read before."""
    with tenant_scope(cast.tenant.pk):
        _, email = fill(cast)
        Access.objects.create(thread=email.thread, asker=cast.bob, owner=cast.alice)
        Access.objects.create(thread=email.thread, asker=cast.ada, owner=cast.alice, is_granted=True)
    return reverse("email_detail", args=[email.pk])


def card_of_ines(cast: Northwind) -> str:
    """Where Ines is, once the account is filled."""
    with tenant_scope(cast.tenant.pk):
        return reverse("contact_detail", args=[Contact.objects.get(first_name="Ines").pk])


def of_contact(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        ines, _ = fill(cast)
        Privacy.objects.create(member=cast.alice, contact=ines, visibility=Visibility.ONLY_ME)
    return reverse("contact_detail", args=[ines.pk])


def other_doors(cast: Northwind) -> str:
    """No mailbox, but mail that was imported, and that of one that was disconnected."""
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        door_of(cast.alice, Door.Kind.IMPORT)
    return reverse("email_settings")
