"""What is stored already, as deciding needs it. In the scope of the tenant.

Each statement looks into one table, by an array of what is asked for. Of a tenant that is newer than its statistics
PostgreSQL believes that it has no rows; in a join it would go through all of them again and again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm.lib.bulk import rows
from crm.lib.tenancy import current_tenant_id
from intake.page import Existing
from mailkit.message import Party, Role


def by_fingerprint(fingerprints: Collection[str]) -> dict[str, Existing]:
    """The emails with these fingerprints, without their parties."""
    if not fingerprints:
        return {}
    found = rows(
        "SELECT fingerprint, id, sent_at, deleted_at IS NOT NULL FROM emails_email "
        "WHERE tenant_id = %s AND fingerprint = ANY(%s)",
        [current_tenant_id(), sorted(fingerprints)],
    )
    emails = _existing([row[1:] for row in found], {})
    return {row[0]: emails[row[1]] for row in found}


def by_id(email_ids: Collection[int]) -> dict[int, Existing]:
    """These emails, with their parties but not their names."""
    if not email_ids:
        return {}
    parties: defaultdict[int, list[Party]] = defaultdict(list)
    named = _of("SELECT email_id, role, address, position FROM emails_party WHERE email_id = ANY(%s)", email_ids)
    for email_id, role, address, _ in sorted(named, key=lambda row: (row[0], row[3])):
        parties[email_id].append(Party(Role(role), address))
    return _existing(
        _of("SELECT id, sent_at, deleted_at IS NOT NULL FROM emails_email WHERE id = ANY(%s)", email_ids), parties
    )


def naming(addresses: Collection[str]) -> list[int]:
    """The ids of emails that name one of these addresses in From, To or Cc, in ascending order."""
    found = rows(
        "SELECT DISTINCT email_id FROM emails_party "
        "WHERE tenant_id = %s AND address = ANY(%s) AND address <> '' AND role <> 'bcc'",
        [current_tenant_id(), sorted(addresses)],
    )
    return sorted(email_id for (email_id,) in found)


def viewers(email_ids: Collection[int]) -> dict[int, set[int]]:
    """Through whose doors these emails came: memberships by email."""
    members = dict(rows("SELECT id, member_id FROM emails_door WHERE tenant_id = %s", [current_tenant_id()]))
    found: defaultdict[int, set[int]] = defaultdict(set)
    for email_id, door_id in _of("SELECT email_id, door_id FROM emails_source WHERE email_id = ANY(%s)", email_ids):
        found[email_id].add(members[door_id])
    return found


def _existing(emails: Sequence[tuple[Any, ...]], parties: Mapping[int, Sequence[Party]]) -> dict[int, Existing]:
    email_ids = [email_id for email_id, _, _ in emails]
    holders: defaultdict[int, list[int]] = defaultdict(list)
    got = "SELECT email_id, contact_id FROM emails_link WHERE email_id = ANY(%s)"
    for email_id, contact_id in _of(got, email_ids):
        holders[email_id].append(contact_id)
    sent = (
        "SELECT email_id FROM emails_source WHERE email_id = ANY(%s) "
        "AND door_id = ANY(ARRAY(SELECT id FROM emails_door WHERE kind = 'compose'))"
    )
    by_crm = {email_id for (email_id,) in _of(sent, email_ids)}
    return {
        email_id: Existing(
            id=email_id,
            sent_at=sent_at,
            is_deleted=is_deleted,
            by_crm=email_id in by_crm,
            holders=frozenset(holders[email_id]),
            parties=tuple(parties.get(email_id, ())),
        )
        for email_id, sent_at, is_deleted in emails
    }


def _of(statement: str, email_ids: Collection[int]) -> list[tuple[Any, ...]]:
    return rows(statement, [sorted(email_ids)]) if email_ids else []
