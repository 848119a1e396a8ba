"""What apps above put on the card of a contact's page: they know more of a contact than contacts do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.http import MemberRequest
from contacts.models import Contact


@dataclass(frozen=True)
class Part:
    """Rows of the card's list of facts; ``context`` answers what ``template`` shows."""

    template: str
    context: Callable[[MemberRequest, Contact], dict[str, Any]]


_parts: list[Part] = []


def add_part(template: str, context: Callable[[MemberRequest, Contact], dict[str, Any]]) -> None:
    """Puts one on every contact's card; for when the apps are loaded."""
    _parts.append(Part(template, context))


def card_context(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    """All parts with what they show."""
    context: dict[str, Any] = {"parts": [part.template for part in _parts]}
    for part in _parts:
        context |= part.context(request, contact)
    return context
