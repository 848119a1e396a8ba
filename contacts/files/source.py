"""A file of contacts of either kind, read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts.files.cards import from_card, looks_like_cards, read_cards
from contacts.files.columns import guess_by_content, guess_mapping
from contacts.files.drafts import Draft, from_cells
from contacts.files.tables import Cells, Table, read_table


@dataclass(frozen=True)
class Column:
    """A column of a table as the page asks about it."""

    heading: str
    samples: list[str]
    field: str


@dataclass(frozen=True)
class Source:
    """What a file holds: a table, or cards."""

    table: Table | None
    cards: list[str]

    @classmethod
    def open(cls, content: bytes) -> Source:
        """Reads a file of either kind; what it holds decides, not its name. Raises `UnreadableFile`."""
        if looks_like_cards(content):
            return cls(table=None, cards=read_cards(content))
        return cls(table=read_table(content), cards=[])

    @property
    def total(self) -> int:
        """The number of contacts it may become."""
        return len(self.cards) if self.table is None else len(self.table.rows)

    @property
    def headings(self) -> Cells:
        """The names of the columns, with numbers where the file names none."""
        if self.table is None:
            return ()
        given = self.table.headings or ()
        return tuple(
            given[number] if number < len(given) and given[number] else f"Column {number + 1}"
            for number in range(self.table.width)
        )

    def guess(self) -> list[str]:
        """The likeliest mapping of columns to fields; empty for cards."""
        if self.table is None:
            return []
        if self.table.headings is None:
            return guess_by_content([cells for _, cells in self.table.rows[:50]], self.table.width)
        return guess_mapping(self.headings)

    def columns(self, mapping: Sequence[str]) -> list[Column]:
        """The columns with a few of their values."""
        if self.table is None:
            return []
        rows = [cells for _, cells in self.table.rows[:200]]
        return [
            Column(
                heading=heading,
                samples=[row[number] for row in rows if number < len(row) and row[number]][:3],
                field=mapping[number] if number < len(mapping) else "",
            )
            for number, heading in enumerate(self.headings)
        ]

    def drafts(self, mapping: Sequence[str], start: int = 0, stop: int | None = None) -> Iterator[Draft]:
        """The rows from ``start`` to before ``stop``, judged one by one."""
        if self.table is None:
            for number, card in enumerate(self.cards[start:stop], start=start + 1):
                yield from_card(number, card)
            return
        for number, cells in self.table.rows[start:stop]:
            yield from_cells(number, cells, mapping)
