"""Emails that get a link: their rows are held before it is written, so that nobody deletes one at that moment.

Who takes an email off its last contact deletes it (R17), and holds its row. The second of the two waits for the first
and decides on what that has left: else a link would be stored with an email that is hidden. In the scope of the tenant.

Whoever holds several emails holds them by one statement and in ascending order, here as in `emails.operations`, and
threads before emails: so nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection

from crm.lib.bulk import rows


def hold(email_ids: Collection[int]) -> dict[int, bool]:
    """Of each of these emails whether it is deleted, which stays so until the transaction ends."""
    if not email_ids:
        return {}
    found = rows(
        "SELECT id, deleted_at IS NOT NULL FROM emails_email WHERE id = ANY(%s) ORDER BY id FOR SHARE",
        [sorted(email_ids)],
    )
    return dict(found)


def hold_threads(threads: Collection[int], email_ids: Collection[int]) -> None:
    """Holds the emails of threads that go into others, and with them those that the same page will link."""
    rows(
        "SELECT id FROM emails_email "
        "WHERE id = ANY(ARRAY(SELECT id FROM emails_email WHERE thread_id = ANY(%s)) || %s::bigint[]) "
        "ORDER BY id FOR NO KEY UPDATE",
        [sorted(threads), sorted(email_ids)],
    )
