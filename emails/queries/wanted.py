"""What a list of emails asks for (R38), and the emails that meet it. Pages, the API, counts and exports ask here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from contacts.filters import Criteria
from contacts.queries import matching as matching_contacts
from crm.lib.bulk import is_among
from emails.models import Email, Link
from emails.queries.boxes import CONDITIONS, IN_FULL, Box, came_by
from emails.queries.having import has, has_in_order
from emails.queries.search import found_by, is_by_words
from emails.queries.seeing import readable_emails, visible_emails
from emails.queries.shown import Way, email_linked
from emails.searching import Search

#: As many as are sooner brought first than looked for with each email.
FEW_CONTACTS: Final = 500


@dataclass(frozen=True)
class Wanted:
    """Which emails a list asks for; all that is given must hold.

    ``members``: any of these, by id, has brought it by mailbox, capture or sending. ``criteria``: what a contact meets
    for whom it is stored, all at once. ``contact`` is one of those by id. ``since`` and ``until`` bound when it was
    sent, the second one excluded. ``search`` is what was typed.
    """

    box: Box = Box.ALL
    members: tuple[int, ...] = ()
    criteria: Criteria = field(default_factory=Criteria)
    contact: int | None = None
    thread: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: Search = field(default_factory=Search)

    def __bool__(self) -> bool:
        """Whether it asks for anything less than a whole box."""
        return bool(self.search) or replace(self, box=Box.ALL) != Wanted()


def matching(member: Membership, wanted: Wanted, *, in_order: bool = False) -> QuerySet[Email]:
    """The emails that the member can see and that meet it, in no order.

    ``in_order`` is for who asks for the newest few of them: they are found by a walk through all emails, newest first,
    unless they are few; a question beforehand says which.
    """
    in_full = wanted.box in IN_FULL or any(term.tells_the_text for term in wanted.search.terms)
    see = readable_emails if in_full else visible_emails
    asked = has_in_order if in_order else has
    links = _links(member, wanted)
    linked = asked(links) if links is not None else email_linked(member, _way(wanted, in_order))
    if wanted.members:
        linked = came_by(member, wanted.members, asked, linked)
    found = see(member, linked=linked).filter(CONDITIONS[wanted.box], **_bounds(wanted))
    if wanted.search:
        found = found.filter(found_by(member, wanted.search, asked))
    return found


def _way(wanted: Wanted, in_order: bool) -> Way:
    if not in_order:
        return Way.JOINED
    return Way.LAST if is_by_words(wanted.search) else Way.IN_TURN


def newest_of_each_thread(found: QuerySet[Email]) -> QuerySet[Email]:
    """Of these emails the last one of each conversation."""
    # The first condition says nothing that the second does not, but in the terms of an index.
    newer = found.filter(
        Q(sent_at__gt=OuterRef("sent_at")) | Q(sent_at=OuterRef("sent_at"), pk__gt=OuterRef("pk")),
        sent_at__gte=OuterRef("sent_at"),
        thread=OuterRef("thread"),
    )
    return found.filter(~Exists(newer))


def _links(member: Membership, wanted: Wanted) -> QuerySet[Link] | None:
    """What is stored for contacts that the member can see and that are asked for; None where any will do."""
    if not wanted.criteria and wanted.contact is None:
        return None
    contacts = matching_contacts(member, wanted.criteria)
    if wanted.contact is not None:
        contacts = contacts.filter(pk=wanted.contact)
    ids = list(contacts.values_list("pk", flat=True)[: FEW_CONTACTS + 1])
    asked = is_among("contact_id", ids) if len(ids) <= FEW_CONTACTS else Q(contact__in=contacts)
    return Link.objects.filter(asked, removed_at=None)


def _bounds(wanted: Wanted) -> dict[str, Any]:
    named = {"thread": wanted.thread, "sent_at__gte": wanted.since, "sent_at__lt": wanted.until}
    return {name: value for name, value in named.items() if value is not None}
