"""For whom a message is stored, or why for nobody. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a message is not stored; kept as a decision's reason, so that R43 can name the rule."""

    #: No party has an address of a contact that the door's member may see (R5).
    NO_CONTACT = "no-contact"
    #: All parties are our own people (R3).
    OWN_ONLY = "own-only"
    #: It is from an excluded address (R8).
    EXCLUDED_SENDER = "excluded-sender"
    #: All contacts among the parties are excluded (R9).
    EXCLUDED = "excluded"
    #: Where it lies (R20).
    DRAFT = "draft"
    SPAM = "spam"
    TRASH = "trash"
    CHAT = "chat"
    #: The mailbox's owner has put the label on it that keeps it out.
    NEVER = "never"
    #: They have put it on another copy of the same email.
    NEVER_COPY = "never-copy"
    #: It came before the day from which mail is wanted (R21).
    BEFORE = "before"
    #: It was deleted there before it could be read.
    GONE = "gone"


#: Reasons that hold while the message lies where it lay; moved back into the mail, it is judged anew.
OF_PLACE = frozenset({Reason.DRAFT, Reason.SPAM, Reason.TRASH, Reason.CHAT, Reason.NEVER, Reason.GONE})
#: Reasons that end with a new contact, or with an exclusion or an own address that is gone.
OF_RULES = frozenset({Reason.NO_CONTACT, Reason.OWN_ONLY, Reason.EXCLUDED_SENDER, Reason.EXCLUDED})
#: Those of them that no exclusion gave: deciding anew by them imports nothing that somebody wanted out (R12).
OF_ADDRESSES = frozenset({Reason.NO_CONTACT, Reason.OWN_ONLY})


class Outcome(StrEnum):
    """What became of a message; all but the last are kept, as `emails.models.Decision.Outcome`."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    FAILED = "failed"
    TOMBSTONE = "tombstone"
    #: Decided before, and left alone.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The contacts that get the message, by id and without doubles; none, then ``reason`` says why."""

    contacts: tuple[int, ...]
    reason: Reason | None = None

    @property
    def is_stored(self) -> bool:
        return self.reason is None


def nobody(reason: Reason) -> Verdict:
    """Not stored."""
    return Verdict((), reason)
