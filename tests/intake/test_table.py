"""The table of DESIGN.md section 5: as the rules alone judge it, from files, and over what is stored already.

`tests.emailsync.test_table` has it through mailboxes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Door, Email, Link
from exclusions.models import Exclusion
from intake.exclude import Exclusions, exclude
from intake.match import Candidate, addresses_of, match
from intake.operations import import_mail, rematch
from intake.page import Knowledge
from tests.intake.conftest import MORNING, Box, Office, message
from tests.intake.table import EXCLUDED, RECEIVED, SPELLINGS, TABLE, USER, USER_2, C, E, Row

IDS = {C: 10, E: 11}


def known() -> Knowledge:
    return Knowledge(
        viewer=1,
        first_only=True,
        exclusions=Exclusions(own={USER, USER_2}, excluded={E}),
        candidates={address: (Candidate(contact, MORNING),) for address, contact in IDS.items()},
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.letter)
def test_the_rules_judge_as_the_table_says(row: Row) -> None:
    found = match(addresses_of(row.parties), known().candidates, viewer=1, first_only=True)
    verdict = exclude(row.parties, found, known().exclusions, by_crm=row.by_crm)
    assert set(verdict.contacts) == {IDS[address] for address in row.stored_for}
    assert verdict.reason == row.reason


def bytes_of(row: Row) -> bytes:
    headers = {"From": row.sender, "To": ", ".join(row.to), "Cc": ", ".join(row.cc), "Bcc": ", ".join(row.bcc)}
    named = {**headers, "Subject": row.letter, "Message-ID": f"<{row.letter.replace(' ', '-')}@table.example>"}
    return "".join(f"{name}: {value}\r\n" for name, value in named.items() if value).encode() + b"\r\nHello.\r\n"


def put_on_list(office: Office, *values: str) -> None:
    with tenant_scope(office.northwind.tenant.pk):
        for value in values:
            kind = Exclusion.Kind.ADDRESS if "@" in value else Exclusion.Kind.DOMAIN
            Exclusion.objects.create(kind=kind, value=value, created_by=office.northwind.bob)


def links(office: Office) -> dict[str, set[int]]:
    """For whom each row is stored, by its letter."""
    found: dict[str, set[int]] = {}
    with tenant_scope(office.northwind.tenant.pk):
        for letter, contact in Link.objects.values_list("email__subject", "contact_id"):
            found.setdefault(letter, set()).add(contact)
    return found


def expected(people: dict[str, Contact]) -> dict[str, set[int]]:
    return {row.letter: {people[each].pk for each in row.stored_for} for row in RECEIVED if row.stored_for}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """One file a row, and a copy of the first."""
    folder = tmp_path / "mail"
    folder.mkdir()
    for row in RECEIVED:
        (folder / f"{row.letter}.eml").write_bytes(bytes_of(row))
    return [folder]


def test_files_come_in_as_the_table_says(office: Office, files: list[Path]) -> None:
    """R11"""
    people = {address: office.contact(address, address) for address in (C, E)}
    put_on_list(office, EXCLUDED)
    done = import_mail(office.northwind.alice, files)
    assert links(office) == expected(people)
    with tenant_scope(office.northwind.tenant.pk):
        decided = Decision.objects.values_list("outcome", "reason", "email__subject")
        stored = {subject for outcome, _, subject in decided if outcome == "stored"}
        reasons = sorted(reason for outcome, reason, _ in decided if outcome == "skipped")
    assert stored == set(expected(people))
    assert reasons == sorted(row.reason for row in RECEIVED if row.reason)
    assert done.reasons == {reason: reasons.count(reason) for reason in set(reasons)}


def test_what_is_stored_goes_to_a_new_contact_as_the_table_says(office: Office, box: Box) -> None:
    """E5: an excluded contact that comes later gets none of what is stored for others."""
    dan = office.contact("Dan", "dan@contoso.example")
    put_on_list(office, EXCLUDED)
    for number, row in enumerate(RECEIVED):
        copied = ", ".join([*row.cc, "dan@contoso.example"])
        box.add(str(number), message(number, sender=row.sender, to=", ".join(row.to), Cc=copied, Subject=row.letter))
    office.take(box)
    people = {address: office.contact(address, address) for address in (C, E)}
    with tenant_scope(office.northwind.tenant.pk):
        rematch(contact.pk for contact in people.values())
    # One that goes to Dan as well is kept out only by its sender.
    stored = {row.letter: {dan.pk} for row in RECEIVED if row.sender != E}
    for letter, contacts in expected(people).items():
        stored[letter] |= contacts
    assert links(office) == stored


def test_nothing_else_of_a_file_is_kept(office: Office, files: list[Path]) -> None:
    """Of what is stored for nobody neither words nor addresses are written anywhere."""
    office.contact(C, C)
    put_on_list(office, EXCLUDED)
    import_mail(office.northwind.alice, files)
    with tenant_scope(office.northwind.tenant.pk):
        assert Email.objects.count() == sum(bool(row.stored_for) for row in RECEIVED)
        assert Door.objects.filter(kind=Door.Kind.IMPORT).count() == 1


def test_spellings_lead_to_the_entry_in_files_too(office: Office, tmp_path: Path) -> None:
    """R2, R7"""
    put_on_list(office, *(spelling.entry for spelling in SPELLINGS))
    for number, spelling in enumerate(SPELLINGS):
        office.contact(spelling.letter, spelling.address)
        content = message(number, sender=spelling.sender, Subject=spelling.letter)
        (tmp_path / f"{number}.eml").write_bytes(content)
    import_mail(office.northwind.alice, [tmp_path])
    assert set(links(office)) == {spelling.letter for spelling in SPELLINGS if not spelling.is_excluded}
