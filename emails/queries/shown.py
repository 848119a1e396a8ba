"""Who sees which email (R37), in SQL: for whom it is stored, and what the owners of its sightings show of it.

The ORM can say it too, but takes ten milliseconds to write it down, on every page and several times. The tenant is
row-level security's to name. What the owners show is told by functions of PostgreSQL: `emails.functions`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db.models import BooleanField, F, Func, PositiveSmallIntegerField, Q

from accounts.models import Membership
from contacts.queries import VISIBLE
from emails.models import Visibility


class Way(StrEnum):
    """How PostgreSQL is to find out for whom emails are stored. It knows too little to choose."""

    #: Of many at once: by joining, or by a table of all that it finds.
    JOINED = "joined"
    #: Of each in turn, as in a walk through the newest: it would bring and sort all emails of an account for these.
    IN_TURN = "in turn"
    #: Of those few that are left when all else is asked, as of the hits of a search: it reckons the question as
    #: asked of all that the index names, and then reads all that the account has besides.
    LAST = "last"


_EXISTS: Final = f"""EXISTS (
    SELECT FROM emails_link link JOIN contacts_contact contact ON contact.id = link.contact_id
    WHERE link.email_id = %(expressions)s AND link.removed_at IS NULL AND {VISIBLE}{{}}
)"""
#: It takes half of all emails for hidden where it cannot know better, too. Of what is not NULL it expects nearly all.
_MOSTLY: Final = "((CASE WHEN {} THEN true END) IS NOT NULL)"
#: That an email is stored now for a contact that the reader can see.
_LINKED: Final = {
    Way.JOINED: _EXISTS.format(""),
    Way.IN_TURN: _MOSTLY.format(_EXISTS.format(" OFFSET 0")),
    Way.LAST: _MOSTLY.format("emails_email_linked(%(expressions)s, %(reader)s)"),
}
#: Of an email or a source: that somebody shows the reader so much. That nobody in the account hides anything is asked
#: once a query, and spares the question for each row.
_SHARED: Final = _MOSTLY.format(f"""
    NOT EXISTS (SELECT FROM emails_door WHERE visibility < {Visibility.EVERYONE})
    AND NOT EXISTS (SELECT FROM emails_privacy WHERE visibility < {Visibility.EVERYONE})
    OR %(function)s(%(expressions)s, %(reader)s, %(least)s::smallint)
""")  # noqa: S608  # Put together of our own words.


def email_linked(member: Membership, way: Way = Way.JOINED) -> Q:
    """That the email is stored now for a contact that the member can see."""
    return Q(Func(F("pk"), template=_LINKED[way], reader=member.pk, output_field=BooleanField()))


def shown_by_owner() -> Func:
    """Of a source: what its owner shows of the email to everybody who sees the contact."""
    return Func(F("pk"), function="emails_shown_by_owner", output_field=PositiveSmallIntegerField())


def email_shared(member: Membership, least: Visibility, email: str = "pk") -> Q:
    """That some sighting of the email, whose id is in the column ``email``, shows the member so much."""
    return _shared("emails_email_shared", email, member, least)


def source_shared(member: Membership, least: Visibility) -> Q:
    """Of a source: that it shows the member so much."""
    return _shared("emails_source_shared", "pk", member, least)


def _shared(function: str, column: str, member: Membership, least: Visibility) -> Q:
    return Q(
        Func(
            F(column),
            template=_SHARED,
            function=function,
            reader=member.pk,
            least=int(least),
            output_field=BooleanField(),
        )
    )
