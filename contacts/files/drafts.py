"""From a row of a file to a contact, or to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contacts.data import ContactData, InvalidContact, note_text
from contacts.files.columns import FIELDS
from mailkit.addresses import InvalidAddress, normalise

#: What people and Google part several values in one cell by.
PARTS = re.compile(r"\s*(?::::|;|\n|\r)\s*")
COMMAS = re.compile(r"\s*[,\s]\s*")
#: How the fields of `ContactData` are called where a file is spoken of.
NAMES = {
    **FIELDS,
    "emails": "Email address",
    "phones": "Phone",
    "contact": "Whole row",
}


@dataclass(frozen=True)
class RowProblem:
    """Why a row cannot be a contact: in which field, with which value, and what would be right."""

    field: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Draft:
    """One row on its way to a contact; ``data`` is cleaned, and None where there are problems."""

    row: int
    cells: tuple[str, ...]
    data: ContactData | None = None
    note: str = ""
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True)
class Written:
    """What a row says, before anything is judged."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def draft(row: int, cells: Sequence[str], written: Written) -> Draft:
    """Judges what a row says."""
    data = ContactData(
        first_name=written.first_name,
        last_name=written.last_name,
        company=written.company,
        title=written.title,
        emails=written.emails,
        phones=written.phones,
        tags=written.tags,
    )
    try:
        clean = data.cleaned()
        note = note_text("\n\n".join(written.notes)) if any(text.strip() for text in written.notes) else ""
    except InvalidContact as error:
        problems = tuple(_problems(data, error))
        return Draft(row=row, cells=tuple(cells), problems=problems)
    except ValueError as error:
        value = written.notes[0][:200]
        return Draft(row=row, cells=tuple(cells), problems=(RowProblem("Note", value, str(error)),))
    return Draft(row=row, cells=tuple(cells), data=clean, note=note)


def from_cells(row: int, cells: Sequence[str], mapping: Sequence[str]) -> Draft:
    """Reads the cells of a table, each as the field that the mapping gives its column."""
    found: dict[str, list[str]] = {field: [] for field in FIELDS}
    for cell, field in zip(cells, mapping, strict=False):
        if field in found and cell.strip():
            found[field].append(unguarded(cell))
    first, last = split_name(_first(found["name"]))
    written = Written(
        first_name=_first(found["first_name"]) or first,
        last_name=_first(found["last_name"]) or last,
        company=_first(found["company"]),
        title=_first(found["title"]),
        emails=tuple(email for cell in found["email"] for email in split_emails(cell)),
        phones=tuple(phone for cell in found["phone"] for phone in PARTS.split(cell)),
        tags=tuple(tag for cell in found["tags"] for tag in split_tags(cell)),
        notes=tuple(found["note"]),
    )
    return draft(row, cells, written)


def split_name(name: str) -> tuple[str, str]:
    """First and last name of ``Ines Maria Moreau`` or ``Moreau, Ines Maria``."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and last.strip():
        return first.strip(), last.strip()
    words = name.split()
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (name.strip(), "")


def split_emails(cell: str) -> list[str]:
    """The addresses of a cell: one, also with a name that has commas, or several."""
    found: list[str] = []
    for part in PARTS.split(cell):
        try:
            normalise(part)
        except InvalidAddress:
            found.extend(COMMAS.split(part) if part.count("@") > 1 and "<" not in part else [part])
        else:
            found.append(part)
    return found


def split_tags(cell: str) -> list[str]:
    """The tags of a cell; Google's own groups, such as ``* myContacts``, are none."""
    parts = [part.strip() for piece in PARTS.split(cell) for part in piece.split(",")]
    return [part for part in parts if part and not part.startswith("*")]


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that exports put before what a spreadsheet would calculate."""
    return cell[1:] if re.match(r"'[=+\-@\t\r]", cell) else cell


def _first(cells: Iterable[str]) -> str:
    return next(iter(cells), "")


def _problems(data: ContactData, error: InvalidContact) -> Iterable[RowProblem]:
    for key, sentences in error.problems.items():
        field, _, item = key.partition(".")
        value = getattr(data, field, "")
        if item:
            value = value[int(item)]
        elif isinstance(value, tuple):
            value = ", ".join(value)
        for sentence in sentences:
            yield RowProblem(NAMES.get(field, field), str(value)[:200], sentence)
