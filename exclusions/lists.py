"""What somebody typed, pasted or uploaded, taken apart into single addresses and domains. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

#: Entries that go in at once, and what a list of so many may weigh.
MOST: Final = 10_000
LARGEST: Final = 2_000_000
#: Heads of the columns that matter; any other column is passed over.
VALUE_HEADS: Final = ("value", "address", "email", "e-mail", "email address", "mail", "domain", "entry")
REASON_HEADS: Final = ("reason", "note", "why", "comment")
#: Between entries: a comma, a semicolon or white space that is none inside of quotes or angle brackets.
#: A bracket reaches no further than the next: else a line of nothing but brackets takes hours.
_PIECES: Final = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^,;\t"<]|["<])+')
_DELIMITERS: Final = ",;\t"


class UnreadableList(ValueError):
    """The list cannot be read at all; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to exclude, as it was written, and the number of the line that it stood on."""

    text: str
    number: int = 1
    reason: str = ""


def read_text(text: str) -> list[Line]:
    """Addresses and domains between commas, semicolons, tabs and line ends. Raises `UnreadableList`."""
    lines = [
        Line(piece, number)
        for number, row in enumerate(text.splitlines(), start=1)
        for piece in _joined(piece.strip() for piece in _PIECES.findall(row))
        if piece
    ]
    return _bounded(lines)


def read_csv(content: bytes) -> list[Line]:
    """One entry a row: in the column with a known head, or in the first where there is no head; with its reason.

    Raises `UnreadableList`.
    """
    table = _table(content)
    heads = [cell.lower() for cell in table[0][1]]
    value, reason = _column(heads, VALUE_HEADS), _column(heads, REASON_HEADS)
    if value is None and reason is None:
        rows, value, reason = table, 0, 1
    else:
        rows, value = table[1:], value or 0
    lines = [Line(_cell(row, value), number, _cell(row, reason)) for number, row in rows]
    return _bounded([line for line in lines if line.text])


def _table(content: bytes) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, at least one, with their numbers. Raises `UnreadableList`."""
    if len(content) > LARGEST:
        raise UnreadableList(f"The file is larger than {LARGEST // 1_000_000} MB: split it into several.")
    text = _decoded(content)
    if "\x00" in text:
        raise UnreadableList("This is no text file: save the list as CSV, and choose that.")
    rows = text.splitlines()
    first = next((row for row in rows if row.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        table = [(number, row) for number, row in _numbered(csv.reader(rows, delimiter=delimiter)) if any(row)]
    except csv.Error as error:
        raise UnreadableList(f"The file is no CSV that can be read: {error}.") from error
    if not table:
        raise UnreadableList("The file is empty: write an address or a domain on each line.")
    return table


def as_csv(lines: Iterable[Line]) -> str:
    """What `read_listed` reads back: how an uploaded list goes from one page to the next. Line numbers stay."""
    rows: list[str] = []
    for line in lines:
        rows += [""] * (line.number - len(rows) - 1)
        rows.append(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in (line.text, line.reason)))
    return "\n".join(rows)


def read_listed(text: str) -> list[Line]:
    """The other way round. Raises `UnreadableList`, since forms can be filled by anybody."""
    try:
        rows = list(_numbered(csv.reader(text.splitlines())))
    except csv.Error as error:
        raise UnreadableList(f"The list cannot be read any more: {error}. Choose the file again.") from error
    return _bounded([Line(row[0], number, _cell(row, 1)) for number, row in rows if row and row[0]])


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """``Moreau, Ines <ines@lyon.example>`` is one person, though a comma stands in the name."""
    held = ""
    for piece in pieces:
        if held and "<" in piece and not piece.startswith("<"):
            name, _, address = piece.partition("<")
            yield f'"{held}, {name.strip()}" <{address}'
            held = ""
            continue
        if held:
            yield held
            held = ""
        if piece and not set(piece) & set("@."):
            held = piece
        else:
            yield piece
    if held:
        yield held


def _numbered(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        yield number, [cell.strip() for cell in row]


def _column(heads: Sequence[str], names: Sequence[str]) -> int | None:
    return next((heads.index(name) for name in names if name in heads), None)


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")


def _bounded(lines: list[Line]) -> list[Line]:
    if len(lines) > MOST:
        raise UnreadableList(f"This list has {len(lines):,} entries: {MOST:,} go in at once. Split it into several.")
    return lines
