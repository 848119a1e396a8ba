"""A mailbox by hand: messages under ids, a list of what was asked for, and whatever trouble a test wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import compat32
from typing import Any

import pytest

from accounts.models import Membership
from contacts.models import Address, Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Door, Email, Link
from intake.run import Order, Outcomes, take
from providers.base import Headers, Missing, ProviderError, Raw, Seen, Unfetched
from tests.conftest import Northwind

MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)


def message(
    number: int = 1,
    *,
    sender: str = "Carla <carla@contoso.example>",
    to: str = "alice@northwind.example",
    body: str = "Hello.",
    **headers: str | None,
) -> bytes:
    """A message with a Message-ID by its number; a header None is left out."""
    lines = {
        "From": sender,
        "To": to,
        "Subject": f"Offer {number}",
        "Date": "Mon, 02 Nov 2026 08:00:00 +0000",
        "Message-ID": f"<{number}@contoso.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{block}\r\n{body}\r\n".encode()


def headers_of(content: bytes) -> Headers:
    return tuple((name, str(value)) for name, value in message_from_bytes(content, policy=compat32).raw_items())


@dataclass
class Box:
    """A source of mail (`intake.run.Source`)."""

    contents: dict[str, bytes] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    #: What comes instead of the message, by id.
    trouble: dict[str, Missing | ProviderError] = field(default_factory=dict)
    #: What comes instead of the body alone.
    bodiless: dict[str, ProviderError] = field(default_factory=dict)
    #: Raised instead of going on with this message, by id.
    stops: dict[str, ProviderError] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def add(self, key: str, content: bytes, **about: Any) -> Seen:
        self.contents[key] = content
        self.seen[key] = Seen(key, **{"received_at": MORNING, "size": len(content), **about})
        return self.seen[key]

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        for key in self._asked("headers", ids):
            if key in self.trouble:
                yield self._answer(key)
            else:
                yield Seen(key, received_at=MORNING, headers=headers_of(self.contents[key]), place=self.seen[key].place)

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        for key in self._asked("raw", ids):
            if key in self.bodiless:
                yield Unfetched(key, self.bodiless[key])
            else:
                yield self._answer(key) if key in self.trouble else Raw(self.seen[key], self.contents[key])

    def _asked(self, what: str, ids: Sequence[str]) -> Iterator[str]:
        for key in ids:
            if key in self.stops:
                raise self.stops[key]
            self.asked.append((what, key))
            yield key

    def _answer(self, key: str) -> Missing | Unfetched:
        trouble = self.trouble[key]
        return trouble if isinstance(trouble, Missing) else Unfetched(key, trouble)

    def asked_for(self, what: str) -> list[str]:
        return [key for asked, key in self.asked if asked == what]


@dataclass
class Office:
    """Northwind with a door for Alice and one for Bob."""

    northwind: Northwind
    doors: dict[int, Door]

    def door(self, member: Membership) -> Door:
        return self.doors[member.pk]

    def take(
        self, box: Box, items: Iterable[Seen] | None = None, *, member: Membership | None = None, **order: Any
    ) -> Outcomes:
        """Takes in all of a box, or some of it, through the door of Alice, or of somebody else."""
        door = self.door(member or self.northwind.alice)
        terms = {"since": None, "settle": lambda _: None, **order}
        return take(
            Order(tenant_id=door.tenant_id, door_id=door.pk, **terms),
            list(box.seen.values() if items is None else items),
            box,
        )

    def contact(self, name: str, *addresses: str, days: int = 0, owner: Membership | None = None) -> Contact:
        """A contact, created so many days after the others; with an owner a private one."""
        with tenant_scope(self.northwind.tenant.pk):
            contact = Contact.objects.create(
                first_name=name, owner=owner, is_private=owner is not None, created_at=MORNING + timedelta(days=days)
            )
            for address in addresses:
                Address.objects.create(contact=contact, email=address)
        return contact

    def timeline(self, contact: Contact) -> list[str]:
        """The subjects of what is stored for a contact."""
        with tenant_scope(self.northwind.tenant.pk):
            links = Link.objects.filter(contact=contact, removed_at=None, email__deleted_at=None)
            return list(links.order_by("email__subject").values_list("email__subject", flat=True))

    def decisions(self) -> dict[str, str]:
        """What was decided, by key."""
        with tenant_scope(self.northwind.tenant.pk):
            return {decision.key: str(decision) for decision in Decision.objects.order_by("key")}

    def emails(self) -> list[Email]:
        with tenant_scope(self.northwind.tenant.pk):
            return list(Email.objects.order_by("subject", "id"))


def make_office(northwind: Northwind) -> Office:
    doors = {}
    with tenant_scope(northwind.tenant.pk):
        for member in (northwind.alice, northwind.bob):
            address = member.user.email
            doors[member.pk] = Door.objects.create(member=member, kind=Door.Kind.GMAIL, address=address)
    return Office(northwind, doors)


@pytest.fixture
def office(northwind: Northwind) -> Office:
    return make_office(northwind)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
