"""What was searched for, in templates: the words marked, and what could not be understood."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from emails import queries
from emails.forms import ListQuery
from emails.searching import Phrase
from emails.words import found_in

register = template.Library()


@register.filter
def marked_subject(text: object, query: object) -> SafeString:
    """A subject, with what ``query``, a `ListQuery`, looks for there in ``<mark>``; escaped, whatever it says."""
    return _marked(str(text), query.search.marked(in_subject=True) if isinstance(query, ListQuery) else ())


@register.filter
def marked(text: object, query: object) -> SafeString:
    """The same of what an email says."""
    return _marked(str(text), query.search.marked(in_subject=False) if isinstance(query, ListQuery) else ())


def _marked(shown: str, phrases: Sequence[Phrase]) -> SafeString:
    last = 0
    pieces: list[str] = []
    for start, end in found_in(shown, [(phrase.words, phrase.begins) for phrase in phrases]) if phrases else ():
        pieces.append(f"{escape(shown[last:start])}<mark>{escape(shown[start:end])}</mark>")
        last = end
    return SafeString("".join([*pieces, escape(shown[last:])]))


@register.simple_tag
def search_problems(query: object) -> list[str]:
    """Sentences about what was typed and is not looked for."""
    return queries.search_problems(query.search) if isinstance(query, ListQuery) and query.q else []
