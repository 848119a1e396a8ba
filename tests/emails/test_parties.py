"""R15: whoever of many has a contact is listed."""

from __future__ import annotations

from django.test import Client

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Email, Party
from tests.conftest import Northwind
from tests.emails.conftest import Make
from tests.emails.test_reader import read, text_of


def to_many(northwind: Northwind, email: Email, *last: str) -> Email:
    """The same with 5,000 recipients more, these at the end."""
    addresses = [*(f"{number}@mail.example" for number in range(5_000 - len(last))), *last]
    with tenant_scope(northwind.tenant.pk):
        Party.objects.bulk_create(
            Party(tenant_id=northwind.tenant.pk, email=email, role=Party.Role.TO, address=address, position=place)
            for place, address in enumerate(addresses, start=1)
        )
    return email


def test_contacts_come_first_wherever_they_stand_and_the_others_are_cut(
    bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    message = email(paul, sender=("Zoe", "zoe@mail.example"), to=[], subject="Fair")
    many = to_many(northwind, message, "ines@atelier-lyon.example", "paul@atelier-lyon.example")
    _, _, listed = text_of(read(bob, many)).partition("Who is in it")
    assert "Paul Girard To · paul@atelier-lyon.example Stored" in listed
    assert listed.index("Paul Girard") < listed.index("Ines Moreau") < listed.index("Zoe")
    assert "Store here for Ines Moreau" in listed
    # Of 4,999 without a contact.
    assert listed.count("Create and store") == 48
    assert "and 4951 more, who have no contact" in listed


def test_where_all_fit_nobody_is_left_out(bob: Client, email: Make, ines: Contact) -> None:
    assert "more, who" not in text_of(read(bob, email(ines, to=["zoe@mail.example"])))
