"""What a row of the list says of an email and its conversation, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Membership
from contacts.names import ContactName
from crm.templatetags.ui import tag
from emails.ago import ago
from emails.queries import Listed
from emails.queries.details import Details, details_of

#: Names that a row has room for, and addresses of which it says that they are excluded.
MOST_NAMES, MOST_EXCLUDED = 3, 2
#: Groups of one day.
DAYS: Final = ("Today", "Yesterday")


@dataclass(frozen=True)
class Row:
    """One email of a list. ``heading`` stands above it, where it is the first of its group.

    Numbers are written out: templates take each for one that may have to be spelled in another language.
    """

    email: Listed
    id: str
    url: str
    thread: str
    heading: str
    #: Who wrote, or for a lone one that was sent: to whom. In HTML.
    names: str
    is_to: bool
    #: Whom its picture is of.
    face: str
    #: How many emails its conversation has, where it is not the only one.
    count: str
    #: Whether the heading of its group names the day, so that the row need not.
    day_is_said: bool
    #: For whom it is stored and for whom not, and what became of it. In HTML.
    tags: str
    #: How many files it has, where it has some.
    files: str


def rows_of(member: Membership, emails: Sequence[Listed], *, query: str = "", after: str = "") -> list[Row]:
    """The rows of a page of conversations that follows the group ``after``. A constant number of queries.

    ``query`` is what their links carry on: the list that they stand in.
    """
    details, last = details_of(member, emails), after
    rows = []
    for email in emails:
        group = group_of(email)
        rows.append(_row(email, group, details, query=query, heading=group if group != last else ""))
        last = group
    return rows


def group_of(email: Listed) -> str:
    """Today, Yesterday, Earlier this week, or the month; in the reader's time zone."""
    day, today = timezone.localtime(email.sent_at).date(), timezone.localdate()
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=today.isoweekday()):
        return "Earlier this week"
    return f"{day:%B %Y}"


def _row(email: Listed, group: str, details: Details, *, query: str, heading: str) -> Row:
    is_to = email.is_outgoing and len(email.senders) < 2
    names = _recipients(email, details) if is_to else _writers(email, details)
    return Row(
        email=email,
        id=str(email.id),
        url=reverse("email_detail", args=[email.id]) + query,
        thread=str(email.thread_id),
        heading=heading,
        names=format_html_join(", ", "<bdi>{}</bdi>", ((name,) for name in names)),
        is_to=is_to,
        face=email.from_name or email.from_address,
        count=str(email.in_thread) if email.in_thread > 1 else "",
        day_is_said=group in DAYS,
        tags=SafeString("".join(_tags(email, details))),
        files=str(email.files or 1) if email.has_attachments else "",
    )


def _tags(email: Listed, details: Details) -> Iterator[SafeString]:
    if email.contacts:
        yield tag(_stored_words(email.contacts), colour="ok", title=f"Stored for {_listed(email.contacts)}")
    addresses = dict.fromkeys([email.from_address, *(recipient.address for recipient in email.recipients)])
    excluded = [address for address in addresses if address in details.excluded]
    for address in excluded[:MOST_EXCLUDED]:
        yield tag(format_html("<bdi>{}</bdi> excluded", _name(address, "", details)), colour="bad")
    missing = _missing(addresses, email.contacts, details)
    if missing:
        yield tag(f"{len(missing)} not stored", title=f"Not stored for {_listed(missing)}")
    yield from _opens(email)
    if email.has_quote:
        yield tag("Quote", colour="accent")
    if email.problem:
        yield tag("Headers only", colour="warn")


def _missing(addresses: Iterable[str], stored: Sequence[ContactName], details: Details) -> list[ContactName]:
    """Contacts who have one of these addresses, none that is excluded, and for whom it is not stored."""
    known: dict[int, ContactName] = {}
    not_missing = {contact.id for contact in stored}
    for address in addresses:
        for contact in details.contacts.get(address, ()):
            known[contact.id] = contact
            if address in details.excluded:
                not_missing.add(contact.id)
    return [contact for contact_id, contact in known.items() if contact_id not in not_missing]


def _stored_words(contacts: Sequence[ContactName]) -> str:
    """``Ines, Paul +1``"""
    shown = ", ".join(contact.first_name or contact.name for contact in contacts[:2])
    return format_html("<bdi>{}</bdi>", f"{shown} +{len(contacts) - 2}" if len(contacts) > 2 else shown)


def _listed(contacts: Iterable[ContactName]) -> str:
    return ", ".join(contact.name for contact in contacts)


def _opens(email: Listed) -> Iterator[SafeString]:
    """``Opened 3×, 8 min ago``"""
    if email.opens and email.last_opened_at is not None:
        last = timezone.localtime(email.last_opened_at)
        number = f" {email.opens}×" if email.opens > 1 else ""
        title = f"Opened {email.opens} time{pluralize(email.opens)}, the last time {last.day} {last:%b %Y, %H:%M}"
        yield tag(f"Opened{number}, {ago(last)}", colour="accent", title=title)
    elif email.is_tracked:
        yield tag("Not opened")


def _recipients(email: Listed, details: Details) -> list[str]:
    names = [_name(one.address, one.name, details) for one in email.recipients[:MOST_NAMES]]
    return [*names, "…"] if len(email.recipients) > MOST_NAMES else names


def _writers(email: Listed, details: Details) -> list[str]:
    """The one in full, or of several the last ones by their first names: "Ines, you"."""
    if len(email.senders) < 2:
        return [email.from_name or _name(email.from_address, "", details) or "Nobody"]
    last = email.senders[-MOST_NAMES:]
    shown = ["you" if address in details.own else _short(name or address) for address, name in last]
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
