"""Plans to rows in the database: a handful of statements a page, however many messages it has.

Every row is written by its unique key, and one that is there already stays: a page that comes twice changes nothing,
and a link that a user has removed stays removed (R18). All of it runs in the scope of the tenant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from crm.lib import bulk
from crm.lib.tenancy import current_tenant_id
from emails.models import Link
from intake import rows, threads
from intake.page import Content, Plan
from intake.verdict import Outcome
from mailkit.message import Envelope
from mailkit.threads import keys as thread_keys

#: Outcomes that speak of an email in the database.
_OF_EMAILS: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE, Outcome.TOMBSTONE})
#: Those that add a sighting and links to it.
_SIGHTINGS: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE})
#: What was read of a message once is not forgotten when it is decided anew without being read; and what was stored
#: once is not said to be skipped.
_DECIDED_ANEW: Final = """
    SET outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail, email_id = excluded.email_id,
        message_digest = COALESCE(NULLIF(excluded.message_digest, ''), emails_decision.message_digest),
        party_digests = COALESCE(NULLIF(excluded.party_digests, '{}'), emails_decision.party_digests),
        received_at = COALESCE(excluded.received_at, emails_decision.received_at),
        decided_at = excluded.decided_at, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at
    WHERE emails_decision.outcome NOT IN ('stored', 'duplicate')
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An email in the database. ``first_key`` is that of the message that made it just now, else empty."""

    id: int
    is_deleted: bool
    first_key: str = ""


def store(door_id: int, plans: Sequence[Plan], *, own: Collection[str], now: datetime) -> dict[str, Outcome]:
    """Writes a page and answers what became of each message, by key.

    That may differ from its plan where another worker has stored, or a user deleted, the email a moment earlier.
    """
    kept = _write_emails(plans, own, now)
    outcomes = {plan.item.key: _outcome(plan, kept) for plan in plans}
    seen = [(plan, kept[plan.item.fingerprint].id) for plan in plans if outcomes[plan.item.key] in _SIGHTINGS]
    sources = [rows.source_row(door_id, plan.item, email_id, now) for plan, email_id in seen]
    bulk.insert("emails_source", rows.SOURCES, sources, conflict=["door_id", "key"])
    completed = [(plan, plan.email_id) for plan in plans if plan.outcome is Outcome.KNOWN and plan.email_id]
    _write_links([(email_id, contact) for plan, email_id in [*seen, *completed] for contact in plan.contacts], now)
    _write_decisions(door_id, plans, outcomes, kept, now)
    return outcomes


def _outcome(plan: Plan, kept: Mapping[str, Kept]) -> Outcome:
    if plan.outcome not in _OF_EMAILS:
        return plan.outcome
    email = kept.get(plan.item.fingerprint)
    if email is None or email.is_deleted:
        return Outcome.TOMBSTONE
    return Outcome.STORED if email.first_key == plan.item.key else Outcome.DUPLICATE


def _write_emails(plans: Sequence[Plan], own: Collection[str], now: datetime) -> dict[str, Kept]:
    """The emails that the plans speak of, by fingerprint; those that were not there are made."""
    new: dict[str, tuple[Plan, Content]] = {}
    for plan in plans:
        if plan.outcome is Outcome.STORED and plan.item.content is not None:
            new.setdefault(plan.item.fingerprint, (plan, plan.item.content))
    made = _insert(new, own, now)
    there = _read({plan.item.fingerprint for plan in plans if plan.outcome in _OF_EMAILS})
    first_keys = {fingerprint: new[fingerprint][0].item.key for fingerprint in made}
    return {
        fingerprint: Kept(email_id, is_deleted, first_keys.get(fingerprint, ""))
        for fingerprint, email_id, is_deleted in there
    }


def _insert(new: Mapping[str, tuple[Plan, Content]], own: Collection[str], now: datetime) -> dict[str, int]:
    """The ids of those emails that were really new, with their parties and attachments."""
    families = {
        fingerprint: thread_keys(plan.item.envelope or Envelope("", ()), fingerprint)
        for fingerprint, (plan, _) in new.items()
    }
    thread_of = threads.assign(families)
    emails = [
        rows.email_row(plan, content, thread_of[fingerprint], own, now) for fingerprint, (plan, content) in new.items()
    ]
    made: dict[str, int] = dict(
        bulk.insert("emails_email", rows.EMAILS, emails, conflict=["fingerprint"], returning=["fingerprint", "id"])
    )
    parties = [row for fingerprint, email_id in made.items() for row in rows.party_rows(email_id, new[fingerprint][0])]
    bulk.insert("emails_party", rows.PARTIES, parties, conflict=["email_id", "position"])
    files = [
        row for fingerprint, email_id in made.items() for row in rows.attachment_rows(email_id, new[fingerprint][1])
    ]
    bulk.insert("emails_attachment", rows.ATTACHMENTS, files, conflict=["email_id", "position"])
    return made


def _read(fingerprints: Collection[str]) -> list[tuple[str, int, bool]]:
    if not fingerprints:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fingerprint, id, deleted_at IS NOT NULL FROM emails_email "
            "WHERE tenant_id = %s AND fingerprint = ANY(%s)",
            [current_tenant_id(), sorted(fingerprints)],
        )
        found: list[tuple[str, int, bool]] = cursor.fetchall()
    return found


def _write_links(pairs: Iterable[tuple[int, int]], now: datetime) -> None:
    """Links emails with contacts, by ids. Where there is a row for the two, removed or not, it stays as it is."""
    wanted = sorted(set(pairs))
    if not wanted:
        return
    email_ids, contact_ids = zip(*wanted, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO emails_link (tenant_id, email_id, contact_id, by, stored_at, sent_at) "
            "SELECT email.tenant_id, email.id, given.contact_id, %s, %s, email.sent_at "
            "FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS given (email_id, contact_id, place) "
            "JOIN emails_email email ON email.tenant_id = %s AND email.id = given.email_id "
            "ORDER BY given.place ON CONFLICT (tenant_id, email_id, contact_id) DO NOTHING",
            [Link.By.AUTO.value, now, list(email_ids), list(contact_ids), current_tenant_id()],
        )


def _write_decisions(
    door_id: int, plans: Sequence[Plan], outcomes: Mapping[str, Outcome], kept: Mapping[str, Kept], now: datetime
) -> None:
    decisions = []
    for plan in plans:
        if plan.outcome is not Outcome.KNOWN:
            outcome = outcomes[plan.item.key]
            email = kept.get(plan.item.fingerprint) if outcome in _OF_EMAILS else None
            decisions.append(rows.decision_row(door_id, plan, outcome.value, email.id if email else None, now))
    bulk.insert("emails_decision", rows.DECISIONS, decisions, conflict=["door_id", "key"], update=_DECIDED_ANEW)
