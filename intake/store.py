"""Plans to rows in the database: a handful of statements a page, however many messages it has.

Every row is written by its unique key, and one that is there already stays: a page that comes twice changes nothing,
and a link that a user has removed stays removed (R18). All of it runs in the scope of the tenant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from crm.lib import bulk
from crm.lib.tenancy import current_tenant_id
from emails.models import NAME_LENGTH, Link
from intake import rows, threads
from intake.holding import hold
from intake.page import Content, Existing, Plan
from intake.verdict import Outcome
from mailkit.addresses import LONGEST
from mailkit.message import Envelope
from mailkit.threads import keys as thread_keys

#: Outcomes that speak of an email in the database.
_OF_EMAILS: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE, Outcome.TOMBSTONE})
#: Those that add a sighting and links to it.
_SIGHTINGS: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE})
#: What was read of a message once is not forgotten when it is decided anew without being read; and what was stored
#: once is not said to be skipped, unless it was taken away.
_DECIDED_ANEW: Final = """
    SET outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail, email_id = excluded.email_id,
        message_digest = COALESCE(NULLIF(excluded.message_digest, ''), emails_decision.message_digest),
        party_digests = COALESCE(NULLIF(excluded.party_digests, '{}'), emails_decision.party_digests),
        received_at = COALESCE(excluded.received_at, emails_decision.received_at),
        decided_at = excluded.decided_at, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at
    WHERE emails_decision.outcome NOT IN ('stored', 'duplicate') OR excluded.reason = 'never'
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An email in the database. ``first_key`` is that of the message that made it just now, else empty."""

    id: int
    sent_at: datetime
    is_deleted: bool
    first_key: str = ""


def store(door_id: int, plans: Sequence[Plan], *, own: Collection[str], now: datetime) -> dict[str, Outcome]:
    """Writes a page and answers what became of each message, by key.

    That may differ from its plan where another worker has stored, or a user deleted, the email a moment earlier.
    """
    kept, held = _write_emails(plans, own, now)
    outcomes = {plan.item.key: _outcome(plan, kept) for plan in plans}
    seen = [(plan, kept[plan.item.fingerprint]) for plan in plans if outcomes[plan.item.key] in _SIGHTINGS]
    sources = [rows.source_row(door_id, plan.item, email.id, now) for plan, email in seen]
    bulk.insert("emails_source", rows.SOURCES, sources, conflict=["door_id", "key"])
    _add_bcc([(plan, email.id) for plan, email in seen if outcomes[plan.item.key] is Outcome.DUPLICATE])
    pairs = {(email.id, contact): email.sent_at for plan, email in seen for contact in plan.contacts}
    completed = [(plan, held[email_id]) for plan in plans if (email_id := _completed(plan)) in held]
    pairs.update({(email.id, contact): email.sent_at for plan, email in completed for contact in plan.contacts})
    write_links(pairs, now)
    _write_decisions(door_id, plans, outcomes, kept, now)
    return outcomes


def _outcome(plan: Plan, kept: Mapping[str, Kept]) -> Outcome:
    if plan.outcome not in _OF_EMAILS:
        return plan.outcome
    email = kept.get(plan.item.fingerprint)
    if email is None or email.is_deleted:
        return Outcome.TOMBSTONE
    return Outcome.STORED if email.first_key == plan.item.key else Outcome.DUPLICATE


def _completed(plan: Plan) -> int:
    """The id of an email that was stored before and only gets the links that it lacks, or 0."""
    if plan.outcome is not Outcome.KNOWN or plan.email is None or plan.email.holders.issuperset(plan.contacts):
        return 0
    return plan.email.id


def _write_emails(
    plans: Sequence[Plan], own: Collection[str], now: datetime
) -> tuple[dict[str, Kept], dict[int, Existing]]:
    """The emails that the plans speak of, by fingerprint; those that were not there are made, and the others held.

    And those that only get links, by id, unless they are deleted by now.
    """
    new = _new(plans)
    before = {plan.email.id for plan in plans if plan.email and (plan.outcome in _OF_EMAILS or _completed(plan))}
    made = _insert(new, own, now, before)
    there = _read({plan.item.fingerprint for plan in plans if plan.outcome in _OF_EMAILS}.difference(made))
    held = hold({email_id for _, email_id, *_ in there} | before)
    kept = {
        fingerprint: Kept(email_id, sent_at, held.get(email_id, is_deleted))
        for fingerprint, email_id, sent_at, is_deleted in there
    }
    for fingerprint, (email_id, sent_at) in made.items():
        kept[fingerprint] = Kept(email_id, sent_at, is_deleted=False, first_key=new[fingerprint][0].item.key)
    live = {plan.email.id: plan.email for plan in plans if plan.email and not held.get(plan.email.id, True)}
    return kept, live


def _new(plans: Iterable[Plan]) -> dict[str, tuple[Plan, Content]]:
    """What is to be stored, by fingerprint: of several copies on a page the first."""
    new: dict[str, tuple[Plan, Content]] = {}
    for plan in plans:
        if plan.outcome is Outcome.STORED and plan.item.content is not None:
            new.setdefault(plan.item.fingerprint, (plan, plan.item.content))
    return new


def _insert(
    new: Mapping[str, tuple[Plan, Content]], own: Collection[str], now: datetime, before: Collection[int]
) -> dict[str, tuple[int, datetime]]:
    """Those emails that were really new, each its id and when it was sent; with their parties and attachments.

    ``before`` are emails that get links beside them.
    """
    families = {
        fingerprint: thread_keys(plan.item.envelope or Envelope("", ()), fingerprint)
        for fingerprint, (plan, _) in new.items()
    }
    thread_of = threads.assign(families, before)
    emails = [
        rows.email_row(plan, content, thread_of[fingerprint], own, now) for fingerprint, (plan, content) in new.items()
    ]
    written = bulk.insert(
        "emails_email", rows.EMAILS, emails, conflict=["fingerprint"], returning=["fingerprint", "id", "sent_at"]
    )
    made = {fingerprint: (email_id, sent_at) for fingerprint, email_id, sent_at in written}
    parties = [row for fingerprint, (at, _) in made.items() for row in rows.party_rows(at, new[fingerprint][0])]
    bulk.insert("emails_party", rows.PARTIES, parties, conflict=["email_id", "position"])
    files = [row for fingerprint, (at, _) in made.items() for row in rows.attachment_rows(at, new[fingerprint][1])]
    bulk.insert("emails_attachment", rows.ATTACHMENTS, files, conflict=["email_id", "position"])
    return made


def _add_bcc(seen: Iterable[tuple[Plan, int]]) -> None:
    """Adds the Bcc of the sender's own copy to an email that a recipient's copy brought first (R1)."""
    found = sorted(
        {
            (email_id, rows.clip(party.address, LONGEST), rows.clip(party.name, NAME_LENGTH))
            for plan, email_id in seen
            for party in (plan.item.envelope.bcc if plan.item.envelope else ())
            if party.address
        }
    )
    if not found:
        return
    email_ids, addresses, names = zip(*found, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO emails_party (tenant_id, email_id, role, address, name, position) "
            "SELECT %(tenant)s, given.email_id, 'bcc', given.address, given.name, "
            "row_number() OVER (PARTITION BY given.email_id ORDER BY given.place) + ("
            "SELECT max(position) FROM emails_party last WHERE last.email_id = given.email_id) "
            "FROM unnest(%(emails)s::bigint[], %(addresses)s::text[], %(names)s::text[]) "
            "WITH ORDINALITY AS given (email_id, address, name, place) "
            "WHERE NOT EXISTS (SELECT FROM emails_party there "
            "WHERE there.email_id = given.email_id AND there.role = 'bcc' AND there.address = given.address) "
            "ON CONFLICT (tenant_id, email_id, position) DO NOTHING",
            {
                "tenant": current_tenant_id(),
                "emails": list(email_ids),
                "addresses": list(addresses),
                "names": list(names),
            },
        )


def _read(fingerprints: Collection[str]) -> list[tuple[Any, ...]]:
    if not fingerprints:
        return []
    return bulk.rows(
        "SELECT fingerprint, id, sent_at, deleted_at IS NOT NULL FROM emails_email "
        "WHERE tenant_id = %s AND fingerprint = ANY(%s)",
        [current_tenant_id(), sorted(fingerprints)],
    )


def write_links(pairs: Mapping[tuple[int, int], datetime], now: datetime) -> int:
    """Links emails with contacts, by ids, each with when the email was sent; answers how many links are new.

    Where there is a row for the two, removed or not, it stays as it is (R18).
    """
    links = [(*pair, Link.By.AUTO.value, now, sent_at) for pair, sent_at in pairs.items()]
    new = bulk.insert("emails_link", rows.LINKS, links, conflict=["email_id", "contact_id"], returning=["id"])
    return len(new)


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
