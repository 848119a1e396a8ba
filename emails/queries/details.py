"""What the rows of a list say of many emails at once. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.queries import visible_contacts
from emails.models import Attachment, Door, Email, Party
from emails.queries.judging import excluded_among


@dataclass(frozen=True)
class Details:
    """Of all emails of a page: by address which contacts the reader sees, and which entry excludes it; files by id."""

    contacts: Mapping[str, Sequence[Contact]]
    excluded: Mapping[str, str]
    files: Mapping[int, int]
    #: The reader's own addresses.
    own: Collection[str]


def details_of(member: Membership, emails: Sequence[Email]) -> Details:
    """For emails of `lists.for_lists`, that have ``named``. Three queries, and what exclusions cost."""
    addresses = {party.address for email in emails for party in named_parties(email)}
    addresses |= {email.from_address for email in emails}
    addresses.discard("")
    by_address: defaultdict[str, list[Contact]] = defaultdict(list)
    found = Address.objects.filter(email__in=addresses, contact__in=visible_contacts(member))
    for address in found.select_related("contact").order_by("contact__created_at", "contact_id"):
        by_address[address.email].append(address.contact)
    return Details(
        contacts=by_address,
        excluded=excluded_among(member, addresses),
        files=_files(emails),
        own=_own_addresses(member),
    )


def named_parties(email: Email) -> Sequence[Party]:
    """The first recipients, that `lists.for_lists` has brought."""
    return email.named  # type: ignore[attr-defined, no-any-return]  # Prefetched.


def _files(emails: Sequence[Email]) -> dict[int, int]:
    """How many files each email has; those that its body shows itself are none."""
    ids = [email.pk for email in emails if email.has_attachments]
    found = Attachment.objects.filter(email__in=ids, is_inline=False).order_by()
    return dict(found.values_list("email").annotate(Count("pk")))


def _own_addresses(member: Membership) -> set[str]:
    doors = Door.objects.filter(member=member).values_list("address", "aliases")
    return {member.user.email} | {one for address, aliases in doors for one in (address, *aliases)}
