"""Who sees which email (R37), in SQL: for whom it is stored, and what the owners of its sightings show of it.

The ORM can say it too, but takes ten milliseconds to write it down, on every page and several times. As in
`intake.linking`, the tenant is row-level security's to name.
"""

from __future__ import annotations

from typing import Final

from django.db.models import BooleanField, F, Func, PositiveSmallIntegerField, Q, Value

from accounts.models import Membership
from contacts.queries import VISIBLE
from emails.models import Visibility

#: That an email is stored now for a contact that the reader can see.
_LINKED: Final = f"""EXISTS (
    SELECT FROM emails_link link JOIN contacts_contact contact ON contact.id = link.contact_id
    WHERE link.email_id = %(expressions)s AND link.removed_at IS NULL AND {VISIBLE} %(limit)s
)"""  # Put together of our own words.
#: Of ``source``, ``door`` and ``email``: what its owner shows to everybody who sees the contact.
#:
#: What is said of the thread goes first. Where it is stored for several contacts, the strictest counts of what is said
#: of each, or of the mailbox where nothing is said of one: else a colleague could open whatever they like by giving its
#: address to a contact that is open. What is said of a contact opens an email as long as it is stored for that contact.
#: It closes one for good: taking an email off a contact, moving it, or merging the contact into another, however often
#: those are merged on, must not show what was hidden.
_SHOWN: Final = f"""COALESCE(
    (SELECT said.visibility FROM emails_privacy said
     WHERE said.thread_id = email.thread_id AND said.member_id = door.member_id),
    LEAST(
        COALESCE(
            (SELECT min(COALESCE(said.visibility, door.visibility)) FROM emails_link link
             LEFT JOIN emails_privacy said
             ON said.contact_id = COALESCE(link.merged_from_id, link.contact_id) AND said.member_id = door.member_id
             WHERE link.email_id = source.email_id AND link.removed_at IS NULL),
            door.visibility
        ),
        CASE WHEN EXISTS (
            SELECT FROM emails_privacy WHERE contact_id IS NOT NULL AND visibility < {Visibility.EVERYONE}
        ) THEN (
            WITH RECURSIVE named (id) AS (
                SELECT unnest(ARRAY[link.contact_id, link.merged_from_id]) FROM emails_link link
                WHERE link.email_id = source.email_id
                UNION
                SELECT contact.id FROM named JOIN contacts_contact contact ON contact.merged_into_id = named.id
            )
            SELECT min(said.visibility) FROM named
            JOIN emails_privacy said ON said.contact_id = named.id AND said.member_id = door.member_id
        ) END
    )
)"""  # noqa: S608  # Put together of our own words.
_SIGHTING: Final = """emails_source source
    JOIN emails_door door ON door.id = source.door_id
    JOIN emails_email email ON email.id = source.email_id"""
#: That nobody in the account hides anything is asked once a query, and spares the question for each row.
_SHARED: Final = f"""(
    NOT EXISTS (SELECT FROM emails_door WHERE visibility < {Visibility.EVERYONE})
    AND NOT EXISTS (SELECT FROM emails_privacy WHERE visibility < {Visibility.EVERYONE})
    OR EXISTS (
        SELECT FROM (VALUES (%(expressions)s)) AS asked (id, reader_id, least)
        JOIN {_SIGHTING} ON source.%(column)s = asked.id
        WHERE door.member_id = asked.reader_id
        OR {_SHOWN} >= asked.least
        OR EXISTS (
            SELECT FROM emails_access access
            WHERE access.thread_id = email.thread_id AND access.owner_id = door.member_id
            AND access.asker_id = asked.reader_id AND access.is_granted
        )
    )
)"""  # noqa: S608  # As above.


def email_linked(member: Membership, *, one_by_one: bool = False) -> Q:
    """That the email is stored now for a contact that the member can see; ``one_by_one`` as in `seeing.OneByOne`."""
    return Q(
        Func(
            F("pk"),
            template=_LINKED,
            reader=member.pk,
            limit="OFFSET 0" if one_by_one else "",
            output_field=BooleanField(),
        )
    )


def shown_by_owner() -> Func:
    """Of a source: what its owner shows of the email to everybody who sees the contact."""
    return Func(
        F("pk"),
        template=f"(SELECT {_SHOWN} FROM {_SIGHTING} WHERE source.id = %(expressions)s)",  # noqa: S608  # As above.
        output_field=PositiveSmallIntegerField(),
    )


def email_shared(member: Membership, least: Visibility, email: str = "pk") -> Q:
    """That some sighting of the email, whose id is in the column ``email``, shows the member so much."""
    return _shared(F(email), "email_id", member, least)


def source_shared(member: Membership, least: Visibility) -> Q:
    """Of a source: that it shows the member so much."""
    return _shared(F("pk"), "id", member, least)


def _shared(asked: F, column: str, member: Membership, least: Visibility) -> Q:
    return Q(
        Func(
            asked,
            Value(member.pk),
            Value(int(least)),
            template=_SHARED,
            column=column,
            output_field=BooleanField(),
        )
    )
