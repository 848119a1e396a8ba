"""Excluded Emails, with something on each page to look at."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from contacts import operations as contacts
from contacts.data import ContactData
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from exclusions import operations
from exclusions.lists import Line
from exclusions.models import Exclusion
from exclusions.operations import Wish
from tests.conftest import Northwind
from tests.emails.factory import make_email


def _contact(member: Membership, first: str, last: str, *emails: str) -> Contact:
    contact = contacts.create_contact(actor=member, data=ContactData(first, last, "Atelier Lyon", emails=emails))
    make_email(contact, sender=(f"{first} {last}", emails[0]))
    return contact


def _listed(cast: Northwind) -> None:
    soon = timezone.now() + timedelta(days=20)
    _contact(cast.alice, "Eve", "Martin", "eve@family.example")
    for member, value, wish in (
        (cast.ada, "payroll.example", Wish(reason="Pay slips of the whole team")),
        (cast.bob, "dr.haverkamp@clinic-am-rathausmarkt-hamburg.example", Wish(reason="My doctor")),
        (cast.alice, "bücher-und-wein.example", Wish()),
        (cast.alice, "eve@family.example", Wish(remove_stored=True, reason="My sister")),
        (cast.bob, "moving-company.example", Wish(ends_at=soon)),
    ):
        operations.exclude_many(actor=member, lines=[Line(value)], wish=wish)
    ended = operations.exclude(actor=cast.alice, value="notary.example")
    Exclusion.objects.filter(pk=ended.pk).update(ends_at=timezone.now() - timedelta(days=2))


def listed(cast: Northwind) -> str:
    """One of each kind of row, and emails that can be brought back."""
    with tenant_scope(cast.tenant.pk):
        _listed(cast)
    return reverse("excluded_settings")


def listed_on_the_email_page(cast: Northwind) -> str:
    listed(cast)
    return reverse("excluded_emails")


def editing(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        entry = operations.exclude(actor=cast.alice, value="private.example", wish=Wish(reason="A friend"))
    return reverse("exclusion_edit", args=[entry.pk])


def switched_off(cast: Northwind) -> str:
    """A contact whose Email Sync is off, with an email of before."""
    with tenant_scope(cast.tenant.pk):
        contact = _contact(cast.alice, "Ines", "Moreau", "ines@atelier-lyon.example", "ines@private.example")
        operations.switch(actor=cast.alice, contact=contact, enabled=False)
    return reverse("contact_detail", args=[contact.pk])


def partly(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        contact = _contact(cast.alice, "Ines", "Moreau", "ines@atelier-lyon.example", "ines@private.example")
        operations.exclude(actor=cast.alice, value="ines@private.example")
    return reverse("contact_detail", args=[contact.pk])


def locked(cast: Northwind) -> str:
    """Bob looks at a contact that a domain covers."""
    with tenant_scope(cast.tenant.pk):
        contact = _contact(cast.alice, "Ines", "Moreau", "ines@atelier-lyon.example")
        operations.exclude(actor=cast.alice, value="atelier-lyon.example")
    return reverse("contact_detail", args=[contact.pk])
