"""What only the original of an email has: its HTML, its pictures and its files. No database, so outside of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.http import Http404
from django.urls import reverse

from emails import originals
from emails.html import safe_html
from emails.models import Attachment, Email
from mailkit import mime
from mailkit.blind import without_bcc
from mailkit.message import Message
from mailkit.quoted import said

#: In characters, of a text that a page shows.
LONGEST_SHOWN = 200_000
log = structlog.get_logger("emails.content")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with its content, and the type it may be shown as."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """What may be shown of a message, how many pictures from elsewhere it would load, and whether its history folds."""

    html: str
    remote: int
    folds: bool


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says, the history below it that it quotes, and whether that is only its beginning."""

    said: str
    history: str
    is_cut: bool


def original(email: Email, *, with_bcc: bool) -> bytes:
    """The message as it came; 404 where it is not kept (``problem`` says why), or is lost, which is logged.

    It may be the sender's own copy: ``with_bcc`` is what `queries.may_see_bcc` says of its reader (R1).
    """
    return _kept(email) if with_bcc else without_bcc(_kept(email))


def body(email: Email, attachments: Sequence[Attachment], *, with_remote: bool = False) -> Body:
    """The HTML of a message, safe to show within a sandboxed page; empty where there is none that can be read."""
    message = mime.parse(_kept(email)) if email.original else None
    if not isinstance(message, Message):
        return Body("", remote=0, folds=False)
    inline = {
        one.content_id.lower(): reverse("email_attachment", args=[email.pk, one.position])
        for one in attachments
        if one.content_id
    }
    safe = safe_html(message.html, inline, with_remote=with_remote)
    # Where a message says nothing of its own, a forwarded one say, what it quotes is what it says.
    return Body(safe.html, safe.remote, folds=message.said.strip() != message.text.strip())


def words(text: str) -> Words:
    """A message's text as a page shows it. What it quotes is told apart where it stands below all that it says."""
    shown = text[:LONGEST_SHOWN].strip()
    own = said(shown)
    if not own or not shown.startswith(own):
        own = shown
    return Words(own, history=shown[len(own) :].strip(), is_cut=len(text) > LONGEST_SHOWN)


def file(attachment: Attachment) -> File:
    """One attachment, decoded; 404 where the original is not kept."""
    found = mime.attachment(_kept(attachment.email), attachment.position)
    if found is None:
        raise Http404
    return File(attachment.name or f"attachment-{attachment.position + 1}", attachment.content_type, found[1])


def safe_name(name: str) -> str:
    """A name that no system takes for a path, a device or a hidden file."""
    kept = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in name)
    return kept.strip(" .")[:150] or "attachment"


def _kept(email: Email) -> bytes:
    if not email.original:
        raise Http404
    try:
        return originals.read(email.original, tenant_id=email.tenant_id)
    except originals.NoOriginal as error:
        log.error("emails.original_lost", email=email.pk, digest=email.original)
        raise Http404 from error
