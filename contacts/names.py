"""How contacts are called, sorted and found. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

#: Letters that people type without their stroke or as two, and that Unicode does not take apart.
PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h", "ŧ": "t"}
)
ACCENTS = re.compile("[\u0300-\u036f]+")
#: Sorts after every company's name, so that contacts without one come last. Never shown.
NO_COMPANY = "\U0010ffff"
SORT_LENGTH = 260


def fold(text: str) -> str:
    """The text without case, accents and other ways to write the same: ``Łódź`` and ``LODZ`` become ``lodz``.

    Takes away the accents of Latin, Greek and Cyrillic alone (U+0300 to U+036F): what looks like one in
    other scripts makes another letter. White space becomes single blanks.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = ACCENTS.sub("", apart).translate(PLAIN)
    return " ".join(unicodedata.normalize("NFKC", bare).split())


@dataclass(frozen=True)
class ContactName:
    """A contact where no more is said of it than who it is."""

    id: int
    first_name: str
    name: str

    #: What it is made of: columns of a contact.
    COLUMNS: ClassVar = ("id", "first_name", "last_name", "company", "sort_name")

    @classmethod
    def of(cls, contact_id: int, first_name: str, last_name: str, company: str, sorted_by: str) -> ContactName:
        """From the values of `COLUMNS`."""
        return cls(contact_id, first_name, display_name(first_name, last_name, company, sorted_by))

    def __str__(self) -> str:
        return self.name


def display_name(first_name: str, last_name: str, company: str, sorted_by: str) -> str:
    """First and last name, or else the best there is to call a contact; ``sorted_by`` is its `sort_name`."""
    # Without a name and a company, that is an address.
    return f"{first_name} {last_name}".strip() or company or sorted_by


def sort_name(first_name: str, last_name: str, company: str, emails: Iterable[str]) -> str:
    """What lists sort a contact by: last and first name, else company, else address; folded."""
    best = f"{last_name} {first_name}".strip() or company or next(iter(emails), "")
    return fold(best)[:SORT_LENGTH]


def company_key(company: str) -> str:
    """What lists sort and filter a company by, so that ``ATELIER Lyon`` and ``Atelier Lyon`` are one."""
    return fold(company)[:SORT_LENGTH] or NO_COMPANY


def search_text(texts: Iterable[str], phones: Iterable[str], emails: Iterable[str]) -> str:
    """What search looks in: a line each, phone numbers as they are written and as digits alone."""
    numbers = [digits for phone in phones for digits in (phone, _digits(phone))]
    return "\n".join(line for text in [*texts, *numbers, *emails] if (line := fold(text)))


def search_words(query: str) -> list[str]:
    """The words that must all occur in a contact's search text; at most eight are looked for."""
    return fold(query.replace("\x00", " "))[:200].split()[:8]


def _digits(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isdigit())
