"""The values that mail becomes: what is known of a message from its headers, and all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Where an address stands in a message. Bcc is no party (R1), but its owner may see it."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a header names.

    ``address`` is normalised (R2), and empty where the header has none that mail could be sent to; ``name`` is
    what to show: the display name, or else the text as it stands.
    """

    role: Role
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """All that deciding needs of a message, and nothing of its body.

    ``message_id`` is without angle brackets and empty where the message has none; ``parties`` are From, To and Cc in
    this order, each address once a role; ``sent_at`` is UTC by the Date header, or else by the newest Received, or
    None where neither can be read; ``references`` are In-Reply-To and References, oldest first, without
    doubles, at most 50.
    """

    message_id: str
    parties: tuple[Party, ...]
    bcc: tuple[Party, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    references: tuple[str, ...] = ()

    @property
    def sender(self) -> Party | None:
        """The first From, if there is any."""
        return next((party for party in self.parties if party.role is Role.FROM), None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a message that is a file. ``position`` counts from 0; `mime.attachment` gives its content by it.

    ``size`` is in bytes, decoded. ``content_id`` is without brackets; ``is_inline`` where the body shows it itself.
    """

    position: int
    name: str
    content_type: str
    size: int
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message that could be read. No text holds a NUL or a lone surrogate: PostgreSQL takes them all.

    ``text`` is what a person reads, made from ``html`` where there is no plain part; ``html`` is as it came, not
    sanitised; ``said`` is ``text`` without quoted history; ``snippet`` its first 200 characters on one line.
    ``defects`` name what was wrong with the message and got over: some of `mailkit.mime.parse`'s list.
    """

    envelope: Envelope
    text: str
    html: str
    said: str
    snippet: str
    attachments: tuple[Attachment, ...]
    size: int
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that could not be read, and why: ``reason`` is one word for programs, ``detail`` for people.

    ``envelope`` is there where at least the headers could be read, which is nearly always.
    """

    reason: str
    detail: str
    envelope: Envelope | None = None
