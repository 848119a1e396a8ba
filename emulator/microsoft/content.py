"""What is inside a message: its body in both kinds, and its attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message as Mime
from functools import lru_cache
from hashlib import blake2b
from html import escape
from html.parser import HTMLParser
from typing import Literal

from emulator.rfc822 import decode, split

PREVIEW = 255
_CACHED = 256
_SCRIPTS = re.compile(r"<(script|object|embed|iframe)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HANDLERS = re.compile(r"\son[a-z]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_QUOTE_START = re.compile(
    r"<blockquote\b|<div[^>]+class=\"?gmail_quote|<div[^>]+id=\"?(?:appendonsend|divRplyFwdMsg)|<hr\b"
    r"|^>|^-{2,}\s*Original Message|^_{10,}\s*$|^From:\s.+$|^On .{4,200} wrote:\s*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment. `mark` tells it from the message's others, and stays when some of those go."""

    kind: Literal["file", "item"]
    name: str
    content_type: str
    data: bytes
    inline: bool
    content_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class Content:
    """The body as sent, HTML and plain, None where the message has no such part; and the attachments in
    order.
    """

    html: str | None
    text: str | None
    parts: tuple[Part, ...]

    @property
    def has_attachments(self) -> bool:
        """Exchange does not count inline ones."""
        return any(not part.inline for part in self.parts)

    def body(self, wanted: Literal["text", "html"] | None, *, unsafe: bool = False) -> tuple[str, str]:
        """(`html` or `text`, content): what the message has, HTML first, or the kind wanted, converted if need
        be. Without `unsafe` scripts are taken out.
        """
        if wanted == "text" or (wanted is None and self.html is None):
            return "text", self.plain
        html = self.html if self.html is not None else _as_html(self.text or "")
        return "html", html if unsafe else _HANDLERS.sub("", _SCRIPTS.sub("", html))

    @property
    def plain(self) -> str:
        if self.text is not None:
            return self.text
        return html_to_text(self.html or "")

    @property
    def preview(self) -> str:
        return " ".join(self.plain[: PREVIEW * 8].split())[:PREVIEW]


def unique(content: str) -> str:
    """What this message says itself, cut where the quoted one begins."""
    found = _QUOTE_START.search(content)
    return content[: found.start()].rstrip() if found else content


@lru_cache(maxsize=_CACHED)
def read(raw: bytes) -> Content:
    """Never raises: what cannot be decoded is replaced characters, and a hopeless message is text as it stands."""
    try:
        return _read(raw)
    except (ValueError, LookupError, RecursionError):
        # Hostile MIME: false charsets inside attached messages, or nested deeper than the parser goes.
        return Content(None, split(raw)[1].decode("utf-8", "replace"), ())


def _read(raw: bytes) -> Content:
    html: list[str] = []
    text: list[str] = []
    parts: list[Part] = []
    for part, related in _leaves(message_from_bytes(raw, policy=policy.compat32), related=False):
        kind = part.get_content_type()
        shown = kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment"
        if shown and part.get_filename() is None:
            (html if kind == "text/html" else text).append(_text(part))
        else:
            parts.append(_part(part, related=related, before=parts))
    return Content("\n".join(html) if html else None, "\n".join(text) if text else None, tuple(parts))


def _leaves(part: Mime, *, related: bool) -> Iterator[tuple[Mime, bool]]:
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        inside = part.get_content_subtype() == "related"
        for child in part.get_payload():
            if isinstance(child, Mime):
                yield from _leaves(child, related=inside)
    else:
        yield part, related


def _part(part: Mime, *, related: bool, before: list[Part]) -> Part:
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    kind: Literal["file", "item"] = "item" if part.get_content_type() == "message/rfc822" else "file"
    if kind == "item":
        data, name = _attached_message(part)
    else:
        data, name = _bytes(part), _name(part) or f"ATT{len(before) + 1:05}"
    disposition = part.get_content_disposition()
    inline = disposition == "inline" or (related and bool(content_id) and disposition != "attachment")
    digest = blake2b(data + name.encode(), digest_size=12).hexdigest()
    twins = sum(other.data == data and other.name == name for other in before)
    return Part(kind, name, part.get_content_type(), data, inline, content_id, f"{content_id}:{digest}:{twins}")


def _attached_message(part: Mime) -> tuple[bytes, str]:
    """The message's bytes, and its name: the part's, or else its subject."""
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Mime):
        data, subject = inner[0].as_bytes(), decode(str(inner[0].get("Subject", "")))
    else:
        data, subject = _bytes(part), ""
    return data, _name(part) or subject or "Message"


def _name(part: Mime) -> str:
    return decode(part.get_filename() or "").strip()


def _bytes(part: Mime) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(part: Mime) -> str:
    data = _bytes(part)
    charset = part.get_content_charset() or "utf-8"
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8", "replace")


def _as_html(text: str) -> str:
    lines = escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    head = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    return f"<html><head>\r\n{head}</head><body>{lines}</body></html>"


class _Text(HTMLParser):
    """Text of HTML, with line ends where blocks end."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table", "hr"})
    _HIDDEN = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.chunks: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.chunks.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.chunks.append(re.sub(r"\s+", " ", data))


def html_to_text(html: str) -> str:
    parser = _Text()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError:
        # html.parser gives up on a broken declaration such as "<![": its text is what was read so far.
        pass
    return re.sub(r"\n{3,}", "\n\n", "".join(parser.chunks)).strip()
