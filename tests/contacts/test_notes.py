from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, Role
from accounts.undo import UnableToUndo
from contacts import operations, queries
from contacts.models import Contact
from contacts.operations import InvalidNote
from tests.conftest import Northwind
from tests.contacts.conftest import INES, Make, take_back

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def ines(make: Make) -> Contact:
    return make(INES)


def texts(northwind: Northwind, contact: Contact) -> list[str]:
    return [note.text for note in queries.notes_of(northwind.ada, contact)]


def test_notes_are_listed_newest_first(ines: Contact, northwind: Northwind) -> None:
    for text in ("First call.", "Second call.\n\nWants  samples."):
        operations.create_note(actor=northwind.bob, contact=ines, text=f"{text}\r\n")
    assert texts(northwind, ines) == ["Second call.\n\nWants  samples.", "First call."]


@pytest.mark.parametrize("text", ["", "  \n ", "a\x00b", "x" * 20_001])
def test_a_bad_note_is_refused(ines: Contact, northwind: Northwind, text: str) -> None:
    with pytest.raises(InvalidNote):
        operations.create_note(actor=northwind.bob, contact=ines, text=text)
    assert texts(northwind, ines) == []


def test_its_author_edits_it_and_it_says_so(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    operations.edit_note(actor=northwind.bob, note=note, text="Called.")
    note.refresh_from_db()
    assert note.text == "Called."
    assert note.edited_at


def test_nobody_else_edits_it(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    with pytest.raises(PermissionDenied):
        operations.edit_note(actor=northwind.alice, note=note, text="Forged.")


def test_a_member_cannot_delete_anothers(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.alice, contact=ines, text="Call.")
    with pytest.raises(PermissionDenied):
        operations.delete_note(actor=northwind.bob, note=note)


def test_a_deleted_note_comes_back_as_it_was(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    done = operations.delete_note(actor=northwind.ada, note=note)
    assert texts(northwind, ines) == []
    take_back(northwind.ada, done)
    [again] = queries.notes_of(northwind.bob, ines)
    assert (again.text, again.author, again.created_at) == ("Call.", northwind.bob, note.created_at)


def test_bringing_one_back_is_audited(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    take_back(northwind.bob, operations.delete_note(actor=northwind.bob, note=note))
    assert AuditEntry.objects.get(action="note.restored").summary == "restored a note on Ines Moreau"


def test_none_comes_back_to_what_a_colleague_made_private(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    done = operations.delete_note(actor=northwind.ada, note=note)
    operations.update_contact(
        actor=northwind.bob, contact=ines, data=replace(INES, owner_id=northwind.bob.pk, is_private=True)
    )
    with pytest.raises(UnableToUndo, match="made private"):
        take_back(northwind.ada, done)


def test_one_who_is_a_member_now_brings_back_only_their_own(ines: Contact, northwind: Northwind) -> None:
    note = operations.create_note(actor=northwind.bob, contact=ines, text="Call.")
    done = operations.delete_note(actor=northwind.ada, note=note)
    northwind.ada.role = Role.MEMBER
    northwind.ada.save()
    with pytest.raises(PermissionDenied):
        take_back(northwind.ada, done)
