"""Contacts as a file of any length, streamed in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Membership
from contacts import queries
from contacts.data import ContactData
from contacts.files.cards import write_card
from contacts.files.writing import HEADINGS, MARK, contact_cells, csv_line
from contacts.filters import Selection
from contacts.models import Contact, Import, ImportProblem
from crm.lib.pagination import in_batches


def csv_lines(member: Membership, selection: Selection) -> Iterator[str]:
    """The lines of a CSV file. Runs outside of every scope and opens its own."""
    yield MARK + csv_line(HEADINGS)
    for contacts in _batches(member, selection):
        yield "".join(csv_line(_cells(contact, data)) for contact, data in contacts)


def vcards(member: Membership, selection: Selection) -> Iterator[str]:
    """The cards of a vCard file. Runs outside of every scope and opens its own."""
    for contacts in _batches(member, selection):
        yield "".join(write_card(data, contact.name) for contact, data in contacts)


def _batches(member: Membership, selection: Selection) -> Iterator[list[tuple[Contact, ContactData]]]:
    # By the time they were made, which no edit changes: none is left out, and none comes twice.
    batches = in_batches(
        member.tenant_id,
        lambda: queries.with_details(queries.selected(member, selection)),
        order=["created_at"],
    )
    for contacts in batches:
        yield [(contact, queries.data_of(contact)) for contact in contacts]


def _cells(contact: Contact, data: ContactData) -> list[str]:
    return contact_cells(
        data,
        owner=str(contact.owner) if contact.owner else "",
        created_at=contact.created_at,
        updated_at=contact.updated_at,
    )


def failed_rows(upload: Import) -> Iterator[str]:
    """The rows of an import that failed, as they came: a CSV with the reason beside each, or the cards themselves."""
    is_cards = upload.kind == Import.Kind.VCARD
    if not is_cards:
        headings = upload.headings or [f"Column {number}" for number in range(1, len(upload.mapping) + 1)]
        yield MARK + csv_line([*headings, "Row", "Problem"])
    last = 0
    for problems in in_batches(upload.tenant_id, lambda: queries.problems_of(upload), order=["row"]):
        for problem in problems:
            # A row with several problems is told once in the file.
            if problem.row != last:
                yield problem.cells[0] if is_cards else _failed_line(problem, len(upload.mapping))
            last = problem.row


def _failed_line(problem: ImportProblem, width: int) -> str:
    cells = [*problem.cells, *[""] * (width - len(problem.cells))]
    return csv_line([*cells, str(problem.row), f"{problem.field}: {problem.problem}"])
