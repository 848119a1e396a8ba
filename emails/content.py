"""What only the original of an email has: its HTML, its pictures and its files. No database, so outside of a scope."""

from __future__ import annotations

import codecs
import io
import mimetypes
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from django.http import Http404
from django.urls import reverse

from emails import originals
from emails.html import is_signed, safe_html
from emails.models import Attachment, Email
from mailkit import charsets, mime
from mailkit.blind import without_bcc
from mailkit.message import Message
from mailkit.quoted import said
from mailkit.text import clean

#: In characters, of a text that a page shows.
LONGEST_SHOWN = 200_000
#: What stands between a message and its signature (RFC 3676, section 4.3), and the same where blanks got lost.
DASHES = ("\n-- \n", "\n--\n")
#: In characters: what is longer is no signature.
LONGEST_SIGNATURE = 2_000
log = structlog.get_logger("emails.content")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with its content, and the type it may be shown as."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """What may be shown of a message, and how many pictures from elsewhere it would load.

    ``folds`` and ``is_signed`` say whether its history and its signature fold.
    """

    html: str
    remote: int
    folds: bool
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says, the signature and the history below it, and whether that is only its beginning."""

    said: str
    signature: str
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
    folds = message.said.strip() != message.text.strip()
    return Body(safe.html, safe.remote, folds=folds, is_signed=is_signed(safe.html, with_history=not folds))


def words(text: str) -> Words:
    """A message's text as a page shows it. What it quotes is told apart where it stands below all that it says."""
    shown = text[:LONGEST_SHOWN].strip()
    own = said(shown)
    if not own or not shown.startswith(own):
        own = shown
    history = shown[len(own) :].strip()
    place = max(own.rfind(dashes) for dashes in DASHES)
    # A message that says nothing but who wrote it says that.
    is_signature = place > 0 and len(own) - place <= LONGEST_SIGNATURE and bool(own[:place].strip())
    signature = own[place:].strip() if is_signature else ""
    own = own[:place].rstrip() if is_signature else own
    return Words(own, signature, history, is_cut=len(text) > LONGEST_SHOWN)


def file(attachment: Attachment) -> File:
    """One attachment, decoded; 404 where the original is not kept."""
    found = mime.attachment(_kept(attachment.email), attachment.position)
    if found is None:
        raise Http404
    return File(_name(attachment), attachment.content_type, found[1])


def archive(email: Email, attachments: Iterable[Attachment]) -> bytes:
    """Attachments of one email in a zip file, each by a name of its own; 404 where the original is not kept.

    All of them are parts of one original, which has at most 50 MB.
    """
    wanted = {one.position: one for one in attachments}
    taken: set[str] = set()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as folder:
        for found, data in mime.files(_kept(email)):
            if found.position in wanted:
                folder.writestr(_unique(safe_name(_name(wanted[found.position])), taken), data)
    return packed.getvalue()


def excerpt(data: bytes) -> tuple[str, bool]:
    """The beginning of a file or an original as text, whatever its letters are, and whether that is not all."""
    beginning = data[:LONGEST_SHOWN]
    try:
        # One that takes no offence at a letter that the end cuts in two.
        text = codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        text = charsets.decode(beginning)[0]
    return clean(text), len(data) > LONGEST_SHOWN


def safe_name(name: str) -> str:
    """A name that no system takes for a path, a device or a hidden file."""
    kept = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in name)
    return kept.strip(" .")[:150] or "attachment"


def _name(attachment: Attachment) -> str:
    """Its own; else one that says what it is, as far as its type does."""
    known = mimetypes.guess_extension(attachment.content_type) or ""
    return attachment.name or f"attachment-{attachment.position + 1}{known}"


def _unique(name: str, taken: set[str]) -> str:
    """``plan (2).pdf`` where there is a ``Plan.PDF`` already: many systems know no letters' case."""
    stem, dot, extension = name.rpartition(".")
    stem, extension = (stem, dot + extension) if stem else (name, "")
    number, unique = 1, name
    while unique.lower() in taken:
        number += 1
        unique = f"{stem} ({number}){extension}"
    taken.add(unique.lower())
    return unique


def _kept(email: Email) -> bytes:
    if not email.original:
        raise Http404
    try:
        return originals.read(email.original, tenant_id=email.tenant_id)
    except originals.NoOriginal as error:
        log.error("emails.original_lost", email=email.pk, digest=email.original)
        raise Http404 from error
