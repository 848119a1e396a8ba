"""What was typed to search (`emails.searching`), as conditions for PostgreSQL.

The vector of an email has weights (`emails.words`): whoever sees the subject only finds it by subject, sender and
recipients alone, or a search would tell them what it says (R37).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.utils import timezone

from accounts import queries as accounts
from accounts.models import Membership
from contacts import queries as contacts
from contacts.models import ContactTag
from emails.models import Party
from emails.queries.boxes import CONDITIONS, Box, came_by
from emails.queries.having import Has
from emails.queries.seeing import in_full, visible_links
from emails.searching import Operator, Phrase, Search, Term, written
from emails.words import marked, words

#: In which sections of the vector each operator looks, and whether for words that are marked.
PLACES: Final = {
    Operator.ANY: ("", False),
    Operator.SUBJECT: ("A", False),
    Operator.FROM: ("B", False),
    Operator.TO: ("C", False),
    Operator.CC: ("C", True),
    Operator.FILENAME: ("D", True),
}
NOTHING: Final = Q(pk__in=[])
#: What is seen with the subject.
OPEN: Final = "ABC"
ROLES: Final = {
    Operator.FROM: [Party.Role.FROM],
    Operator.TO: [Party.Role.TO, Party.Role.CC],
    Operator.CC: [Party.Role.CC],
}


def found_by(member: Membership, search: Search, has: Has) -> Q:
    """Of emails that the member can see, in full where a term `tells_the_text`: that they have all that is asked.

    ``has`` says how what stands in other tables is asked for.
    """
    worded = [term for term in search.terms if _is_worded(term)]
    found = _have(member, [term for term in worded if not term.is_excluded], " & ")
    excluded = [term for term in worded if term.is_excluded]
    if excluded:
        found &= ~_have(member, excluded, " | ")
    for term in search.terms:
        if term not in worded:
            condition = _CONDITIONS[term.operator](member, term, has)
            found &= ~condition if term.is_excluded else condition
    # Rather than all emails, as if they were what was found, where nothing of it can be looked for.
    return found or NOTHING


def is_by_words(search: Search) -> bool:
    """Whether it asks for words, which have an index of their own."""
    return any(_is_worded(term) and not term.is_excluded for term in search.terms)


def search_problems(search: Search) -> list[str]:
    """Sentences about what was typed and cannot be looked for: nobody is called so, say."""
    return [*search.problems, *(problem for term in search.terms if (problem := _unknown(term)))]


def _is_worded(term: Term) -> bool:
    return bool(term.phrase.words) and term.operator in PLACES


# --- Words --------------------------------------------------------------------------------------


def _have(member: Membership, terms: list[Term], join: str) -> Q:
    if not terms:
        return Q()
    found = _match(terms, join)
    if any(term.operator is Operator.ANY for term in terms):
        found &= in_full(member) | _match(terms, join, only=OPEN)
    return found


def _match(terms: list[Term], join: str, *, only: str = "") -> Q:
    parts = (_tsquery(term.phrase, *PLACES[term.operator], only) for term in terms)
    return Q(search=SearchQuery(join.join(f"({part})" for part in parts), config="simple", search_type="raw"))


def _tsquery(phrase: Phrase, weights: str, is_marked: bool, only: str) -> str:
    # Words are letters and digits: nothing in them is of the query's own language.
    spaced = " ".join(phrase.words)
    found = (marked(spaced) if is_marked else spaced).split()
    weights = weights or only
    labels = [f":{weights}" if weights else ""] * len(found)
    if phrase.begins:
        labels[-1] = f":*{weights}"
    return " <-> ".join(f"'{word}'{label}" for word, label in zip(found, labels, strict=True))


# --- All the others -----------------------------------------------------------------------------


def _of_party(_member: Membership, term: Term, has: Has) -> Q:
    return has(Party.objects.filter(address=term.address, role__in=ROLES[term.operator]))


def _with(_member: Membership, term: Term, _has: Has) -> Q:
    return Q(has_attachments=True) if term.value == "attachment" else CONDITIONS[Box.QUOTES]


def _in_box(_member: Membership, term: Term, _has: Has) -> Q:
    return CONDITIONS[Box(term.value)]


def _before(_member: Membership, term: Term, _has: Has) -> Q:
    return Q(sent_at__lt=_beginning(term.day)) if term.day else Q()


def _after(_member: Membership, term: Term, _has: Has) -> Q:
    return Q(sent_at__gte=_beginning(term.day)) if term.day else Q()


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# A name that nobody has asks nothing: `search_problems` tells of it.


def _by_member(member: Membership, term: Term, has: Has) -> Q:
    found = tuple(_members(term))
    return came_by(member, found, has) if found else Q()


def _tagged(member: Membership, term: Term, has: Has) -> Q:
    found = _tags(term)
    if not found:
        return Q()
    tagged = ContactTag.objects.filter(tag__in=found).values("contact")
    return has(visible_links(member).filter(contact__in=tagged))


_CONDITIONS: Final[dict[Operator, Callable[[Membership, Term, Has], Q]]] = {
    Operator.FROM: _of_party,
    Operator.TO: _of_party,
    Operator.CC: _of_party,
    Operator.HAS: _with,
    Operator.IN: _in_box,
    Operator.IS: _in_box,
    Operator.BEFORE: _before,
    Operator.AFTER: _after,
    Operator.MEMBER: _by_member,
    Operator.TAG: _tagged,
}


# --- Names --------------------------------------------------------------------------------------


def _members(term: Term) -> list[int]:
    """Of those that are called so, or whose address has these words: their beginnings are enough."""
    found = []
    for one in accounts.list_members():
        own = words(f"{one.user.name} {one.user.email}").split()
        if term.phrase.words and all(any(word.startswith(typed) for word in own) for typed in term.phrase.words):
            found.append(one.pk)
    return found


def _tags(term: Term) -> list[int]:
    spaced = " ".join(term.phrase.words)
    spelled = ((tag.pk, " ".join(words(tag.name).split())) for tag in contacts.list_tags())
    return [
        pk for pk, name in spelled if spaced and (name.startswith(spaced) if term.phrase.begins else name == spaced)
    ]


def _unknown(term: Term) -> str:
    if term.operator is Operator.MEMBER and not _members(term):
        names = [str(one) for one in accounts.members(active_only=True)]
        return f"Nobody in the team is called {term.value}. {_choose(term, names)}"
    if term.operator is Operator.TAG and not _tags(term):
        return f"There is no tag {term.value}. {_choose(term, [tag.name for tag in contacts.list_tags()])}"
    return ""


def _choose(term: Term, names: list[str]) -> str:
    """A sentence with some that there are: those that are spelled alike, else the first ones."""
    by_spelling = {words(name).strip(): name for name in names}
    near = get_close_matches(" ".join(term.phrase.words), by_spelling, n=3, cutoff=0.5)
    chosen = [by_spelling[one] for one in near] or names[:3]
    if not chosen:
        return f"Take {term.operator}: away."
    return f"Try {', or '.join(written(term.operator, name) for name in chosen)}."
