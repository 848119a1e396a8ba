"""Where in an email's text a search has hit, for rows whose subject and beginning do not show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.db.models.functions import Left

from crm.lib.bulk import is_among
from emails.models import SNIPPET_LENGTH, Email
from emails.queries.listed import Listed
from emails.searching import Phrase, Search
from emails.words import first_in, found_in

#: Characters of a text that are looked through; whose hit is further down, shows its beginning.
READ: Final = 10_000
#: Characters before the hit.
BEFORE: Final = 50


def show_hits(emails: Sequence[Listed], search: Search) -> list[Listed]:
    """These emails with a snippet around the hit, where what is shown has none and they are readable. One query."""
    wanted = {email.id: phrase for email in emails if email.is_readable and (phrase := _missing(email, search))}
    if not wanted:
        return list(emails)
    texts = dict(Email.objects.filter(is_among("pk", wanted)).values_list("pk", Left("text", READ)))
    return [_shown(email, texts.get(email.id, ""), wanted.get(email.id)) for email in emails]


def _shown(email: Listed, text: str, phrase: Phrase | None) -> Listed:
    at = first_in(text, phrase.words, begins=phrase.begins) if phrase else None
    return email if at is None else replace(email, snippet=_around(text, at))


def _missing(email: Listed, search: Search) -> Phrase | None:
    """The first phrase that is neither in subject nor in snippet."""
    for phrase in search.marked(in_subject=False):
        one = [(phrase.words, phrase.begins)]
        if not found_in(email.subject, one) and not found_in(email.snippet, one):
            return phrase
    return None


def _around(text: str, at: int) -> str:
    start = text.find(" ", max(0, at - BEFORE), at) + 1 or at if at > BEFORE else 0
    piece = " ".join(text[start : start + SNIPPET_LENGTH].split())
    return f"…{piece}" if start else piece
