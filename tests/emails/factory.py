"""Emails for tests that do not care how they came, row by row through the ORM."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any

from django.db import connection

from accounts.models import Membership
from contacts.models import Contact
from emails import originals
from emails.models import Attachment, Door, Email, Link, Party, Source, Thread
from mailkit import mime
from mailkit.message import Message

#: A message with one attachment.
WITH_A_FILE = b"""From: Ines Moreau <ines@atelier-lyon.example>
To: alice@northwind.example
Subject: Gate plan
Date: Mon, 02 Mar 2026 09:00:00 +0000
Message-ID: <gate@atelier-lyon.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

Here is the plan.
--b
Content-Type: application/pdf; name="gate-plan.pdf"
Content-Disposition: attachment; filename="gate-plan.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
"""
#: When the first email of a test was sent; each next one a minute later.
BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = count(1)


def make_email(
    *contacts: Contact,
    subject: str = "Offer",
    sent_at: datetime | None = None,
    sender: tuple[str, str] = ("Ines Moreau", "ines@atelier-lyon.example"),
    to: Sequence[str] = ("alice@northwind.example",),
    thread: Thread | None = None,
    seen_by: Membership | None = None,
    **fields: Any,
) -> Email:
    """An email that is stored for these contacts, in the scope that is open."""
    number = next(_numbers)
    sent_at = sent_at or BEGINNING + timedelta(minutes=number)
    name, address = sender
    values: dict[str, Any] = {
        "fingerprint": f"{number:032}",
        "direction": Email.Direction.INCOMING,
        "snippet": f"About {subject}.",
        "text": f"About {subject}.",
        "size": 1_000,
        "search": "",
    }
    email = Email.objects.create(
        thread=thread or Thread.objects.create(),
        subject=subject,
        sent_at=sent_at,
        from_name=name,
        from_address=address,
        **values | fields,
    )
    Party.objects.create(email=email, role=Party.Role.FROM, name=name, address=address, position=0)
    for position, recipient in enumerate(to, start=1):
        Party.objects.create(email=email, role=Party.Role.TO, address=recipient, position=position)
    for contact in contacts:
        Link.objects.create(email=email, contact=contact, sent_at=sent_at)
    if seen_by is not None:
        Source.objects.create(email=email, door=door_of(seen_by), key=f"{number:x}")
    return email


def door_of(member: Membership, kind: Door.Kind = Door.Kind.GMAIL) -> Door:
    """A member's mailbox."""
    return Door.objects.get_or_create(member=member, kind=kind, address=member.user.email)[0]


def make_message(raw: bytes, *contacts: Contact, **fields: Any) -> Email:
    """An email whose original is kept, with what can be read of it."""
    message = mime.parse(raw)
    assert isinstance(message, Message)
    values: dict[str, Any] = {
        "fingerprint": hashlib.sha256(raw).hexdigest()[:32],
        "subject": message.envelope.subject,
        "text": message.text,
        "snippet": message.snippet,
        "has_html": bool(message.html),
        "has_attachments": any(not one.is_inline for one in message.attachments),
        "original": originals.keep(raw),
        "size": len(raw),
    }
    email = make_email(*contacts, **values | fields)
    for one in message.attachments:
        Attachment.objects.create(
            email=email,
            position=one.position,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            content_id=one.content_id,
            is_inline=one.is_inline,
        )
    return email


def index_words() -> None:
    """Lets the emails of the scope that is open be found by their words, as the migration does with those of before."""
    migration = import_module("emails.migrations.0004_search_by_section")
    last = 0
    with connection.cursor() as cursor:
        while ids := migration._batch(cursor, last):
            last = ids[-1]
