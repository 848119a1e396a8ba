"""vCard: 2.1 (old phones), 3.0 (most programs) and 4.0 (RFC 6350), any number of cards in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import vobject
from vobject.base import VObjectError

from contacts.data import ContactData
from contacts.files.decoding import MOST_ROWS, UnreadableFile, decode
from contacts.files.drafts import Draft, RowProblem, Written, draft, split_name

BEGIN = re.compile(r"^\s*BEGIN\s*:\s*VCARD\s*$", re.IGNORECASE)
END = re.compile(r"^\s*END\s*:\s*VCARD\s*$", re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
#: The lines that a contact of ours is made of, and how they are called where one is spoken of. All others are
#: passed over before the parser spends time on them: pictures and keys can be megabytes.
READ = {
    "BEGIN": "Whole card",
    "END": "Whole card",
    "VERSION": "Whole card",
    "N": "Full name",
    "FN": "Full name",
    "ORG": "Company",
    "TITLE": "Job title",
    "EMAIL": "Email address",
    "TEL": "Phone",
    "CATEGORIES": "Tags",
    "NOTE": "Note",
}
NAME = re.compile(r"(?:[\w-]+\.)?([\w-]+)")
#: A name, parameters up to the first colon outside of quotation marks, a value. There is one way only to match
#: a line: the parser's own pattern takes exponential time over some, so it is not shown any parameter but `CODED`.
LINE = re.compile(NAME.pattern + r"((?:;(?:\"[^\"]*\"|[^\":])*)?):(.*)", re.DOTALL)
#: The parameters that say how a value is written; version 2.1 leaves out their names.
CODED = re.compile(r";(?:(?:ENCODING|CHARSET)=[\w-]+|QUOTED-PRINTABLE|BASE64)(?=;|$)", re.IGNORECASE)
QUOTED = re.compile(r"[^:]*\bQUOTED-PRINTABLE\b", re.IGNORECASE)
#: More lines that are read than any contact can have, with its addresses, phone numbers and notes.
MOST_LINES = 100
LONGEST_KEPT = 20_000


def looks_like_cards(content: bytes) -> bool:
    """Whether a file's beginning says that it is vCard, whatever its name says."""
    return b"BEGIN:VCARD" in content[:2_000].replace(b"\x00", b"").upper()


def read_cards(content: bytes) -> list[str]:
    """The text of each card in a file. Raises `UnreadableFile`."""
    cards = list(_cards(decode(content).splitlines(keepends=True)))
    if not cards:
        raise UnreadableFile("The file has no contact card (BEGIN:VCARD … END:VCARD): choose another one.")
    if len(cards) > MOST_ROWS:
        raise UnreadableFile(f"The file has {len(cards):,} cards: split it into files of at most {MOST_ROWS:,}.")
    return cards


def from_card(row: int, text: str) -> Draft:
    """Reads one card; ``row`` is its number in the file."""
    kept = (text[:LONGEST_KEPT],)
    lines = [line for line in _logical_lines(text) if _name(line) in READ]
    if problems := tuple(_line_problems(lines)):
        return Draft(row=row, cells=kept, problems=problems)
    try:
        [card] = vobject.readComponents("".join(map(_plain, lines)))
        written = _written(card)
    # The parser raises whatever its own code runs into, besides its own errors: AttributeError, IndexError, …
    except (VObjectError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        problem = RowProblem("Whole card", text.strip()[:200], f"The card cannot be read: {error or 'it is broken'}.")
        return Draft(row=row, cells=kept, problems=(problem,))
    return draft(row, kept, written)


def write_card(data: ContactData, name: str) -> str:
    """A contact as a card of version 3.0, which every program reads."""
    card = vobject.vCard()
    card.add("fn").value = name
    card.add("n").value = vobject.vcard.Name(family=data.last_name, given=data.first_name)
    if data.company:
        card.add("org").value = [data.company]
    if data.title:
        card.add("title").value = data.title
    for email in data.emails:
        card.add("email").value = email
    for phone in data.phones:
        card.add("tel").value = phone
    if data.tags:
        card.add("categories").value = list(data.tags)
    return str(card.serialize())


def _cards(lines: Iterable[str]) -> Iterator[str]:
    """Cuts at the outermost BEGIN and END; a card may hold another one (AGENT in 2.1), and may lack its END."""
    depth, card = 0, ""
    for line in lines:
        if BEGIN.match(line):
            depth += 1
        if depth:
            card += line
        if depth and END.match(line):
            depth -= 1
            if depth == 0:
                yield card
                card = ""
    if card:
        yield card


def _logical_lines(text: str) -> Iterator[str]:
    """Joins what was folded (RFC 6350, section 3.2), and the soft line breaks of quoted-printable in 2.1."""
    parts: list[str] = []
    soft = False
    for line in LINE_END.split(text):
        if parts and soft:
            parts[-1] = parts[-1].rstrip()[:-1]
            parts.append(line)
        elif parts and line[:1] in {" ", "\t"}:
            parts.append(line[1:])
        else:
            yield "".join(parts)
            parts = [line]
        soft = line.rstrip().endswith("=") and QUOTED.match(parts[0]) is not None
    yield "".join(parts)


def _name(line: str) -> str:
    found = NAME.match(line)
    return found[1].upper() if found else ""


def _line_problems(lines: Sequence[str]) -> Iterator[RowProblem]:
    """What is wrong with the lines of a card before one looks at their values."""
    if len(lines) > MOST_LINES:
        sentence = f"The card has {len(lines):,} lines of names, addresses and notes: keep at most {MOST_LINES}."
        yield RowProblem("Whole card", lines[0][:200], sentence)
        return
    for line in lines:
        if not LINE.fullmatch(line):
            sentence = "The line cannot be read: write it like EMAIL:name@company.example, or take it out."
            yield RowProblem(READ[_name(line)], line[:200], sentence)


def _plain(line: str) -> str:
    """The line as the parser gets it: without its group and the parameters that we do not need."""
    found = LINE.fullmatch(line)
    if found is None:
        return ""
    name, parameters, value = found.groups()
    return f"{name}{''.join(CODED.findall(parameters))}:{value}\r\n"


def _written(card: vobject.base.Component) -> Written:
    first, last = _names(card)
    return Written(
        first_name=first,
        last_name=last,
        company=next(iter(_texts(card, "org")), ""),
        title=next(iter(_texts(card, "title")), ""),
        emails=tuple(_texts(card, "email")),
        phones=tuple(phone.removeprefix("tel:") for phone in _texts(card, "tel")),
        tags=tuple(_texts(card, "categories")),
        notes=tuple(_texts(card, "note")),
    )


def _names(card: vobject.base.Component) -> tuple[str, str]:
    for line in card.contents.get("n", []):
        first = " ".join(filter(None, [_text(line.value.given), _text(line.value.additional)]))
        last = _text(line.value.family)
        if first or last:
            return first, last
    full = next(iter(_texts(card, "fn")), "")
    # Programs that know only a company write it as the name too.
    return ("", "") if full in _texts(card, "org") else split_name(full)


def _texts(card: vobject.base.Component, name: str) -> list[str]:
    """The texts of all lines of one kind; ORG is a list whose first item is the company."""
    found: list[str] = []
    for line in card.contents.get(name, []):
        if isinstance(line.value, list):
            found.extend(_text(value) for value in (line.value[:1] if name == "org" else line.value))
        else:
            found.append(_text(line.value))
    return [text for text in found if text]


def _text(value: object) -> str:
    return " ".join(map(str, value)).strip() if isinstance(value, list) else str(value or "").strip()
