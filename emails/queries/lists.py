"""Lists of emails, newest first. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.models import Membership
from crm.lib.pagination import Page, keyset_page
from emails.models import Email, Party, Source
from emails.queries.seeing import visible_emails, visible_links

NEWEST = ["-sent_at"]
#: Parties of an email that a list names; a mail to thousands has many more.
NAMED = 4


class Box(StrEnum):
    """The boxes of the Email page (R38)."""

    ALL = "all"
    INCOMING = "incoming"
    SENT = "sent"


DIRECTIONS = {Box.INCOMING: Email.Direction.INCOMING, Box.SENT: Email.Direction.OUTGOING}


@dataclass(frozen=True)
class Wanted:
    """Which emails a list asks for; all that is given must hold.

    ``member`` is whose mailbox, capture or sending brought it, ``contact`` for whom it is stored, both by id;
    ``since`` and ``until`` bound when it was sent, the second one excluded.
    """

    box: Box = Box.ALL
    member: int | None = None
    contact: int | None = None
    thread: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def email_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Email]:
    """A page of the emails that a member can see, as `for_lists` brings them. Raises `BadCursor`."""
    if wanted.contact is not None:
        return _page_of_contact(member, wanted, cursor, limit)
    found = visible_emails(member).filter(**_conditions(wanted))
    if wanted.member is not None:
        found = found.filter(_came_by(wanted.member, "pk"))
    return keyset_page(for_lists(member, found), order=NEWEST, cursor=cursor, limit=limit)


def for_lists(member: Membership, emails: QuerySet[Email]) -> QuerySet[Email]:
    """The same without their texts, with first recipients and the links that the member sees: four queries in all.

    The recipients are in ``named``, the links, with their contacts by name, in ``shown_links``.
    """
    return emails.defer("text", "search").prefetch_related(*list_details(member))


def list_details(member: Membership, before: str = "") -> list[Prefetch[Any]]:
    """What lists show beside an email; ``before`` is the way to it, such as ``email__``."""
    links = visible_links(member).select_related("contact").order_by("contact__sort_name", "contact_id")
    parties = Party.objects.filter(role__in=[Party.Role.TO, Party.Role.CC]).order_by("position")
    return [
        Prefetch(f"{before}links", links, to_attr="shown_links"),
        # The first ones alone: PostgreSQL counts them an email, with a window.
        Prefetch(f"{before}parties", parties[:NAMED], to_attr="named"),
    ]


def _page_of_contact(member: Membership, wanted: Wanted, cursor: str | None, limit: int) -> Page[Email]:
    """One contact's emails: a walk along its links, however many emails others have."""
    links = visible_links(member).filter(contact=wanted.contact, email__deleted_at=None)
    links = links.filter(**_conditions(wanted, "email__"))
    if wanted.member is not None:
        links = links.filter(_came_by(wanted.member, "email_id"))
    page = keyset_page(links, order=["-sent_at", "-email_id"], cursor=cursor, limit=limit)
    found = for_lists(member, Email.objects.filter(pk__in=[link.email_id for link in page.items]))
    return Page(sorted(found, key=_newest, reverse=True), next=page.next, previous=page.previous)


def _conditions(wanted: Wanted, before: str = "") -> dict[str, Any]:
    named: dict[str, Any] = {
        f"{before}direction": DIRECTIONS.get(wanted.box),
        f"{before}thread": wanted.thread,
        "sent_at__gte": wanted.since,
        "sent_at__lt": wanted.until,
    }
    return {name: value for name, value in named.items() if value is not None}


def _came_by(member_id: int, email: str) -> Exists:
    return Exists(Source.objects.filter(email=OuterRef(email), door__member=member_id))


def _newest(email: Email) -> tuple[datetime, int]:
    return email.sent_at, email.pk
