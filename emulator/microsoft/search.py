"""`$search` of messages: the part of Exchange's keyword language (KQL) that mail uses.

https://learn.microsoft.com/graph/search-query-parameter lists the properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emulator.clock import parse_moment
from emulator.microsoft import errors
from emulator.microsoft.properties import View, has_attachments, importance, sent_ms
from emulator.rfc822 import addresses, decode

_DAY_MS = 86_400_000
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[()])"
    r"|(?P<property>[A-Za-z]+)\s*(?P<relation>>=|<=|<>|[:=<>])\s*(?P<value>\"[^\"]*\"|[^\s()]+)"
    r"|(?P<words>\"[^\"]*\"|[^\s()]+))"
)
Text = Callable[[View], str]


@dataclass(frozen=True, slots=True)
class Term:
    """`property` "" looks everywhere."""

    property: str
    relation: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    kind: Literal["and", "or", "not"]
    parts: tuple[Search, ...]


Search = Term | Group


def parse(text: str) -> Search:
    """Raises GraphError. A search of more than a word stands in double quotes."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('\\"', '"')
    elif (odd := re.search(r"[^\w\s.@-]", text)) is not None:
        raise errors.bad_request(
            f"Syntax error: character '{odd[0]}' is not valid at position {odd.start()} in '{text[:200]}'."
        )
    if not text.strip():
        raise errors.bad_request("The $search query option must have a value.")
    parser = _Parser(text)
    return parser.whole()


def fits(view: View, search: Search) -> bool:
    if isinstance(search, Group):
        if search.kind == "not":
            return not fits(view, search.parts[0])
        some = all if search.kind == "and" else any
        return some(fits(view, part) for part in search.parts)
    if search.property in _DATES:
        return _within(_DATES[search.property](view), search)
    have = _TEXTS[search.property](view).casefold()
    wanted = search.value.casefold().rstrip("*")
    return have == wanted if search.property in _EXACT else wanted in have


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup]
        self._next = 0

    def whole(self) -> Search:
        found = self._either()
        if self._next < len(self._tokens):
            raise errors.bad_request(f"Syntax error in the search '{self._text[:200]}'.")
        return found

    def _either(self) -> Search:
        parts = [self._all()]
        while self._word("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def _all(self) -> Search:
        parts = [self._one()]
        while self._next < len(self._tokens) and self._here() not in {")", "OR"}:
            self._word("AND")
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _one(self) -> Search:
        if self._word("NOT"):
            return Group("not", (self._one(),))
        if self._word("("):
            found = self._either()
            if not self._word(")"):
                raise errors.bad_request(f"Syntax error in the search '{self._text[:200]}'.")
            return found
        if self._next >= len(self._tokens) or self._here() == ")":
            raise errors.bad_request(f"Syntax error in the search '{self._text[:200]}'.")
        return self._term(self._take())

    def _term(self, match: re.Match[str]) -> Search:
        name = (match["property"] or "").lower()
        if not name:
            return Term("", ":", match["words"].strip('"'))
        if name not in _TEXTS and name not in _DATES:
            # Exchange takes an unknown property and its value for mere words.
            return Term("", ":", match[0].strip().replace('"', ""))
        return Term(name, match["relation"], match["value"].strip('"'))

    def _here(self) -> str:
        return self._tokens[self._next][0].strip()

    def _word(self, word: str) -> bool:
        if self._next < len(self._tokens) and self._here() == word:
            self._next += 1
            return True
        return False

    def _take(self) -> re.Match[str]:
        self._next += 1
        return self._tokens[self._next - 1]


def _people(*values: str) -> str:
    return " ".join(f"{each.name} {each.address}" for each in addresses(*values))


def _from(view: View) -> str:
    return _people(view.message.head.sender)


def _recipients(view: View) -> str:
    head = view.message.head
    return _people(head.to, head.cc, head.bcc)


def _subject(view: View) -> str:
    return decode(view.message.head.subject)


def _body(view: View) -> str:
    return view.content.plain


def _attachments(view: View) -> str:
    return " ".join(part.name for part in view.content.parts)


def _everything(view: View) -> str:
    return " ".join(part(view) for part in (_subject, _from, _recipients, _body, _attachments))


_TEXTS: dict[str, Text] = {
    "": _everything,
    "from": _from,
    "to": lambda view: _people(view.message.head.to),
    "cc": lambda view: _people(view.message.head.cc),
    "bcc": lambda view: _people(view.message.head.bcc),
    "recipients": _recipients,
    "participants": lambda view: f"{_from(view)} {_recipients(view)}",
    "subject": _subject,
    "body": _body,
    "attachment": _attachments,
    "hasattachments": lambda view: str(has_attachments(view)),
    "hasattachment": lambda view: str(has_attachments(view)),
    "importance": importance,
    "category": lambda view: " ".join(view.message.categories),
    "kind": lambda _view: "email",
}
_EXACT = frozenset({"hasattachments", "hasattachment", "importance", "kind"})
_DATES: dict[str, Callable[[View], int]] = {
    "received": lambda view: view.message.date_ms,
    "sent": lambda view: sent_ms(view.message),
}


def _within(have_ms: int, term: Term) -> bool:
    """A day stands for all of it; `a..b` includes both."""
    low, high = _span(term.value)
    match term.relation:
        case ">=":
            return have_ms >= low
        case ">":
            return have_ms >= high
        case "<":
            return have_ms < low
        case "<=":
            return have_ms < high
        case "<>":
            return not low <= have_ms < high
        case _:
            return low <= have_ms < high


def _span(value: str) -> tuple[int, int]:
    """From when, and until before when."""
    first, dots, last = value.partition("..")
    try:
        low = parse_moment(first)
        end = parse_moment(last) if dots else low
    except ValueError as error:
        raise errors.bad_request(f"'{value[:80]}' is not a date.") from error
    return low, end + (_DAY_MS if "T" not in (last or first) else 1)
