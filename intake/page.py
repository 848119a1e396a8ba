"""The values that a page of messages goes through on its way in. All frozen: each step answers new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from intake.exclude import Exclusions
from intake.match import Candidates
from intake.verdict import Outcome
from mailkit.message import Attachment, Envelope, Party
from providers.base import Seen

#: Characters of a body that are kept to be read; the original has all of it.
TEXT_LENGTH: Final = 1_000_000
#: Bytes that are searched. PostgreSQL refuses more than 1 MB of words with their places, and some words count twice.
SEARCH_LENGTH: Final = 200_000

# --- What is known of a message ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored of a message beside its envelope. ``said`` is for the search, ``text`` for the reader.

    ``problem`` says why only the headers are here. ``original`` is empty until the original is kept.
    """

    size: int
    text: str = ""
    said: str = ""
    snippet: str = ""
    has_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    original: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message cannot be had, for good or until it is tried again."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a page.

    ``envelope`` is by the provider's headers until the message was read, and by both from then on; ``fingerprint`` is
    empty while it depends on the body. ``is_held`` says that the provider would not give it now; ``is_bodyless``
    that only its headers are to be had.
    """

    seen: Seen
    envelope: Envelope | None = None
    fingerprint: str = ""
    content: Content | None = None
    failure: Failure | None = None
    is_missing: bool = False
    is_held: bool = False
    is_bodyless: bool = False

    @property
    def key(self) -> str:
        return self.seen.id


# --- What is known beside it ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided:
    """An earlier decision about the same message through the same door."""

    outcome: Outcome
    reason: str
    attempts: int
    received_at: datetime | None
    email_id: int | None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Existing:
    """A stored email; ``parties`` are there only where asked for.

    ``holders`` are the contacts it is stored for, or was until a user took it away: then no other gets it (R18).
    """

    id: int
    sent_at: datetime
    is_deleted: bool
    by_crm: bool
    holders: frozenset[int]
    parties: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that deciding a page needs from the database, as far as its messages, addresses and fingerprints go."""

    #: The membership whose door it is: R5 asks what this person may see.
    viewer: int
    first_only: bool
    exclusions: Exclusions
    candidates: Candidates
    decisions: Mapping[str, Decided] = field(default_factory=dict)
    emails: Mapping[str, Existing] = field(default_factory=dict)
    #: By id, the emails of earlier decisions, where links are to be completed.
    relinked: Mapping[int, Existing] = field(default_factory=dict)


# --- What shall be done --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a message, and the contacts to link; ``email`` where it is there already.

    An outcome KNOWN with contacts only completes the links of an email that was stored before. ``withdrawn`` is the id
    of one that was stored before and shall be taken away.
    """

    item: Item
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    contacts: tuple[int, ...] = ()
    email: Existing | None = None
    withdrawn: int = 0
    attempts: int = 1
    next_attempt_at: datetime | None = None
