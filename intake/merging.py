"""Links follow their contacts when those are merged, and come back when that is taken back (E5): by sets, in SQL.

In the scope of the tenant, and in `knowledge.take_turn`: no page is stored meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from django.db import connection
from psycopg2.sql import SQL

# As in `intake.linking`, the tenant is row-level security's to name.
_HOMES: Final = """
    WITH RECURSIVE origin AS (
        SELECT id, merged_into_id FROM contacts_contact WHERE id = ANY(%s)
        UNION
        SELECT merged.id, merged.merged_into_id FROM contacts_contact merged
        JOIN origin ON merged.merged_into_id = origin.id
    ), way AS (
        SELECT id AS origin, id AS stop, merged_into_id AS next FROM origin
        UNION
        SELECT way.origin, contact.id, contact.merged_into_id FROM way
        JOIN contacts_contact contact ON contact.id = way.next
    )
    SELECT origin, stop FROM way WHERE next IS NULL
"""
_MISPLACED: Final = SQL("""
    WITH home AS (SELECT * FROM unnest(%(origins)s::bigint[], %(homes)s::bigint[]) AS home (origin, contact_id)),
    misplaced AS (
        SELECT link.id, link.email_id, link.removed_at, link.removed_by_id, home.origin, home.contact_id
        FROM emails_link link JOIN home ON home.origin = link.merged_from_id
        WHERE link.merged_from_id = ANY(%(origins)s) AND link.contact_id <> home.contact_id
        UNION ALL
        SELECT link.id, link.email_id, link.removed_at, link.removed_by_id, home.origin, home.contact_id
        FROM emails_link link JOIN home ON home.origin = link.contact_id
        WHERE link.contact_id = ANY(%(merged)s) AND link.merged_from_id IS NULL AND link.removed_at IS NULL
        UNION ALL
        SELECT link.id, link.email_id, link.removed_at, link.removed_by_id, home.origin, home.contact_id
        FROM emails_link link JOIN home ON home.origin = link.contact_id
        WHERE link.contact_id = ANY(%(merged)s) AND link.merged_from_id IS NULL AND link.removed_at IS NOT NULL
    )
""")
_OF_MISPLACED: Final = SQL("{misplaced} SELECT DISTINCT email_id FROM misplaced").format(misplaced=_MISPLACED)
_BACK_TO_OWN: Final = SQL("""
    {misplaced}, doubled AS (
        SELECT misplaced.*, own.id AS own_id FROM misplaced
        JOIN emails_link own ON own.email_id = misplaced.email_id AND own.contact_id = misplaced.contact_id
        WHERE misplaced.origin = misplaced.contact_id
    ), kept_removed AS (
        UPDATE emails_link own SET removed_at = doubled.removed_at, removed_by_id = doubled.removed_by_id
        FROM doubled WHERE own.id = doubled.own_id AND own.removed_at IS NULL AND doubled.removed_at IS NOT NULL
    )
    DELETE FROM emails_link gone USING doubled WHERE gone.id = doubled.id
""").format(misplaced=_MISPLACED)
_MOVE: Final = SQL("""
    {misplaced}, chosen AS (
        SELECT DISTINCT ON (email_id, contact_id) id, origin, contact_id FROM misplaced
        WHERE NOT EXISTS (
            SELECT FROM emails_link own
            WHERE own.email_id = misplaced.email_id AND own.contact_id = misplaced.contact_id
        )
        ORDER BY email_id, contact_id, removed_at NULLS FIRST, origin
    )
    UPDATE emails_link link
    SET contact_id = chosen.contact_id, merged_from_id = NULLIF(chosen.origin, chosen.contact_id)
    FROM chosen WHERE link.id = chosen.id
""").format(misplaced=_MISPLACED)


def homes_of(contact_ids: Collection[int]) -> dict[int, int]:
    """The contact that each of these, and each that was merged into one of them, is merged into at last, or itself."""
    with connection.cursor() as cursor:
        cursor.execute(_HOMES, [sorted(contact_ids)])
        return dict(cursor.fetchall())


def misplaced_emails(homes: Mapping[int, int]) -> list[int]:
    """The emails of links that are not where their contacts are, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_MISPLACED, _found(homes))
        return [email_id for (email_id,) in cursor.fetchall()]


def follow_merges(homes: Mapping[int, int]) -> None:
    """Brings links to where their contacts are now. The emails are held (`intake.holding`).

    A link remembers in ``merged_from`` whose it was at first, however often contacts are merged on, and goes back
    when the merge is taken back. Where the other contact has a row of its own for the email, the link stays where it
    is; on its way back it only brings along that a user removed it (R18).
    """
    found = _found(homes)
    with connection.cursor() as cursor:
        cursor.execute(_BACK_TO_OWN, found)
        cursor.execute(_MOVE, found)
        # Again where one had to leave before another could come.
        while cursor.rowcount:
            cursor.execute(_MOVE, found)


def _found(homes: Mapping[int, int]) -> dict[str, list[int]]:
    return {
        "origins": list(homes),
        "homes": list(homes.values()),
        "merged": [origin for origin, home in homes.items() if origin != home],
    }
