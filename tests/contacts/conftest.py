"""What tests about contacts say often."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from accounts import queries as accounts
from accounts import undo
from accounts.models import Membership
from contacts import operations, queries
from contacts.data import ContactData
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from contacts.operations import Done
from contacts.signals import addresses_changed
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind

INES = ContactData(
    first_name="Ines",
    last_name="Moreau",
    company="Atelier Lyon",
    title="Head of purchasing",
    emails=("ines@atelier-lyon.example", "i.moreau@mail.example"),
    phones=("+33 4 72 00 00 00",),
    tags=("key account", "france"),
)
TOMASZ = ContactData(first_name="Tomasz", last_name="Kowal", company="Łódź Metal", emails=("tomasz@metal.example",))

Make = Callable[..., Contact]


@pytest.fixture
def scope(northwind: Northwind, globex: Globex) -> Iterator[None]:
    """Northwind's scope, open for the whole test; Globex is there already."""
    with tenant_scope(northwind.tenant.pk):
        yield


@pytest.fixture
def make(northwind: Northwind) -> Make:
    """Makes a contact of Northwind: `make(INES)` by Alice, `make(by=bob, last_name="Kowal")`."""

    def make_one(data: ContactData | None = None, *, by: Membership | None = None, **fields: object) -> Contact:
        with tenant_scope(northwind.tenant.pk):
            wanted = data or ContactData(**fields)  # type: ignore[arg-type]  # The test names the fields.
            return operations.create_contact(actor=by or northwind.alice, data=wanted)

    return make_one


@pytest.fixture
def announced() -> Iterator[list[int]]:
    """The ids of all contacts whose addresses were said to have changed."""
    ids: list[int] = []

    def listen(contact_ids: list[int], **_kwargs: object) -> None:
        ids.extend(contact_ids)

    addresses_changed.connect(listen)
    yield ids
    addresses_changed.disconnect(listen)


def only(*contacts: Contact) -> Selection:
    """A selection of these."""
    return Selection(ids=tuple(contact.pk for contact in contacts))


def names_seen_by(member: Membership, criteria: Criteria = Criteria()) -> list[str]:  # noqa: B008  # It is frozen.
    """The names on a member's list."""
    return [contact.name for contact in queries.contact_page(member, criteria).items]


def emails_of(contact: Contact) -> list[str]:
    return [address.email for address in contact.addresses.order_by("position", "id")]


def value_of(page: str, name: str, *, last: bool = False) -> str:
    """The value of an input or button of this name on a page, the first or the last one."""
    values = re.findall(rf'name="{name}"\s+(?:[a-z-]+="[^"]*"\s+)*?value="([^"]*)"', page)
    return str(values[-1 if last else 0])


def take_back(member: Membership, done: Done) -> str:
    """Presses Undo."""
    assert done.undo is not None
    return undo.carry_out(accounts.get_undo(member, done.undo.pk))
