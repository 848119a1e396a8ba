"""What tests about emails share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from contacts import operations as contacts
from contacts.data import ContactData
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from tests.conftest import Globex, Northwind
from tests.emails.factory import make_email

INES = ContactData("Ines", "Moreau", "Atelier Lyon", emails=("ines@atelier-lyon.example",))
PAUL = ContactData("Paul", "Girard", "Atelier Lyon", emails=("paul@atelier-lyon.example",))

Make = Callable[..., Email]


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def scope(northwind: Northwind, globex: Globex) -> Iterator[None]:
    """Northwind's scope, open for the whole test; Globex is there already."""
    with tenant_scope(northwind.tenant.pk):
        yield


@pytest.fixture
def ines(northwind: Northwind) -> Contact:
    with tenant_scope(northwind.tenant.pk):
        return contacts.create_contact(actor=northwind.alice, data=INES)


@pytest.fixture
def paul(northwind: Northwind) -> Contact:
    with tenant_scope(northwind.tenant.pk):
        return contacts.create_contact(actor=northwind.alice, data=PAUL)


@pytest.fixture
def secret(northwind: Northwind) -> Contact:
    """Bob's private contact."""
    data = replace(INES, first_name="Jo", last_name="Berg", owner_id=northwind.bob.pk, is_private=True)
    with tenant_scope(northwind.tenant.pk):
        return contacts.create_contact(actor=northwind.bob, data=data)


@pytest.fixture
def email(northwind: Northwind) -> Make:
    """Makes an email of Northwind: `email(ines, subject="Offer")`."""

    def make(*stored_for: Contact, **fields: Any) -> Email:
        with tenant_scope(northwind.tenant.pk):
            return make_email(*stored_for, **fields)

    return make


@pytest.fixture
def bob(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.bob)


@pytest.fixture
def alice(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.alice)
