"""What is inside a message: its MIME parts as Gmail numbers them, its text, its snippet, its files."""

from __future__ import annotations

import email
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message as Mime
from functools import lru_cache

from emulator.message import Message
from emulator.rfc822 import decode, fields

MAX_DEPTH = 60
SNIPPET = 200
_HIDDEN_HTML = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_ENCODED = (b"=?", b"base64", b"quoted-printable", b"*=", b"&", b"utf-7", b"utf-16", b"uuencode", b"iso-2022", b"hz-gb")
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Part:
    """A MIME part. `part_id` is "" for the whole, then "0", "1", "1.0"…; header values are decoded."""

    part_id: str
    mime_type: str
    filename: str
    headers: list[tuple[str, str]]
    source: Mime
    parts: list[Part] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        return self.mime_type.startswith("text/")

    def walk(self) -> Iterator[Part]:
        yield self
        for part in self.parts:
            yield from part.walk()

    def content(self) -> bytes:
        """The decoded body; text that is no attachment comes in UTF-8, whatever it was sent in."""
        if self.mime_type == "message/rfc822" and self.parts:
            return self.parts[0].source.as_bytes()
        if self.parts or self.source.is_multipart():
            return b""
        data = self.source.get_payload(decode=True)
        if not isinstance(data, bytes):
            return b""
        return _as_utf8(data, self.source) if self.is_text and not self.filename else data


def parse(raw: bytes) -> Part:
    """Never raises: what cannot be read as MIME is one part of plain text."""
    try:
        source = email.message_from_bytes(raw)
        return _part(source, "", fields(raw), depth=0)
    except (RecursionError, MessageError, ValueError, LookupError, TypeError):
        # A message made to break parsers: its body alone, unparsed, under a type of its own.
        source = Mime()
        source.set_type("text/plain")
        source.set_payload(raw.decode("latin-1").partition("\n\n")[2][:SNIPPET])
        return Part("", "text/plain", "", fields(raw), source)


@lru_cache(maxsize=256)
def parsed(message: Message) -> Part:
    """As `parse`; kept for a while, since a client that asks for a message asks for its attachments next."""
    return parse(message.raw)


def filenames(message: Message) -> list[str]:
    if b"name" not in message.raw and not message.has_attachment:
        return []
    return [part.filename for part in parsed(message).walk() if part.filename]


def snippet(message: Message) -> str:
    """The beginning of the text, escaped for HTML as Gmail gives it."""
    kept = message.extra.get("gmail.snippet")
    if isinstance(kept, str):
        return kept
    text = " ".join(body_text(parsed(message))[: SNIPPET * 20].split())[:SNIPPET]
    made = html.escape(text).replace("&#x27;", "&#39;")
    message.extra["gmail.snippet"] = made
    return made


def may_contain(message: Message, spelt: Iterable[bytes]) -> bool:
    """By a look at the bytes: False only where nothing is encoded and one of the lower-case words is not there."""
    raw = message.raw.lower()
    return all(word in raw for word in spelt) or any(mark in raw for mark in _ENCODED)


def searchable_text(message: Message) -> str:
    """All that a plain word in a query is looked for in."""
    head = message.head
    people = (head.sender, head.to, head.cc, head.bcc)
    return "\n".join(
        [decode(each) for each in (head.subject, *people)] + filenames(message) + [body_text(parsed(message))]
    )


def body_text(whole: Part) -> str:
    """The plain text of a message, else its HTML without the tags; attachments are left out."""
    leaves = [part for part in whole.walk() if not part.parts and not part.filename]
    for kind in ("text/plain", "text/html"):
        texts = [part.content().decode("utf-8", "replace") for part in leaves if part.mime_type == kind]
        if any(text.strip() for text in texts):
            return "\n".join(texts if kind == "text/plain" else [_untagged(text) for text in texts])
    return ""


def _part(source: Mime, part_id: str, headers: list[tuple[str, str]], *, depth: int) -> Part:
    part = Part(
        part_id=part_id,
        mime_type=source.get_content_type(),
        filename=_filename(source),
        headers=[(name, decode(value)) for name, value in headers],
        source=source,
    )
    payload = source.get_payload()
    if isinstance(payload, list) and depth < MAX_DEPTH:
        above = f"{part_id}." if part_id else ""
        part.parts = [
            _part(child, f"{above}{number}", _headers(child), depth=depth + 1)
            for number, child in enumerate(payload)
            if isinstance(child, Mime)
        ]
    return part


def _headers(source: Mime) -> list[tuple[str, str]]:
    return [(name, re.sub(r"\r?\n(?=[ \t])", "", str(value))) for name, value in source.items()]


def _filename(source: Mime) -> str:
    try:
        return decode(source.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        # Broken RFC 2231 parameters: the part stays, without a name.
        return ""


def _as_utf8(data: bytes, source: Mime) -> bytes:
    charset = str(source.get_param("charset") or "utf-8")
    try:
        return data.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace").encode("utf-8")


def _untagged(text: str) -> str:
    return html.unescape(_TAG.sub(" ", _HIDDEN_HTML.sub(" ", text)))
