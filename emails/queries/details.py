"""What the rows of a list say of many emails at once. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership
from contacts.models import Address
from contacts.names import ContactName
from contacts.queries import visible_contacts
from crm.lib.bulk import among
from crm.lib.compiled import compiled
from emails.models import Door
from emails.queries.judging import excluded_among
from emails.queries.listed import Listed


@dataclass(frozen=True)
class Details:
    """Of all emails of a page: by address which contacts the reader sees, and which entry excludes it."""

    contacts: Mapping[str, Sequence[ContactName]]
    excluded: Mapping[str, str]
    #: The reader's own addresses.
    own: Collection[str]


def details_of(member: Membership, emails: Sequence[Listed]) -> Details:
    """Two queries, and what exclusions cost."""
    addresses = {recipient.address for email in emails for recipient in email.recipients}
    addresses |= {email.from_address for email in emails}
    addresses.discard("")
    by_address: defaultdict[str, list[ContactName]] = defaultdict(list)
    for address, *name in _named(member, addresses):
        by_address[address].append(ContactName.of(*name))
    return Details(by_address, excluded=excluded_among(member, addresses), own=_own_addresses(member))


def _own_addresses(member: Membership) -> set[str]:
    return {member.user.email} | {one for address, aliases in _own_doors(member) for one in (address, *aliases)}


@compiled
def _own_doors(member: Membership) -> QuerySet[Door, tuple[str, list[str]]]:
    return Door.objects.filter(member=member).values_list("address", "aliases")


@compiled
def _named(member: Membership, addresses: Collection[str]) -> QuerySet[Address, tuple[Any, ...]]:
    found = Address.objects.filter(email__in=among(addresses), contact__in=visible_contacts(member))
    columns = [f"contact__{column}" for column in ContactName.COLUMNS]
    return found.order_by("contact__created_at", "contact_id").values_list("email", *columns)
