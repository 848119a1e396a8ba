"""Headers of raw mail: read cheaply, written in place. Bodies are never touched, so bytes stay what they
were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime

from emulator.clock import to_ms

MAX_HEADER_BYTES = 1_000_000
MAX_ADDRESSES = 10_000
MAX_REFERENCES = 20

# RFC 5322 section 2.2: a name of printable characters but the colon; white space leads folded lines.
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_MESSAGE_ID = re.compile(r"<\s*\[?([^<>\s\]]+)\]?\s*>")
_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rv|enc|odp|ynt|回复|转发|答复|返信)\s*(?:\[\d+\])?\s*[::]\s*)+",
    re.IGNORECASE,
)
Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """A person in a header: `name` decoded, `address` in lower case."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Head:
    """The headers that listing, searching and threading need. Values are unfolded but not decoded.

    `references` are the cited Message-IDs, oldest first, In-Reply-To last; ids come without angle brackets.
    `date_ms` is None where Date is missing or unreadable.
    """

    message_id: str
    references: tuple[str, ...]
    subject: str
    sender: str
    to: str
    cc: str
    bcc: str
    date_ms: int | None


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The header block with its last line end, and the rest from the empty line on."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw
    found = [at for at in (raw.find(b"\n\r\n"), raw.find(b"\n\n")) if at >= 0]
    end = min(found) + 1 if found else len(raw)
    return raw[:end], raw[end:]


def newline(raw: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in raw[:2000] or b"\n" not in raw[:2000] else b"\n"


def fields(raw: bytes) -> list[Field]:
    """Every header in order, unfolded; raw 8-bit text is read as UTF-8, else as Latin-1."""
    block = split(raw)[0][:MAX_HEADER_BYTES]
    return [(name.decode("ascii"), _text(value)) for name, value in _FIELD.findall(block)]


def read_head(raw: bytes) -> Head:
    """Never raises: what cannot be read is empty."""
    first: dict[str, str] = {}
    for name, value in fields(raw):
        first.setdefault(name.lower(), value)
    cited = message_ids(first.get("references", "")) + message_ids(first.get("in-reply-to", ""))
    return Head(
        message_id=next(iter(message_ids(first.get("message-id", ""))), ""),
        references=tuple(dict.fromkeys(cited))[-MAX_REFERENCES:],
        subject=first.get("subject", ""),
        sender=first.get("from", ""),
        to=first.get("to", ""),
        cc=first.get("cc", ""),
        bcc=first.get("bcc", ""),
        date_ms=read_date(first.get("date", "")),
    )


def message_ids(value: str) -> list[str]:
    """The ids in a Message-ID, References or In-Reply-To header; a bare one without brackets counts too."""
    found = _MESSAGE_ID.findall(value)
    bare = value.strip()
    return found or ([bare] if bare and " " not in bare and "<" not in bare else [])


def read_date(value: str) -> int | None:
    try:
        return to_ms(parsedate_to_datetime(value))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def decode(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) decoded; an undecodable one is left as it stands."""
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
        text = "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii", "replace") for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        return value
    return text.replace("\r", " ").replace("\n", " ").replace("\0", "")


def addresses(*values: str) -> list[Address]:
    """The people of address headers, without those that have no `local@domain`; bounded by MAX_ADDRESSES."""
    pairs = getaddresses([value for value in values if value])[:MAX_ADDRESSES]
    return [
        Address(decode(name), address.lower())
        for name, address in pairs
        if address.count("@") == 1 and not address.startswith("@") and not address.endswith("@")
    ]


def bare_subject(subject: str) -> str:
    """A subject as threading compares it: without reply and forward prefixes, case and spacing."""
    return " ".join(_REPLY_PREFIX.sub("", decode(subject)).casefold().split())


def prepend(raw: bytes, headers: Iterable[Field]) -> bytes:
    """Put headers on top, in this order. Raises ValueError where a value would break out of its line."""
    return _lines(headers, newline(raw)) + raw


def append(raw: bytes, headers: Iterable[Field]) -> bytes:
    """Put headers below the others. Raises ValueError where a value would break out of its line."""
    block, rest = split(raw)
    end = newline(raw)
    if block and not block.endswith(b"\n"):
        block += end
    return block + _lines(headers, end) + (rest or end)


def remove(raw: bytes, *names: str) -> bytes:
    """Take out every header of these names, folded lines included."""
    wanted = {name.lower().encode("ascii") for name in names}
    block, rest = split(raw)
    kept: list[bytes] = []
    at = 0
    for match in _FIELD.finditer(block):
        if match[1].lower() in wanted:
            kept.append(block[at : match.start()])
            at = min(match.end() + 1, len(block))
    kept.append(block[at:])
    return b"".join(kept) + rest


def _lines(headers: Iterable[Field], end: bytes) -> bytes:
    lines: list[bytes] = []
    for name, value in headers:
        if "\r" in value or "\n" in value:
            raise ValueError(f"a line end inside the header {name}")
        lines.append(f"{name}: {value}".encode() + end)
    return b"".join(lines)


def _text(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return _FOLD.sub("", text).strip().replace("\0", "")
