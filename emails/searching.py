"""What was typed to search emails: words, phrases and operators, and what of it cannot be understood. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from emails.words import words
from mailkit.addresses import InvalidAddress, normalise

#: Characters of a search, and things that it looks for at once.
LONGEST: Final = 400
MOST: Final = 20


class Operator(StrEnum):
    """What a word is looked for in: ``from:ines``."""

    ANY = ""
    FROM = "from"
    TO = "to"
    CC = "cc"
    SUBJECT = "subject"
    HAS = "has"
    FILENAME = "filename"
    BEFORE = "before"
    AFTER = "after"
    IN = "in"
    IS = "is"
    MEMBER = "member"
    TAG = "tag"


@dataclass(frozen=True)
class Help:
    """An operator as people are told of it."""

    operator: Operator
    example: str
    meaning: str


HELP: Final = (
    Help(Operator.FROM, "from:ines", "who sent it: a name, an address or a domain"),
    Help(Operator.TO, "to:ines", "who got it, in To or Cc"),
    Help(Operator.CC, "cc:ines", "who got a copy"),
    Help(Operator.SUBJECT, "subject:offer", "a word of the subject"),
    Help(Operator.HAS, "has:attachment", "with files; has:quote with a quote"),
    Help(Operator.FILENAME, "filename:plan", "what a file is called"),
    Help(Operator.BEFORE, "before:2026-03-31", "sent before a day, a month or a year"),
    Help(Operator.AFTER, "after:2026-03", "sent on that day or later; also today, yesterday, 7d"),
    Help(Operator.IN, "in:sent", "a box: all, incoming, sent, tracked, quotes or drafts"),
    Help(Operator.MEMBER, "member:ada", "in whose mailbox it is"),
    Help(Operator.TAG, "tag:customer", "a tag of the contact"),
    Help(Operator.IS, "is:tracked", "tracked, sent or incoming"),
)
#: What ``has:``, ``in:`` and ``is:`` know, by the ways to write it.
HAS: Final = {"attachment": "attachment", "attachments": "attachment", "file": "attachment", "files": "attachment"} | {
    "quote": "quote",
    "quotes": "quote",
}
BOXES: Final = {name: name for name in ("all", "incoming", "sent", "tracked", "quotes", "drafts")} | {
    "inbox": "incoming",
    "draft": "drafts",
    "quote": "quotes",
}
STATES: Final = {"tracked": "tracked", "sent": "sent", "incoming": "incoming", "received": "incoming"}


@dataclass(frozen=True)
class Phrase:
    """Words that stand beside each other; of the last one only the beginning, where it ``begins``."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True)
class Term:
    """One thing that an email must have, or must not have where it ``is_excluded``.

    ``value`` is what was typed, or what `HAS`, `BOXES` and `STATES` make of it; ``phrase`` its words; ``address`` is
    normalised where it is a whole one; ``day`` the first one of what a date names.
    """

    operator: Operator
    value: str
    is_excluded: bool = False
    phrase: Phrase = Phrase(())
    address: str = ""
    day: date | None = None

    @property
    def tells_the_text(self) -> bool:
        """Whether who knows that an email has it knows more than its subject and its parties (R37)."""
        if self.operator in {Operator.HAS, Operator.FILENAME}:
            return True
        return self.operator in {Operator.IN, Operator.IS} and self.value in {"tracked", "quotes"}


@dataclass(frozen=True)
class Search:
    """Emails that have all of these. ``problems`` are sentences about what was typed and is not among them."""

    terms: tuple[Term, ...] = ()
    #: Not part of what is asked.
    problems: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        """Whether anything was typed: of what cannot be understood at all, nothing is found."""
        return bool(self.terms or self.problems)

    def marked(self, *, in_subject: bool) -> tuple[Phrase, ...]:
        """What to mark in a subject, or in what an email says."""
        seen = {Operator.ANY, Operator.SUBJECT} if in_subject else {Operator.ANY}
        return tuple(term.phrase for term in self.terms if term.operator in seen and not term.is_excluded)


def parse(text: str, *, today: date) -> Search:
    """Reads what was typed. Never fails: what cannot be understood is told in ``problems``, and the rest holds."""
    problems: list[str] = []
    if len(text) > LONGEST:
        problems.append(f"Only the first {LONGEST} characters are looked for: make it shorter.")
    plain = text[:LONGEST].translate(_QUOTES).replace("\x00", " ")
    terms: list[Term] = []
    for match in _TERM.finditer(plain):
        try:
            term = _term(match, today)
        except _Problem as problem:
            problems.append(str(problem))
            continue
        if term is not None and term not in terms:
            terms.append(term)
    if len(terms) > MOST:
        problems.append(f"Only the first {MOST} words are looked for: take some away.")
    if plain.strip() and not terms and not problems:
        problems.append("There is no word in this: a word has letters or digits.")
    return Search(tuple(terms[:MOST]), tuple(dict.fromkeys(problems)))


def written(operator: Operator, value: str) -> str:
    """How to type it."""
    return f'{operator}:"{value}"' if " " in value else f"{operator}:{value}"


class _Problem(ValueError):
    """A sentence about something typed."""


#: "Typographic" quotation marks, which phones put of themselves, are as good as plain ones.
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"') | {"：": ":"})
_TERM: Final = re.compile(
    r'(?P<minus>-?)(?:(?P<name>[A-Za-z]{2,}):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+)|(?=\s|$))'
)


def _term(match: re.Match[str], today: date) -> Term | None:
    name, is_excluded = (match["name"] or "").lower(), bool(match["minus"])
    value = (match["quoted"] if match["quoted"] is not None else match["bare"] or "").strip()
    operator = _operator(name, value, is_quoted=match["quoted"] is not None)
    if operator is None:
        # No operator but a word with a colon, such as "Re:" or an address of the web.
        operator, value = Operator.ANY, f"{name} {value}"
    return _READERS[operator](operator, value, is_excluded, today)


def _operator(name: str, value: str, *, is_quoted: bool) -> Operator | None:
    if name in set(Operator):
        if name and not value:
            raise _Problem(_nothing_after(Operator(name)))
        return Operator(name)
    if not value or value.startswith("//"):
        return None
    typed = f'{name}:"{value}"' if is_quoted else f"{name}:{value}"
    known = ", ".join(f"{one.operator}:" for one in HELP)
    raise _Problem(
        f'Nothing can be searched by {name}:. There are {known}. To find the words, write "{name} {value}"'
        f" in quotes instead of {typed}."
    )


def _nothing_after(operator: Operator) -> str:
    example = next(one.example for one in HELP if one.operator is operator)
    return f"Say what to look for right after “{operator}:”, as in {example}."


def _phrase_of(value: str) -> Phrase:
    found = tuple(words(value).split())
    return Phrase(found, begins=bool(found) and value.endswith("*"))


def _words(operator: Operator, value: str, is_excluded: bool, _today: date) -> Term | None:
    phrase = _phrase_of(value)
    if not phrase.words:
        if operator is Operator.ANY:
            return None
        raise _Problem(_nothing_after(operator))
    return Term(operator, value, is_excluded, phrase)


def _party(operator: Operator, value: str, is_excluded: bool, today: date) -> Term | None:
    term = _words(operator, value, is_excluded, today)
    try:
        address = normalise(value)
    except InvalidAddress:
        return term
    return Term(operator, value, is_excluded, Phrase(()), address)


def _named(operator: Operator, value: str, is_excluded: bool, _today: date) -> Term:
    return Term(operator, value, is_excluded, _phrase_of(value))


def _choice(known: dict[str, str]) -> Callable[[Operator, str, bool, date], Term]:
    def read(operator: Operator, value: str, is_excluded: bool, _today: date) -> Term:
        try:
            return Term(operator, known[value.lower()], is_excluded)
        except KeyError:
            choices = ", ".join(f"{operator}:{one}" for one in dict.fromkeys(known.values()))
            raise _Problem(f"There is no {operator}:{value}. There are {choices}.") from None

    return read


def _dated(operator: Operator, value: str, is_excluded: bool, today: date) -> Term:
    day = _day(value.lower(), today)
    if day is None:
        raise _Problem(
            f"{value} is no date for {operator}: write {operator}:2026-03-31, {operator}:2026-03, {operator}:2026,"
            f" {operator}:today, {operator}:yesterday, or {operator}:7d for seven days ago."
        )
    return Term(operator, value, is_excluded, day=day)


def _day(value: str, today: date) -> date | None:
    if value in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[value])
    if match := _AGO.fullmatch(value):
        return today - timedelta(days=min(int(match[1]), _MOST_DAYS))
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if not (1 < year < 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day)


_DAYS_AGO: Final = {"today": 0, "yesterday": 1}
_AGO: Final = re.compile(r"([0-9]{1,6})d")
#: No mail is as old, and no date can be as early as some number of days.
_MOST_DAYS: Final = 100 * 365
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")
_READERS: Final[dict[Operator, Callable[[Operator, str, bool, date], Term | None]]] = {
    Operator.ANY: _words,
    Operator.SUBJECT: _words,
    Operator.FILENAME: _words,
    Operator.FROM: _party,
    Operator.TO: _party,
    Operator.CC: _party,
    Operator.HAS: _choice(HAS),
    Operator.IN: _choice(BOXES),
    Operator.IS: _choice(STATES),
    Operator.BEFORE: _dated,
    Operator.AFTER: _dated,
    Operator.MEMBER: _named,
    Operator.TAG: _named,
}
