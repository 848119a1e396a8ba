"""Notes on contacts: their author changes them; their author, or who may change what is shared, deletes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.permissions import Right, can, require
from accounts.undo import UnableToUndo
from contacts import queries
from contacts.data import note_text
from contacts.models import Contact, Note
from contacts.operations.outcome import Done, named_for_all


class InvalidNote(ValueError):
    """The text cannot be a note; ``problems`` has a list of sentences for the field ``text``."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = {"text": [sentence]}


def create_note(*, actor: Membership, contact: Contact, text: str) -> Note:
    """Adds a note to a contact that the actor can see. Raises `InvalidNote`."""
    return Note.objects.create(contact=contact, author=actor, text=_clean(text))


def edit_note(*, actor: Membership, note: Note, text: str) -> Note:
    """Changes the actor's own note. Raises `InvalidNote`, and ``PermissionDenied`` for another's."""
    if note.author_id != actor.pk:
        raise PermissionDenied("Only its author may change a note. Add one of your own.")
    text = _clean(text)
    if text != note.text:
        note.text, note.edited_at = text, timezone.now()
        note.save(update_fields=["text", "edited_at"])
    return note


def may_delete_note(member: Membership, note: Note) -> bool:
    """Whether it is the member's own, or they may change what the whole team shares."""
    return note.author_id == member.pk or can(member, Right.SHARE_FILTERS)


def delete_note(*, actor: Membership, note: Note) -> Done:
    """Deletes a note; can be undone. Raises ``PermissionDenied`` unless `may_delete_note`."""
    if not may_delete_note(actor, note):
        raise PermissionDenied("Only its author or an admin may delete a note.")
    label = "Deleted the note."
    note_undo = undo.offer(
        actor,
        "notes.delete",
        label,
        contact=note.contact_id,
        author=note.author_id,
        text=note.text,
        created_at=note.created_at.isoformat(),
        edited_at=note.edited_at and note.edited_at.isoformat(),
    )
    audit.record(actor, "note.deleted", f"deleted a note on {named_for_all([note.contact])}", on=note)
    note.delete()
    return Done(1, label, note_undo)


@undo.undoes("notes.delete")
def restore_note(member: Membership, payload: dict[str, Any]) -> str:
    """Writes the note again as it was, with its author and time.

    Raises `UnableToUndo` where the member no longer sees the contact (R37), and ``PermissionDenied`` for another's
    note by one who may no longer delete those.
    """
    contact = queries.visible_contacts(member).filter(pk=payload["contact"]).first()
    if contact is None:
        raise UnableToUndo("The contact was merged, deleted or made private since: take that back first.")
    if payload["author"] != member.pk:
        require(member, Right.SHARE_FILTERS)
    edited_at = payload["edited_at"]
    note = Note.objects.create(
        contact=contact,
        author_id=payload["author"],
        text=payload["text"],
        created_at=datetime.fromisoformat(payload["created_at"]),
        edited_at=edited_at and datetime.fromisoformat(edited_at),
    )
    audit.record(member, "note.restored", f"restored a note on {named_for_all([contact])}", on=note)
    return "Restored the note."


def _clean(text: str) -> str:
    try:
        return note_text(text)
    except ValueError as error:
        raise InvalidNote(str(error)) from error
