"""A yardstick for intake: parse by the standard library, insert by the hundreds, and nothing else.

Into tables with the columns and indexes of the product's own, full text included, without row-level security and
foreign keys. No accounts, exclusions, decisions, threads, attachments or originals, and a page that fails is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

from django.db import connections, transaction
from psycopg2.extras import execute_values

PAGE = 500
TABLES = ("email", "party", "link")
_TAGS = re.compile(r"<[^>]*>")

_EMAILS = """
    INSERT INTO sketch_email (tenant_id, fingerprint, message_id, thread_id, direction, from_address, from_name,
        subject, sent_at, snippet, text, size, has_html, has_attachments, original, problem, search, stored_at)
    VALUES %s ON CONFLICT DO NOTHING RETURNING fingerprint, id
"""
_EMAIL = "(%s, %s, %s, %s, 'in', %s, %s, %s, %s, %s, %s, %s, %s, false, '', '', to_tsvector('simple', %s), now())"
_PARTIES = "INSERT INTO sketch_party (tenant_id, email_id, role, address, name, position) VALUES %s"
_LINKS = "INSERT INTO sketch_link (tenant_id, email_id, contact_id, by, stored_at, sent_at) VALUES %s"
_LINK = "(%s, %s, %s, 'auto', now(), %s)"


@dataclass(frozen=True)
class Parsed:
    """What the sketch keeps of a message."""

    fingerprint: str
    message_id: str
    subject: str
    sent_at: datetime
    parties: Sequence[tuple[str, str, str]]
    text: str
    has_html: bool
    size: int


def make_tables() -> None:
    """Tables like the product's, with all their indexes, and empty."""
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS sketch_{table}")
            cursor.execute(f"CREATE TABLE sketch_{table} (LIKE emails_{table} INCLUDING ALL)")


def store(messages: Sequence[bytes], contacts: Mapping[str, int], tenant: int) -> None:
    """The messages of a new ``tenant`` into the database; ``contacts`` are ids by address."""
    parsed = map(parse, messages)
    while page := list(islice(parsed, PAGE)):
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            _insert(cursor.cursor, page, contacts, tenant)


def parse(raw: bytes) -> Parsed:
    """By the ``compat32`` policy, decoded here."""
    message = BytesParser().parsebytes(raw)
    parties = [
        (role, _plain(address.lower()), _plain(_decoded(name)))
        for role in ("from", "to", "cc")
        for name, address in getaddresses([str(value) for value in message.get_all(role, [])])
    ]
    text, has_html = _text(message)
    message_id = str(message.get("Message-ID", "")).strip("<> \r\n")
    key = message_id or f"{message.get('Date')}{message.get('Subject')}{text}"
    return Parsed(
        blake2b(f"{key} {parties[0][1] if parties else ''}".encode(errors="replace"), digest_size=16).hexdigest(),
        _plain(message_id),
        _plain(_decoded(str(message.get("Subject", ""))))[:998],
        _date(str(message.get("Date", ""))),
        parties,
        _plain(text),
        has_html,
        len(raw),
    )


def _insert(cursor: Any, page: Sequence[Parsed], contacts: Mapping[str, int], tenant: int) -> None:
    rows = [
        _email(each, tenant, number) for number, each in enumerate({each.fingerprint: each for each in page}.values())
    ]
    made = dict(execute_values(cursor, _EMAILS, rows, template=_EMAIL, page_size=PAGE, fetch=True))
    parties: list[tuple[object, ...]] = []
    links: dict[tuple[int, int], datetime] = {}
    for each in page:
        # None for the second copy of a message.
        email = made.pop(each.fingerprint, None)
        for position, (role, address, name) in enumerate(each.parties if email else ()):
            parties.append((tenant, email, role, address[:254], name[:200], position))
            if address in contacts:
                links[email, contacts[address]] = each.sent_at
    execute_values(cursor, _PARTIES, parties, page_size=PAGE)
    linked = [(tenant, email, contact, sent_at) for (email, contact), sent_at in links.items()]
    execute_values(cursor, _LINKS, linked, template=_LINK, page_size=PAGE)


def _email(each: Parsed, tenant: int, number: int) -> tuple[object, ...]:
    _, address, name = each.parties[0] if each.parties else ("", "", "")
    said = "\n".join(line for line in each.text.splitlines() if not line.startswith(">"))
    searched = " ".join([each.subject, *(name for _, _, name in each.parties), said])
    return (
        tenant,
        each.fingerprint,
        each.message_id,
        number,
        address[:254],
        name[:200],
        each.subject,
        each.sent_at,
        " ".join(said.split())[:200],
        each.text,
        each.size,
        each.has_html,
        searched[:100_000],
    )


def _text(message: Message) -> tuple[str, bool]:
    """The first plain part, or the first of HTML without its tags; and whether there is HTML."""
    parts = [part for part in message.walk() if part.get_content_type() in {"text/plain", "text/html"}]
    html = next((part for part in parts if part.get_content_type() == "text/html"), None)
    plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    if plain is not None:
        return _payload(plain), html is not None
    return (_TAGS.sub(" ", _payload(html)), True) if html is not None else ("", False)


def _payload(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return payload.decode("latin-1")


def _decoded(header: str) -> str:
    if "=?" not in header:
        return header
    try:
        pieces = decode_header(header)
        return "".join(
            piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in pieces
        )
    except (LookupError, ValueError):
        return header


def _date(header: str) -> datetime:
    try:
        moment = parsedate_to_datetime(header)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _plain(text: str) -> str:
    """As PostgreSQL takes it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
