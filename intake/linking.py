"""Links between what is stored already and contacts that are new or changed (R6, E5): by sets, in SQL, not one by one.

In the scope of the tenant, and in `knowledge.take_turn`: no page is stored meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from crm.lib.tenancy import current_tenant_id
from emails.models import Link
from intake import knowledge
from intake.match import Candidates, match


@dataclass(frozen=True, slots=True)
class Grant:
    """A contact gets mail that names the address, in the mailboxes of one member; None: of all (R5)."""

    contact_id: int
    address: str
    member_id: int | None
    is_excluded: bool


def grants(
    contact_ids: Collection[int],
    candidates: Candidates,
    *,
    excluded: Collection[str],
    members: Collection[int],
    first_only: bool,
) -> Iterator[Grant]:
    """What R5 grants these contacts, by all that have their addresses; ``members`` are those who have doors. Pure."""
    for address, having in candidates.items():
        viewers: Collection[int | None] = members if any(one.private_to for one in having) else [None]
        for viewer in viewers:
            # Without private contacts everybody sees the same.
            found = match([address], {address: having}, viewer=viewer or 0, first_only=first_only)
            for contact_id in found.get(address, ()):
                if contact_id in contact_ids:
                    yield Grant(contact_id, address, viewer, address in excluded)


_SENDERS: Final = """
    SELECT DISTINCT sender.address FROM emails_party party
    JOIN emails_party sender ON sender.tenant_id = party.tenant_id AND sender.email_id = party.email_id
        AND sender.role = 'from'
    WHERE party.tenant_id = %s AND party.address = ANY(%s) AND party.address <> '' AND party.role <> 'bcc'
"""
_LINK: Final = """
    INSERT INTO emails_link (tenant_id, email_id, contact_id, by, stored_at, sent_at)
    SELECT DISTINCT email.tenant_id, email.id, granted.contact_id, %(by)s, %(now)s::timestamptz, email.sent_at
    FROM unnest(%(contacts)s::bigint[], %(addresses)s::text[], %(members)s::bigint[], %(excluded)s::boolean[])
        AS granted (contact_id, address, member_id, is_excluded)
    JOIN emails_party party ON party.tenant_id = %(tenant)s AND party.address = granted.address
        AND party.address <> '' AND party.role <> 'bcc'
    JOIN emails_email email ON email.tenant_id = %(tenant)s AND email.id = party.email_id AND email.deleted_at IS NULL
    JOIN emails_source source ON source.tenant_id = %(tenant)s AND source.email_id = email.id
    JOIN emails_door door ON door.tenant_id = %(tenant)s AND door.id = source.door_id
        AND (granted.member_id IS NULL OR door.member_id = granted.member_id)
    WHERE CASE
        WHEN EXISTS (
            SELECT FROM emails_source sent
            JOIN emails_door crm ON crm.tenant_id = sent.tenant_id AND crm.id = sent.door_id AND crm.kind = 'compose'
            WHERE sent.tenant_id = %(tenant)s AND sent.email_id = email.id
        ) THEN party.role <> 'from'
        ELSE NOT granted.is_excluded AND NOT EXISTS (
            SELECT FROM emails_party sender WHERE sender.tenant_id = %(tenant)s AND sender.email_id = email.id
                AND sender.role = 'from' AND sender.address = ANY(%(shut_out)s)
        )
    END AND NOT (%(first_only)s AND EXISTS (
        SELECT FROM emails_link held
        JOIN contacts_address shared ON shared.tenant_id = %(tenant)s AND shared.contact_id = held.contact_id
            AND shared.email = granted.address
        JOIN contacts_contact holder ON holder.tenant_id = %(tenant)s AND holder.id = held.contact_id
        WHERE held.tenant_id = %(tenant)s AND held.email_id = email.id AND held.removed_at IS NULL
            AND held.contact_id <> granted.contact_id AND holder.deleted_at IS NULL
            AND (NOT holder.is_private OR holder.owner_id = door.member_id)
    ))
    ORDER BY email.id, granted.contact_id
    ON CONFLICT (tenant_id, email_id, contact_id) DO NOTHING
"""


def link_stored(contact_ids: Collection[int], *, now: datetime) -> int:
    """Links stored emails with those of these contacts that From, To or Cc name, by R3, R5 and R8 to R10.

    Answers how many links are new. Where there is a row for the two, removed or not, it stays as it is (R18).
    """
    settings = knowledge.settings_of_tenant()
    own = knowledge.own_addresses()
    candidates = knowledge.candidates_for(set(_addresses(contact_ids)) - own)
    granted = grants(
        contact_ids,
        candidates,
        excluded=knowledge.excluded_among(candidates.keys()),
        members=_members_with_doors(),
        first_only=settings.first_only,
    )
    rows = sorted(granted, key=lambda grant: (grant.contact_id, grant.address))
    if not rows:
        return 0
    shut_out = frozenset() if settings.others_of_excluded else knowledge.excluded_among(_senders(rows)) - own
    with connection.cursor() as cursor:
        cursor.execute(
            _LINK,
            {
                "tenant": current_tenant_id(),
                "by": Link.By.AUTO.value,
                "now": now,
                "contacts": [grant.contact_id for grant in rows],
                "addresses": [grant.address for grant in rows],
                "members": [grant.member_id for grant in rows],
                "excluded": [grant.is_excluded for grant in rows],
                "shut_out": sorted(shut_out),
                "first_only": settings.first_only,
            },
        )
        number: int = cursor.rowcount
    return number


def _addresses(contact_ids: Collection[int]) -> list[str]:
    return _column(
        "SELECT DISTINCT address.email FROM contacts_address address JOIN contacts_contact contact "
        "ON contact.tenant_id = address.tenant_id AND contact.id = address.contact_id "
        "WHERE address.tenant_id = %s AND address.contact_id = ANY(%s) AND contact.deleted_at IS NULL",
        sorted(contact_ids),
    )


def _members_with_doors() -> frozenset[int]:
    return frozenset(_column("SELECT DISTINCT member_id FROM emails_door WHERE tenant_id = %s"))


def _senders(rows: Iterable[Grant]) -> frozenset[str]:
    """Who sent the emails in question."""
    return frozenset(_column(_SENDERS, sorted({grant.address for grant in rows})))


def _column(statement: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [current_tenant_id(), *parameters])
        return [value for (value,) in cursor.fetchall()]
