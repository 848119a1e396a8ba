"""What only the original of an email has: its HTML, its pictures and its files. No database, so outside of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.http import Http404
from django.urls import reverse

from emails import originals
from emails.html import SafeHtml, safe_html
from emails.models import Attachment, Email
from mailkit import mime
from mailkit.message import Message

log = structlog.get_logger("emails.content")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with its content, and the type it may be shown as."""

    name: str
    content_type: str
    content: bytes


def original(email: Email) -> bytes:
    """The message as it came; 404 where it is not kept (``problem`` says why), or is lost, which is logged."""
    if not email.original:
        raise Http404
    try:
        return originals.read(email.original, tenant_id=email.tenant_id)
    except originals.NoOriginal as error:
        log.error("emails.original_lost", email=email.pk, digest=email.original)
        raise Http404 from error


def body(email: Email, attachments: Sequence[Attachment], *, with_remote: bool = False) -> SafeHtml:
    """The HTML of a message, safe to show within a sandboxed page; empty where there is none that can be read."""
    if not email.original:
        return SafeHtml("", 0)
    message = mime.parse(original(email))
    if not isinstance(message, Message):
        return SafeHtml("", 0)
    inline = {
        one.content_id.lower(): reverse("email_attachment", args=[email.pk, one.position])
        for one in attachments
        if one.content_id
    }
    return safe_html(message.html, inline, with_remote=with_remote)


def file(attachment: Attachment) -> File:
    """One attachment, decoded; 404 where the original is not kept."""
    found = mime.attachment(original(attachment.email), attachment.position)
    if found is None:
        raise Http404
    return File(attachment.name or f"attachment-{attachment.position + 1}", attachment.content_type, found[1])


def safe_name(name: str) -> str:
    """A name that no system takes for a path, a device or a hidden file."""
    kept = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in name)
    return kept.strip(" .")[:150] or "attachment"
