"""What one can write about a contact, and what is wrong with it. Pure; used by pages, API and import alike."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

from mailkit.addresses import InvalidAddress, normalise

#: Longest texts, as the columns in `contacts.models` have them.
LENGTHS = {"first_name": 100, "last_name": 100, "company": 150, "title": 150}
LABELS = {"first_name": "First name", "last_name": "Last name", "company": "Company", "title": "Job title"}
TAG_LENGTH = 40
PHONE_LENGTH = 40
NOTE_LENGTH = 20_000
#: Control characters and lone surrogates: PostgreSQL refuses some, and no page can show any.
UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: Blanks without width, byte order marks and what turns the direction of writing: two names that differ by them
#: alone look the same. The joiners U+200C and U+200D stay: emoji and some scripts are written with them.
UNSEEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
#: Unicode's categories of characters that leave no ink: separators, controls, formats.
INKLESS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})

Problems = dict[str, list[str]]


class InvalidContact(ValueError):
    """What was written cannot be a contact. ``problems`` has a list of sentences for each field at fault.

    The keys are those of `ContactData`; ``emails.2`` is the third address, and ``contact`` the whole.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(sentence for sentences in problems.values() for sentence in sentences))
        self.problems = problems


@dataclass(frozen=True)
class ContactData:
    """All that a person may write about a contact. Addresses are in order: the first is the main one.

    ``owner_id`` is a membership's. ``tags`` are names, made where they are new; None leaves tags as they are.
    """

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    owner_id: int | None = None
    is_private: bool = False
    tags: tuple[str, ...] | None = None

    def cleaned(self) -> ContactData:
        """The same with single blanks, normalised addresses (R2) and nothing twice.

        Raises `InvalidContact` with everything that is wrong at once.
        """
        problems: Problems = defaultdict(list)
        clean = replace(
            self,
            first_name=_text(self.first_name, "first_name", problems),
            last_name=_text(self.last_name, "last_name", problems),
            company=_text(self.company, "company", problems),
            title=_text(self.title, "title", problems),
            emails=EMAILS.read(self.emails, problems),
            phones=PHONES.read(self.phones, problems),
            tags=None if self.tags is None else TAGS.read(self.tags, problems),
        )
        if not problems and not (clean.first_name or clean.last_name or clean.company or clean.emails):
            problems["contact"].append(
                "A contact needs a name, a company or an email address: fill in at least one of them."
            )
        if problems:
            raise InvalidContact(dict(problems))
        return clean

    def differences(self, other: ContactData) -> list[str]:
        """The names of the fields in which the two differ."""
        return [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]


def squeeze(text: str) -> str:
    """The text on one line, with single blanks, composed (NFC) and without what nobody sees.

    Empty where no character of it can be seen. Raises `ValueError` where it holds what cannot be shown.
    """
    line = " ".join(unicodedata.normalize("NFC", UNSEEN.sub("", text)).split())
    if UNSTORABLE.search(line):
        raise ValueError("It contains an invisible control character: type it again, or paste it as plain text.")
    return "" if all(unicodedata.category(letter) in INKLESS for letter in line) else line


def tag_name(text: str) -> str:
    """A tag's name as it is stored. Raises `ValueError` with the reason it cannot be one."""
    name = squeeze(text)
    if not name:
        raise ValueError("A tag needs a name.")
    if len(name) > TAG_LENGTH:
        raise ValueError(f"The tag “{name[:TAG_LENGTH]}…” is too long: use at most {TAG_LENGTH} characters.")
    return name


def note_text(text: str) -> str:
    """A note as it is stored, lines kept. Raises `ValueError` with the reason it cannot be one."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\t", "    ").split("\n")]
    note = "\n".join(lines).strip()
    if UNSTORABLE.search(note.replace("\n", "")):
        raise ValueError("The note contains an invisible control character: paste it as plain text.")
    if not note:
        raise ValueError("The note is empty: write something, or close it.")
    if len(note) > NOTE_LENGTH:
        raise ValueError(f"The note has {len(note):,} characters: shorten it to {NOTE_LENGTH:,}, or make two.")
    return note


def _text(text: str, name: str, problems: Problems) -> str:
    try:
        line = squeeze(text)
    except ValueError as error:
        problems[name].append(str(error))
        return ""
    if len(line) > LENGTHS[name]:
        problems[name].append(f"{LABELS[name]} has {len(line)} characters: shorten it to at most {LENGTHS[name]}.")
    return line


def _email(text: str) -> str:
    try:
        return normalise(text)
    except InvalidAddress as error:
        raise ValueError(f"{error} Write it like name@company.example.") from error


def _phone(text: str) -> str:
    phone = squeeze(text)
    if len(phone) > PHONE_LENGTH:
        raise ValueError(f"The phone number {phone[:20]}… is too long: use at most {PHONE_LENGTH} characters.")
    if sum(letter.isdigit() for letter in phone) < 3:
        raise ValueError(f"“{phone}” is not a phone number: write it like +33 4 72 00 00 00.")
    return phone


@dataclass(frozen=True)
class _Items:
    """A field that holds several of a kind."""

    field: str
    plural: str
    item: Callable[[str], str]
    most: int

    def read(self, texts: Iterable[str], problems: Problems) -> tuple[str, ...]:
        """The items that are not blank, each once, however it is written."""
        found: dict[str, str] = {}
        for number, text in enumerate(texts):
            if not text.strip():
                continue
            try:
                item = self.item(text)
            except ValueError as error:
                problems[f"{self.field}.{number}"].append(str(error))
            else:
                found.setdefault(item.casefold(), item)
        if len(found) > self.most:
            problems[self.field].append(f"These are {len(found)} {self.plural}: keep at most {self.most}.")
        return tuple(found.values())


EMAILS = _Items("emails", "addresses", _email, most=20)
PHONES = _Items("phones", "phone numbers", _phone, most=20)
TAGS = _Items("tags", "tags", tag_name, most=50)
