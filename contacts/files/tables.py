"""CSV as spreadsheets and mail programs write it: any delimiter, with or without a line of headings."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts.files.columns import guess_mapping
from contacts.files.decoding import MOST_ROWS, UnreadableFile, decode

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 300
LINES_TO_LOOK_AT = 30

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a file with their numbers, as a spreadsheet shows them: the first line is row 1."""

    #: None where the first line is a contact already.
    headings: Cells | None
    rows: list[tuple[int, Cells]]
    delimiter: str

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(len(cells) for cells in [self.headings or (), *(cells for _, cells in self.rows[:1_000])])


def read_table(content: bytes) -> Table:
    """Reads a CSV file. Raises `UnreadableFile`."""
    text = decode(content)
    delimiter = guess_delimiter(text)
    rows = list(_rows(text, delimiter))
    if not rows:
        raise UnreadableFile("The file has no rows: choose another one.")
    first = rows[0][1]
    headings = first if has_headings(first) else None
    if headings is not None:
        rows = rows[1:]
    if not rows:
        raise UnreadableFile("The file has headings but no rows below them: choose another one.")
    return Table(headings=headings, rows=rows, delimiter=delimiter)


def guess_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the same number of cells most often; many cells beat few."""

    def fitness(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(cells) for cells, _ in zip(reader, range(LINES_TO_LOOK_AT), strict=False) if cells)
        width, lines = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (lines / widths.total() if width > 1 else 0.0, width)

    try:
        return max(DELIMITERS, key=fitness)
    except csv.Error:
        return DELIMITERS[0]


def has_headings(first: Sequence[str]) -> bool:
    """Whether a first line names columns: a known heading is in it, or at least nothing like an address."""
    return any(guess_mapping(first)) or not any("@" in cell for cell in first)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS + 1:
                raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows: split it.")
            if len(cells) > MOST_COLUMNS:
                raise UnreadableFile(f"Row {number} has {len(cells)} columns: keep at most {MOST_COLUMNS}.")
            if any(cell.strip() for cell in cells):
                yield number, tuple(cell.strip() for cell in cells)
    except csv.Error as error:
        raise UnreadableFile(
            f"Row {number + 1} cannot be read ({error}): look for a quotation mark that is not closed."
        ) from error
