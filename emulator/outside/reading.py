"""A raw message made readable: whatever it is, something can be shown. Nothing here raises for bad mail."""

from __future__ import annotations

import email
import re
from base64 import b64encode
from dataclasses import dataclass, field
from email.message import Message as Parsed
from html.parser import HTMLParser

from emulator import rfc822
from emulator.message import Message

MAX_PARTS = 500
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_CID = re.compile(r"cid:([^\"'\s)>]+)", re.IGNORECASE)
_SKIPPED = {"style", "script", "head", "title"}
_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "hr", "table"}
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_GAPS = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment by its number among the parts."""

    number: int
    name: str
    content_type: str
    content: bytes
    content_id: str


@dataclass(slots=True)
class Reading:
    """The readable parts of a message. `html` is as sent: show it in a sandbox only."""

    plain: str = ""
    html: str = ""
    attached: list[Attached] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The plain text, or what is left of the HTML."""
        return self.plain or html_to_text(self.html)

    @property
    def files(self) -> list[Attached]:
        """The attachments that the HTML does not show itself."""
        return [each for each in self.attached if not (each.content_id and f"cid:{each.content_id}" in self.html)]


def read(raw: bytes) -> Reading:
    reading = Reading()
    try:
        message = email.message_from_bytes(raw)
        for number, part in enumerate(_leaves(message)):
            _take(reading, number, part)
    except RecursionError:
        # Thousands of nested parts: a person can still read the source.
        reading.plain = raw.decode("utf-8", "replace")
    return reading


def snippet(message: Message, length: int = 140) -> str:
    """The beginning of what it says."""
    return " ".join(read(message.raw).text[: length * 4].split())[:length]


def with_pictures(reading: Reading) -> str:
    """The HTML with its own pictures in it, so that nothing has to be fetched for them."""
    known = {each.content_id: each for each in reading.attached if each.content_id}

    def replaced(match: re.Match[str]) -> str:
        picture = known.get(match[1])
        if picture is None or picture.content_type not in _PICTURES:
            return match[0]
        return f"data:{picture.content_type};base64,{b64encode(picture.content).decode('ascii')}"

    return _CID.sub(replaced, reading.html)


def html_to_text(html: str) -> str:
    """Its words, with a line for each block."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    text = _SPACES.sub(" ", "".join(reader.words))
    return _GAPS.sub("\n\n", text).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SKIPPED:
            self._skipping.append(tag)
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping and tag == self._skipping[-1]:
            self._skipping.pop()
        if tag in _BLOCKS - {"br", "hr"}:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.words.append(data.replace("\n", " "))


def _leaves(message: Parsed) -> list[Parsed]:
    """The parts that hold content, an enclosed message being one of them."""
    found: list[Parsed] = []
    waiting = [message]
    while waiting and len(found) < MAX_PARTS:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            inner = part.get_payload()
            waiting = [each for each in inner if isinstance(each, Parsed)] + waiting
        else:
            found.append(part)
    return found


def _take(reading: Reading, number: int, part: Parsed) -> None:
    kind = part.get_content_type()
    named = part.get_filename() or part.get_content_disposition() == "attachment"
    if kind == "text/plain" and not named:
        text = _text(part)
        reading.plain = f"{reading.plain}\n\n{text}" if reading.plain else text
    elif kind == "text/html" and not named:
        reading.html += _text(part)
    elif named or kind not in {"text/calendar", "multipart/alternative"}:
        reading.attached.append(_attached(number, part, kind))


def _attached(number: int, part: Parsed, kind: str) -> Attached:
    inner = part.get_payload()
    if kind == "message/rfc822" and isinstance(inner, list) and inner and isinstance(inner[0], Parsed):
        content, usual = _source(inner[0]), "message.eml"
    else:
        content, usual = _bytes(part), f"part-{number}"
    name = rfc822.decode(str(part.get_filename() or usual))
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    return Attached(number, " ".join(name.split())[:200], kind, content, content_id)


def _source(message: Parsed) -> bytes:
    try:
        return message.as_bytes()
    except (UnicodeError, LookupError, ValueError, TypeError):
        # The standard library cannot write everything that it can read.
        return str(message.get_payload()).encode("utf-8", "replace")


def _bytes(part: Parsed) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Parsed) -> str:
    data = _bytes(part)
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8"):
        try:
            return data.decode(charset).replace("\r\n", "\n").replace("\0", "")
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace").replace("\r\n", "\n").replace("\0", "")
