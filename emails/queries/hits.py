"""Where in an email's text a search has hit, for rows whose subject and beginning do not show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models.functions import Left

from emails.models import SNIPPET_LENGTH, Email
from emails.queries.seeing import is_readable
from emails.searching import Phrase, Search
from emails.words import first_in, found_in

#: Characters of a text that are looked through; whose hit is further down, shows its beginning.
READ: Final = 10_000
#: Characters before the hit.
BEFORE: Final = 50


def show_hits(emails: Sequence[Email], search: Search) -> None:
    """Gives these emails a snippet around the hit, where what is shown has none. One query; wants revealed ones."""
    wanted = {email.pk: phrase for email in emails if (phrase := _missing(email, search)) and is_readable(email)}
    if not wanted:
        return
    texts = dict(Email.objects.filter(pk__in=wanted).values_list("pk", Left("text", READ)))
    for email in emails:
        phrase = wanted.get(email.pk)
        at = first_in(texts.get(email.pk, ""), phrase.words, begins=phrase.begins) if phrase else None
        if at is not None:
            email.snippet = _around(texts[email.pk], at)


def _missing(email: Email, search: Search) -> Phrase | None:
    """The first phrase that is neither in subject nor in snippet."""
    for phrase in search.marked:
        one = [(phrase.words, phrase.begins)]
        if not found_in(email.subject, one) and not found_in(email.snippet, one):
            return phrase
    return None


def _around(text: str, at: int) -> str:
    start = text.find(" ", max(0, at - BEFORE), at) + 1 or at if at > BEFORE else 0
    piece = " ".join(text[start : start + SNIPPET_LENGTH].split())
    return f"…{piece}" if start else piece
