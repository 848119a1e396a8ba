"""What operations answer, and how they speak of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Undo
from contacts.models import Contact


@dataclass(frozen=True)
class Done:
    """How many rows an operation touched, what to tell, and how to take it back; no undo where nothing happened."""

    count: int
    message: str
    undo: Undo | None = None


def plural(count: int, noun: str) -> str:
    """``1 contact``, ``1,200 contacts``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def named(contacts: Sequence[Contact]) -> str:
    """One contact by name, several by their number; for the member who can see them."""
    return contacts[0].name if len(contacts) == 1 else plural(len(contacts), "contact")


def named_for_all(contacts: Sequence[Contact]) -> str:
    """The same for the audit log, where admins read it: the name of a private contact stays private (R37)."""
    if len(contacts) == 1 and contacts[0].is_private:
        return "a private contact"
    return named(contacts)
