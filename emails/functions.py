"""Who sees an email (R37), as functions of PostgreSQL: for whom it is stored, and what owners of its sightings show.

PostgreSQL plans a function once a connection; written into each statement that lists emails, this took longer to plan
than the statement to run. The tenant is row-level security's to name: the functions see what their caller sees.

Whoever changes one writes a migration that runs `INSTALL` again, after `REMOVE` where its parameters change; a test
compares what is installed with this.
"""

from __future__ import annotations

from typing import Final

from contacts.queries import VISIBLE
from emails.models import Visibility

#: Of ``source``, ``door`` and ``email``: what its owner shows to everybody who sees the contact.
#:
#: What is said of the thread goes first. Where it is stored for several contacts, the strictest counts of what is said
#: of each, or of the mailbox where nothing is said of one: else a colleague could open whatever they like by giving its
#: address to a contact that is open. What is said of a contact opens an email as long as it is stored for that contact.
#: It closes one for good: taking an email off a contact, moving it, or merging the contact into another, however often
#: those are merged on, must not show what was hidden. It closes what names an address that the contact has had, too:
#: giving that to another contact must not show what comes from now on.
SHOWN: Final = f"""COALESCE(
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
        ) THEN LEAST((
            WITH RECURSIVE named (id) AS (
                SELECT unnest(ARRAY[link.contact_id, link.merged_from_id]) FROM emails_link link
                WHERE link.email_id = source.email_id
                UNION
                SELECT contact.id FROM named JOIN contacts_contact contact ON contact.merged_into_id = named.id
            )
            SELECT min(said.visibility) FROM named
            JOIN emails_privacy said ON said.contact_id = named.id AND said.member_id = door.member_id
        ), (
            SELECT min(said.visibility) FROM emails_privacy said
            WHERE said.contact_id IS NOT NULL AND said.member_id = door.member_id
            AND said.visibility < {Visibility.EVERYONE} AND EXISTS (
                SELECT FROM emails_party party
                WHERE party.email_id = source.email_id AND party.address = ANY (said.addresses)
            )
        )) END
    )
)"""  # noqa: S608  # Put together of our own words.
_SIGHTING: Final = """emails_source source
    JOIN emails_door door ON door.id = source.door_id
    JOIN emails_email email ON email.id = source.email_id"""
_SHARED: Final = f"""(
    SELECT FROM {_SIGHTING}
    WHERE source.%s = asked AND (
        door.member_id = reader
        OR {SHOWN} >= needed
        OR EXISTS (
            SELECT FROM emails_access access
            WHERE access.thread_id = email.thread_id AND access.owner_id = door.member_id
            AND access.asker_id = reader AND access.is_granted
        )
    )
)"""  # noqa: S608  # As above.
_LINKED: Final = f"""(
    SELECT FROM emails_link link JOIN contacts_contact contact ON contact.id = link.contact_id
    WHERE link.email_id = asked AND link.removed_at IS NULL AND {VISIBLE % {"reader": "reader"}}
)"""  # As above.
#: Each function's parameters, what it answers, and how.
FUNCTIONS: Final = {
    "emails_email_linked": (
        "asked bigint, reader bigint",
        "boolean",
        f"SELECT EXISTS {_LINKED}",
    ),
    "emails_shown_by_owner": (
        "asked bigint",
        "smallint",
        f"SELECT {SHOWN} FROM {_SIGHTING} WHERE source.id = asked",  # noqa: S608  # As above.
    ),
    "emails_email_shared": (
        "asked bigint, reader bigint, needed smallint",
        "boolean",
        f"SELECT EXISTS {_SHARED % 'email_id'}",
    ),
    "emails_source_shared": (
        "asked bigint, reader bigint, needed smallint",
        "boolean",
        f"SELECT EXISTS {_SHARED % 'id'}",
    ),
}


def body(name: str) -> str:
    """What stands between ``BEGIN`` and ``END``."""
    return f"BEGIN RETURN ({FUNCTIONS[name][2]}); END"


#: They cost more than that, but are asked last: PostgreSQL would reckon as if they were asked of all that it looks at.
_COST: Final = 20
INSTALL: Final = "".join(
    f"CREATE OR REPLACE FUNCTION {name} ({parameters}) RETURNS {answer}"
    f" STABLE COST {_COST} LANGUAGE plpgsql AS $${body(name)}$$;\n"
    for name, (parameters, answer, _) in FUNCTIONS.items()
)
REMOVE: Final = "".join(f"DROP FUNCTION IF EXISTS {name};\n" for name in FUNCTIONS)
