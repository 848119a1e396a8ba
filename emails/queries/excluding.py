"""What is stored of addresses that somebody excludes (R12): links of their contacts, and the emails that would go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.queries import visible_contacts
from emails.models import Door, Link, Party, Source
from emails.queries.seeing import readable_emails, visible_links

#: Links that are counted at most: behind it stands "more than".
MOST_COUNTED = 20_000


@dataclass(frozen=True)
class Concerned:
    """How many contacts have these addresses, and how many emails are stored for them because of these.

    As far as the member can see them in full (R37). ``is_more`` says that there are more emails than were counted.
    """

    contacts: int = 0
    emails: int = 0
    is_more: bool = False


def concerned(member: Membership, addresses: Collection[str], contact: Contact | None = None) -> Concerned:
    """Two queries, however many addresses there are; of all contacts that have one, or of one of them."""
    if not addresses:
        return Concerned()
    links = concerned_links(member, addresses, contact)
    contacts = 1 if contact else visible_contacts(member).filter(Exists(_having(addresses))).count()
    found = list(links.values_list("email", flat=True)[: MOST_COUNTED + 1])
    return Concerned(contacts, len(set(found)), len(found) > MOST_COUNTED)


def concerned_links(member: Membership, addresses: Collection[str], contact: Contact | None = None) -> QuerySet[Link]:
    """The links that new mail of this kind would not get while these addresses are excluded, in no order.

    Those of emails that name the contact by such an address and by no other. Not of what was sent from here, which
    the list does not concern (R10), and not of what the member may not read.
    """
    parties = Party.objects.filter(email=OuterRef("email")).exclude(role=Party.Role.BCC).exclude(address="")
    of_contact = Address.objects.filter(contact=OuterRef(OuterRef("contact")), email=OuterRef("address"))
    excluded = of_contact.filter(email__in=sorted(addresses))
    others = of_contact.exclude(email__in=sorted(addresses))
    sent_from_here = Source.objects.filter(email=OuterRef("email"), door__kind=Door.Kind.COMPOSE)
    links = visible_links(member) if contact is None else visible_links(member).filter(contact=contact)
    return links.filter(
        Exists(parties.filter(Exists(excluded))),
        ~Exists(parties.filter(Exists(others))),
        ~Exists(sent_from_here),
        contact__in=Address.objects.filter(email__in=sorted(addresses)).values("contact"),
        email__in=readable_emails(member),
    )


def _having(addresses: Collection[str]) -> QuerySet[Address]:
    return Address.objects.filter(contact=OuterRef("pk"), email__in=sorted(addresses))
