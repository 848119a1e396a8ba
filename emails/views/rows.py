"""What a row of the list says of an email and its conversation, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import dateformat, timezone

from accounts.models import Membership
from contacts.models import Contact
from emails.ago import ago
from emails.models import Email, Link
from emails.queries import is_readable
from emails.queries.details import Details, details_of, named_parties

#: Names that a row has room for.
MOST_NAMES = 3


@dataclass(frozen=True)
class Row:
    """One email of a list. ``heading`` stands above it, where it is the first of its group."""

    email: Email
    heading: str
    #: Who wrote, or for a lone one that was sent: to whom.
    names: Sequence[str]
    is_to: bool
    stored_for: Sequence[Contact]
    #: Contacts who have an address among the parties, and for whom it is not stored.
    missing: Sequence[Contact]
    excluded: Sequence[str]
    files: int

    @property
    def count(self) -> int:
        """How many emails its conversation has."""
        return self.email.in_thread  # type: ignore[attr-defined, no-any-return]  # By `count_threads`.

    @property
    def is_readable(self) -> bool:
        return is_readable(self.email)

    @property
    def day_is_said(self) -> bool:
        """Whether the heading of its group names the day, so that the row need not."""
        return group_of(self.email) in {"Today", "Yesterday"}

    @property
    def stored_words(self) -> str:
        """``Ines, Paul +1``"""
        shown = ", ".join(contact.first_name or contact.name for contact in self.stored_for[:2])
        return f"{shown} +{len(self.stored_for) - 2}" if len(self.stored_for) > 2 else shown

    @property
    def opened_words(self) -> str:
        """``Opened 3×, 8 min ago``, or nothing where nobody has opened it."""
        email = self.email
        if not email.opens or email.last_opened_at is None:
            return ""
        times = f" {email.opens}×" if email.opens > 1 else ""
        return f"Opened{times}, {ago(email.last_opened_at)}"


def rows_of(member: Membership, emails: Sequence[Email], *, after: str = "") -> list[Row]:
    """The rows of a page of conversations that follows the group ``after``. A constant number of queries."""
    details = details_of(member, emails)
    return [_row(email, heading, details) for heading, email in _in_groups(emails, after)]


def group_of(email: Email) -> str:
    """Today, Yesterday, Earlier this week, or the month; in the reader's time zone."""
    day, today = timezone.localtime(email.sent_at).date(), timezone.localdate()
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=today.isoweekday()):
        return "Earlier this week"
    return dateformat.format(day, "F Y")


def _in_groups(emails: Iterable[Email], after: str) -> Iterator[tuple[str, Email]]:
    """Each email with the heading that stands above it, empty where that is the one before's."""
    last = after
    for email in emails:
        group = group_of(email)
        yield (group if group != last else "", email)
        last = group


def _row(email: Email, heading: str, details: Details) -> Row:
    senders: Sequence[tuple[str, str]] = email.senders  # type: ignore[attr-defined]  # By `count_threads`.
    is_to = email.direction == Email.Direction.OUTGOING and len(senders) < 2
    stored = [link.contact for link in _links(email)]
    addresses = dict.fromkeys([email.from_address, *(party.address for party in named_parties(email))])
    ids = {contact.pk for contact in stored}
    known = [one for address in addresses for one in details.contacts.get(address, ()) if address]
    excluded = [address for address in addresses if address in details.excluded]
    kept_out = {one.pk for address in excluded for one in details.contacts.get(address, ())}
    return Row(
        email=email,
        heading=heading,
        names=_recipients(email, details) if is_to else _writers(email, senders, details),
        is_to=is_to,
        stored_for=stored,
        missing=list({one.pk: one for one in known if one.pk not in ids | kept_out}.values()),
        excluded=[_name(address, "", details) for address in excluded],
        files=details.files.get(email.pk, 1) if email.has_attachments else 0,
    )


def _links(email: Email) -> Sequence[Link]:
    return email.shown_links  # type: ignore[attr-defined, no-any-return]  # By `for_lists`.


def _recipients(email: Email, details: Details) -> list[str]:
    parties = named_parties(email)
    names = [_name(party.address, party.name, details) for party in parties[:MOST_NAMES]]
    return [*names, "…"] if len(parties) > MOST_NAMES else names


def _writers(email: Email, senders: Sequence[tuple[str, str]], details: Details) -> list[str]:
    """The one in full, or of several the last ones by their first names: "Ines, you"."""
    if len(senders) < 2:
        return [email.from_name or _name(email.from_address, "", details) or "Nobody"]
    shown = ["you" if address in details.own else _short(name or address) for address, name in senders[-MOST_NAMES:]]
    return ["You", *shown[1:]] if shown[0] == "you" else shown


def _name(address: str, name: str, details: Details) -> str:
    """The name in the message, else that of who has the address here, else the address."""
    contact = next(iter(details.contacts.get(address, ())), None)
    return name or (contact.name if contact else address)


def _short(name: str) -> str:
    """Of "Ines Moreau", "Moreau, Ines" and "ines@mail.example": Ines, Ines, ines."""
    name = name.partition("@")[0]
    last, _, first = name.partition(",")
    words = (first.strip() or last).split()
    return words[0] if words else name
