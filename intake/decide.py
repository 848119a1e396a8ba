"""What becomes of one message, by what is known of it so far: a plan, or what has to be known first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from crm.lib.product import NEVER
from intake.exclude import exclude
from intake.match import addresses_of, match
from intake.page import Decided, Existing, Failure, Item, Knowledge, Plan
from intake.verdict import OF_ADDRESSES, OF_PLACE, OF_RULES, Outcome, Reason, Verdict
from mailkit.message import Party
from providers.base import Place

#: How long after each failure a message is tried again; after the last, only when somebody asks.
RETRIES: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
#: What a decision says of the label that keeps mail out.
LABELLED: Final = f"labelled {NEVER}"
#: What a user's deed or the rules put into the CRM: no later sighting takes it out again.
_KEPT: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE})


class Want(Enum):
    """What has to come before a message can be decided."""

    HEADERS = auto()
    BODY = auto()
    #: The provider said: not now.
    TIME = auto()
    #: Nothing: it was decided before and is left alone.
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms mail is wanted: received from ``since`` on (R21), and what is decided anew (`intake.run.Order`).

    ``listed_at`` is when the messages lay as they are said to, None where they are told as they change.
    """

    since: datetime | None
    again: bool
    missed: bool
    now: datetime
    listed_at: datetime | None = None


def decide(item: Item, knowledge: Knowledge, terms: Terms, *, arriving: Collection[str] = ()) -> Plan | Want:
    """The plan for a message, or what is missing for one.

    ``arriving`` are the fingerprints of emails that are stored together with it: one of a page's two copies.
    """
    prior = knowledge.decisions.get(item.key)
    if prior is not None and not _is_open(prior, item, terms):
        return _reviewed(item, prior, knowledge, terms)
    if reason := _unread(item, terms):
        return Plan(item, Outcome.SKIPPED, reason, LABELLED if reason is Reason.NEVER else "")
    if item.is_held:
        return Want.TIME
    if item.failure is not None:
        return _failed(item, item.failure, prior, terms.now)
    if item.envelope is None:
        return Want.BODY if item.seen.concerns and not item.is_bodyless else Want.HEADERS
    return _by_rules(item, item.envelope.parties, knowledge, arriving)


def judge(parties: Iterable[Party], knowledge: Knowledge, existing: Existing | None = None) -> Verdict:
    """The rules R1 to R10 for a message with these parties; ``existing`` is the email, where it is stored already."""
    parties = tuple(parties)
    matches = match(
        addresses_of(parties),
        knowledge.candidates,
        viewer=knowledge.viewer,
        first_only=knowledge.first_only,
        holders=existing.holders if existing else frozenset(),
    )
    return exclude(parties, matches, knowledge.exclusions, by_crm=existing is not None and existing.by_crm)


def _is_open(prior: Decided, item: Item, terms: Terms) -> bool:
    """Whether an earlier decision does not stand any more."""
    if prior.outcome is Outcome.SKIPPED:
        return _is_wanted_now(prior, item, terms)
    # Deleting can be taken back (R17).
    return prior.outcome is Outcome.FAILED or (terms.again and prior.outcome is Outcome.TOMBSTONE)


def _is_wanted_now(prior: Decided, item: Item, terms: Terms) -> bool:
    """Whether the reason for which a message was skipped may hold no longer."""
    if prior.reason in OF_PLACE:
        is_stale = prior.reason == Reason.NEVER and _is_overtaken(prior, terms)
        return item.seen.place is Place.MAIL and not item.is_missing and not is_stale
    if prior.reason == Reason.BEFORE:
        return terms.again or not _is_before(item.seen.received_at or prior.received_at, terms)
    return prior.reason in OF_RULES if terms.again else terms.missed and prior.reason in OF_ADDRESSES


def _is_overtaken(prior: Decided, terms: Terms) -> bool:
    """Whether somebody decided by the label after these messages were listed: then they know it better."""
    return terms.listed_at is not None and prior.decided_at is not None and prior.decided_at >= terms.listed_at


def _reviewed(item: Item, prior: Decided, knowledge: Knowledge, terms: Terms) -> Plan | Want:
    """What is left to do for a decision that stands: to take away what its mailbox keeps out now, or to complete it."""
    if prior.outcome in _KEPT and item.seen.place is Place.NEVER and not _is_overtaken(prior, terms):
        return Plan(item, Outcome.SKIPPED, Reason.NEVER, LABELLED, withdrawn=prior.email_id or 0)
    return _completed(item, prior, knowledge, terms)


def _completed(item: Item, prior: Decided, knowledge: Knowledge, terms: Terms) -> Plan | Want:
    """The links that an email, stored before, lacks by today's rules (R6, E5)."""
    existing = knowledge.relinked.get(prior.email_id or 0)
    if not terms.again or prior.outcome not in _KEPT or existing is None or existing.is_deleted:
        return Want.NOTHING
    verdict = judge(existing.parties, knowledge, existing)
    return Plan(item, Outcome.KNOWN, contacts=verdict.contacts, email=existing)


def _unread(item: Item, terms: Terms) -> Reason | None:
    """Why a message is not stored, as far as that needs no look at it (R20, R21)."""
    if item.is_missing:
        return Reason.GONE
    if item.seen.place is not Place.MAIL:
        return Reason(item.seen.place.value)
    received_at = item.seen.received_at or (item.envelope.sent_at if item.envelope else None)
    return Reason.BEFORE if _is_before(received_at, terms) else None


def _is_before(received_at: datetime | None, terms: Terms) -> bool:
    return terms.since is not None and received_at is not None and received_at < terms.since


def _failed(item: Item, failure: Failure, prior: Decided | None, now: datetime) -> Plan:
    attempts = prior.attempts + 1 if prior and prior.outcome is Outcome.FAILED else 1
    next_attempt_at = now + RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
    return Plan(
        item, Outcome.FAILED, failure.reason, failure.detail, attempts=attempts, next_attempt_at=next_attempt_at
    )


def _by_rules(item: Item, parties: tuple[Party, ...], knowledge: Knowledge, arriving: Collection[str]) -> Plan | Want:
    existing = knowledge.emails.get(item.fingerprint)
    verdict = judge(parties, knowledge, existing)
    if verdict.reason is not None:
        return Plan(item, Outcome.SKIPPED, verdict.reason)
    if existing is not None:
        outcome = Outcome.TOMBSTONE if existing.is_deleted else Outcome.DUPLICATE
        return Plan(item, outcome, contacts=verdict.contacts, email=existing)
    if item.fingerprint in arriving:
        return Plan(item, Outcome.DUPLICATE, contacts=verdict.contacts)
    if item.content is not None:
        return Plan(item, Outcome.STORED, contacts=verdict.contacts)
    return Want.BODY
