"""The boxes of the Email page (R38), and by whom an email came."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db.models import BooleanField, F, Func, Q, QuerySet

from accounts.models import Membership
from emails.models import Email, Source
from emails.queries.having import ANY, Has
from emails.queries.seeing import visible_sources


class Box(StrEnum):
    """The boxes of the Email page (R38)."""

    ALL = "all"
    INCOMING = "incoming"
    SENT = "sent"
    TRACKED = "tracked"
    QUOTES = "quotes"
    DRAFTS = "drafts"


#: What an email is in a box for. Drafts are no emails yet: that box is filled by those who send.
CONDITIONS: Final[dict[Box, Q]] = {
    Box.ALL: Q(),
    Box.INCOMING: Q(direction=Email.Direction.INCOMING),
    Box.SENT: Q(direction=Email.Direction.OUTGOING),
    Box.TRACKED: Q(is_tracked=True),
    Box.QUOTES: Q(has_quote=True),
    Box.DRAFTS: Q(pk__in=[]),
}
#: Those that tell more of an email than its subject does.
IN_FULL: Final = frozenset({Box.TRACKED, Box.QUOTES})
#: Their doors are found once a query, not joined for each email: PostgreSQL would, and look at all that a door has.
_DOOR_OF: Final = "%(expressions)s = ANY (ARRAY(SELECT id FROM emails_door WHERE member_id = ANY ('{{{}}}'::bigint[])))"


def came_by(member: Membership, members: tuple[int, ...], has: Has, then: Q = ANY) -> Q:
    """That one of these members has brought an email, as far as ``member`` may know, and ``then`` holds of it."""
    return has(sources_of(member, members), then, among=Source.objects.filter(_is_of(members)))


def sources_of(member: Membership, members: tuple[int, ...]) -> QuerySet[Source]:
    """How these members have brought emails, as far as ``member`` may know."""
    return visible_sources(member).filter(_is_of(members))


def _is_of(members: tuple[int, ...]) -> Q:
    listed = ",".join(map(str, members))
    return Q(Func(F("door"), template=_DOOR_OF.format(listed), output_field=BooleanField()))
