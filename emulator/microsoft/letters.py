"""Drafts as MIME: written from JSON, and rewritten when a property of theirs changes."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from emulator import rfc822
from emulator.delivery import complete, new_message_id
from emulator.microsoft import content, directory
from emulator.microsoft.errors import GraphError
from emulator.microsoft.recipients import Person
from emulator.world import World

_STRUCTURE = ("content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version")
_LINE = 900
_TOKEN = re.compile(r"[\w.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """`kind` is `text` or `html`."""

    kind: str
    content: str


def new(world: World, sender: str) -> bytes:
    """An empty message from this address, dated now and with a Message-ID."""
    headers = [
        ("From", people_header([Person(directory.display_name(sender), sender)])),
        ("Date", format_datetime(world.clock.now())),
        ("Message-ID", new_message_id(world, sender.rpartition("@")[2])),
    ]
    return _written(headers, Body("text", ""), ())


def from_mime(world: World, data: bytes, sender: str) -> bytes:
    """A message that came as base64 of its MIME; From becomes the mailbox's own address.

    Raises GraphError for what is not base64.
    """
    try:
        raw = b64decode(b"".join(data.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise GraphError(
            400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
        ) from error
    if not rfc822.fields(raw):
        raise GraphError(400, "ErrorMimeContentInvalid", "The MIME content is invalid.")
    own = [each for each in rfc822.addresses(rfc822.read_head(raw).sender) if each.address == sender]
    raw = raw if own else rfc822.append(rfc822.remove(raw, "From"), [("From", sender)])
    return complete(world, raw, sender)


def set_header(raw: bytes, name: str, value: str) -> bytes:
    """Replace a header, or, by an empty value, take it out; `value` is encoded already."""
    kept = rfc822.remove(raw, name)
    if not value:
        return kept
    block, rest = rfc822.split(kept)
    return block + f"{name}: {value}\r\n".encode("ascii", "replace") + rest


def set_body(raw: bytes, body: Body) -> bytes:
    return _written(_headers(raw), body, content.read(raw).parts)


def set_parts(raw: bytes, parts: Sequence[content.Part]) -> bytes:
    """The same message with other attachments."""
    return _written(_headers(raw), body_of(raw), parts)


def body_of(raw: bytes) -> Body:
    kind, text = content.read(raw).body(None, unsafe=True)
    return Body(kind, text)


def text_header(value: str) -> str:
    """RFC 2047 where it is not ASCII; line ends become blanks."""
    flat = " ".join(value.split("\0", maxsplit=1)[0].splitlines())
    return flat if flat.isascii() and len(flat) < _LINE else Header(flat, "utf-8").encode(linesep="\r\n")


def people_header(people: Iterable[Person]) -> str:
    return ",\r\n ".join(formataddr((each.name, each.address)) if each.name else each.address for each in people)


def _headers(raw: bytes) -> list[tuple[str, str]]:
    return [
        (name, value if value.isascii() else text_header(value))
        for name, value in rfc822.fields(raw)
        if name.lower() not in _STRUCTURE
    ]


def _written(headers: Iterable[tuple[str, str]], body: Body, parts: Sequence[content.Part]) -> bytes:
    """Inline parts beside the HTML that shows them, all others after it."""
    mime = EmailMessage(policy=policy.SMTP)
    mime.set_content(body.content, subtype="html" if body.kind == "html" else "plain")
    related = [part for part in parts if part.inline and body.kind == "html"]
    for part in related:
        mime.add_related(part.data, **_described(part))
    for part in parts:
        if part.kind == "item":
            inner = message_from_bytes(part.data, policy=policy.SMTP)
            mime.add_attachment(inner, filename=_flat(part.name))
        elif part not in related:
            mime.add_attachment(part.data, **_described(part))
    block = b"".join(_line(name, value) for name, value in headers)
    return block + mime.as_bytes()


def _described(part: content.Part) -> dict[str, Any]:
    """The headers of a part, without anything that would break out of them."""
    main, _, sub = part.content_type.partition(";")[0].strip().lower().partition("/")
    if not _TOKEN.fullmatch(main) or not _TOKEN.fullmatch(sub) or main in {"multipart", "message"}:
        main, sub = "application", "octet-stream"
    content_id = "".join(re.findall(r"[!-;=?-~]", part.content_id))
    return {
        "maintype": main,
        "subtype": sub,
        "filename": _flat(part.name),
        "cid": f"<{content_id}>" if content_id else None,
        "disposition": "inline" if part.inline else "attachment",
    }


def _flat(name: str) -> str:
    return " ".join(name.replace("\0", " ").split())


def _line(name: str, value: str) -> bytes:
    """Folded at blanks, for RFC 5322's 998 characters a line."""
    lines: list[str] = []
    current = f"{name}:"
    for word in value.split(" "):
        if len(current) + len(word) > _LINE and current.strip():
            lines.append(current)
            current = ""
        current += f" {word}"
    return "\r\n".join([*lines, current]).encode("ascii", "replace") + b"\r\n"
