"""Contacts as lines of CSV that spreadsheets, other programs and our own import read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime

from contacts.data import ContactData

EMAIL_COLUMNS = 3
PHONE_COLUMNS = 2
HEADINGS = (
    "First name",
    "Last name",
    "Company",
    "Job title",
    *(f"Email {number}" for number in range(1, EMAIL_COLUMNS + 1)),
    "More email addresses",
    *(f"Phone {number}" for number in range(1, PHONE_COLUMNS + 1)),
    "More phones",
    "Tags",
    "Owner",
    "Private",
    "Added",
    "Changed",
)
#: At the file's beginning, so that Excel takes it for UTF-8.
MARK = "\ufeff"


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, text: str) -> str:
        return text


_writer = csv.writer(_Echo())


def csv_line(cells: Sequence[str]) -> str:
    """One line, each cell made harmless."""
    return str(_writer.writerow([harmless(cell) for cell in cells]))


def contact_cells(data: ContactData, *, owner: str, created_at: datetime, updated_at: datetime) -> list[str]:
    """A contact's cells under `HEADINGS`."""
    return [
        data.first_name,
        data.last_name,
        data.company,
        data.title,
        *_spread(data.emails, EMAIL_COLUMNS),
        *_spread(data.phones, PHONE_COLUMNS),
        "; ".join(data.tags or ()),
        owner,
        "yes" if data.is_private else "no",
        created_at.isoformat(timespec="seconds"),
        updated_at.isoformat(timespec="seconds"),
    ]


def harmless(cell: str) -> str:
    """The cell as text: spreadsheets would calculate what begins like a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _spread(values: Sequence[str], columns: int) -> list[str]:
    """A column for each of the first values, and one for all others."""
    first = [*values[:columns], *[""] * (columns - len(values))]
    return [*first, "; ".join(values[columns:])]
