"""What the rows of a stored message say: the columns that `intake.store` writes, and their values.

Everything is cut to the length of its column here, so that no message is too odd to be stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crm.lib.bulk import Column, joined, text_array
from crm.lib.crypto import keyed_digest
from emails.models import NAME_LENGTH, SNIPPET_LENGTH, SUBJECT_LENGTH
from emails.words import Texts, sections, vector
from intake.match import addresses_of
from intake.page import SEARCH_LENGTH, TEXT_LENGTH, Content, Item, Plan
from mailkit.addresses import LONGEST
from mailkit.direction import direction
from mailkit.message import Envelope, Party, Role
from mailkit.text import clean

#: What the digests of decisions are made for; `crm.lib.crypto.keyed_digests` makes them to look for.
PURPOSE: Final = "decision"
#: Of a message to very many, the first are enough to find it by.
MOST_DIGESTS: Final = 500
#: RFC 5322, section 2.1.1: no line is longer.
MESSAGE_ID_LENGTH: Final = 998
#: Parties and files that an email is found by; to find one by more is no search any more.
SEARCHED: Final = 200
#: A Date header before email, or after tomorrow, is a mistake or a trick to stay on top.
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
#: What an integer column holds.
LARGEST: Final = 2**31 - 1

EMAILS: Final = (
    Column("fingerprint"),
    Column("message_id"),
    Column("thread_id", "bigint"),
    Column("direction"),
    Column("from_address"),
    Column("from_name"),
    Column("subject"),
    Column("sent_at", "timestamptz"),
    Column("snippet"),
    Column("text"),
    Column("size", "int"),
    Column("has_html", "boolean"),
    Column("has_attachments", "boolean"),
    Column("original"),
    Column("problem"),
    Column("search", expression=vector("{0}")),
    Column("stored_at", "timestamptz"),
)
PARTIES: Final = (
    Column("email_id", "bigint"),
    Column("position", "int"),
    Column("role"),
    Column("address"),
    Column("name"),
)
ATTACHMENTS: Final = (
    Column("email_id", "bigint"),
    Column("position", "int"),
    Column("name"),
    Column("content_type"),
    Column("size", "int"),
    Column("content_id"),
    Column("is_inline", "boolean"),
)
SOURCES: Final = (
    Column("door_id", "bigint"),
    Column("key"),
    Column("email_id", "bigint"),
    Column("thread_key"),
    text_array("labels"),
    Column("seen_at", "timestamptz"),
)
LINKS: Final = (
    Column("email_id", "bigint"),
    Column("contact_id", "bigint"),
    Column("by"),
    Column("stored_at", "timestamptz"),
    Column("sent_at", "timestamptz"),
)
DECISIONS: Final = (
    Column("door_id", "bigint"),
    Column("key"),
    Column("outcome"),
    Column("reason"),
    Column("detail"),
    Column("email_id", "bigint"),
    Column("message_digest"),
    text_array("party_digests"),
    Column("received_at", "timestamptz"),
    Column("decided_at", "timestamptz"),
    Column("attempts", "int"),
    Column("next_attempt_at", "timestamptz"),
)

Row = tuple[Any, ...]


def sent_at(item: Item, now: datetime) -> datetime:
    """When the message was sent: by itself, else by its provider, else now; never before email or after tomorrow."""
    for moment in (item.envelope.sent_at if item.envelope else None, item.seen.received_at):
        if moment is not None and EARLIEST <= moment <= now + AHEAD:
            return moment
    return now


def email_row(plan: Plan, content: Content, thread_id: int, own: Collection[str], now: datetime) -> Row:
    """A row of `EMAILS`."""
    envelope = _envelope(plan)
    sender = envelope.sender or Party(Role.FROM, "")
    return (
        plan.item.fingerprint,
        clip(envelope.message_id, MESSAGE_ID_LENGTH),
        thread_id,
        direction(envelope, own),
        clip(sender.address, LONGEST),
        clip(sender.name, NAME_LENGTH),
        clip(envelope.subject, SUBJECT_LENGTH),
        sent_at(plan.item, now),
        clip(content.snippet, SNIPPET_LENGTH),
        clip(content.text, TEXT_LENGTH),
        min(content.size, LARGEST),
        content.has_html,
        any(not attachment.is_inline for attachment in content.attachments),
        content.original,
        clip(content.problem, 40),
        searched(envelope, content),
        now,
    )


def searched(envelope: Envelope, content: Content) -> str:
    """What search looks in: subject, parties, what the message itself says, and its files' names."""
    recipients = [party for party in envelope.parties if party.role is not Role.FROM][:SEARCHED]
    texts = Texts(
        subject=clip(envelope.subject, SUBJECT_LENGTH),
        sender=[_named(party) for party in envelope.parties if party.role is Role.FROM][:1],
        recipients=[_named(party) for party in recipients],
        copied=[_named(party) for party in recipients if party.role is Role.CC],
        said=clean(content.said[:SEARCH_LENGTH]),
        files=[clip(one.name, 255) for one in content.attachments[:SEARCHED] if one.name],
    )
    return sections(texts, SEARCH_LENGTH)


def _named(party: Party) -> str:
    return clip(f"{party.name[:NAME_LENGTH]} {party.address}", NAME_LENGTH + LONGEST)


def party_rows(email_id: int, plan: Plan) -> Iterator[Row]:
    """Rows of `PARTIES`: From, To and Cc in their order, then Bcc."""
    envelope = _envelope(plan)
    for position, party in enumerate((*envelope.parties, *envelope.bcc)):
        yield email_id, position, party.role.value, clip(party.address, LONGEST), clip(party.name, NAME_LENGTH)


def attachment_rows(email_id: int, content: Content) -> Iterator[Row]:
    """Rows of `ATTACHMENTS`."""
    for attachment in content.attachments:
        yield (
            email_id,
            attachment.position,
            clip(attachment.name, 255),
            clip(attachment.content_type, 127),
            min(attachment.size, LARGEST),
            clip(attachment.content_id, 255),
            attachment.is_inline,
        )


def source_row(door_id: int, item: Item, email_id: int, now: datetime) -> Row:
    """A row of `SOURCES`."""
    seen = item.seen
    return door_id, seen.id, email_id, clip(seen.thread_id, 255), joined(clip(label, 255) for label in seen.labels), now


def decision_row(door_id: int, plan: Plan, outcome: str, email_id: int | None, now: datetime) -> Row:
    """A row of `DECISIONS`. Of a message that is not stored it has no word and no address (R43)."""
    item = plan.item
    envelope = item.envelope
    return (
        door_id,
        item.key,
        outcome,
        clip(plan.reason, 40),
        clip(plan.detail, 500),
        email_id,
        digest_of(envelope.message_id) if envelope and envelope.message_id else "",
        joined(map(digest_of, addresses_of(envelope.parties)[:MOST_DIGESTS])) if envelope else "",
        item.seen.received_at or (sent_at(item, now) if envelope else None),
        now,
        plan.attempts,
        plan.next_attempt_at,
    )


def digest_of(text: str) -> str:
    """How a decision keeps a Message-ID, or a normalised address."""
    return keyed_digest(text, purpose=PURPOSE)


def clip(text: str, length: int) -> str:
    """The text as a column of this length takes it."""
    return clean(text[:length])


def _envelope(plan: Plan) -> Envelope:
    return plan.item.envelope or _NO_ENVELOPE


_NO_ENVELOPE: Final = Envelope("", ())
