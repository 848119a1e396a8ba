"""Notes are seen by whoever sees their contact (R37)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from contacts.models import Contact, Note
from contacts.queries.contacts import visible_contacts
from crm.lib.pagination import Page, keyset_page


def notes_of(member: Membership, contact: Contact) -> QuerySet[Note]:
    """The notes on a contact that the member can see, newest first, with their authors."""
    return visible_notes(member).filter(contact=contact)


def visible_notes(member: Membership) -> QuerySet[Note]:
    """The notes on all contacts that the member can see, newest first, with their authors."""
    return (
        Note.objects.filter(contact__in=visible_contacts(member))
        .select_related("author__user")
        .order_by("-created_at", "-id")
    )


def note_page(member: Membership, contact: Contact, *, cursor: str | None = None, limit: int = 20) -> Page[Note]:
    """A page of a contact's notes, newest first. Raises `BadCursor`."""
    return keyset_page(notes_of(member, contact), order=["-created_at"], cursor=cursor, limit=limit)


def get_note(member: Membership, note_id: int) -> Note:
    """One note on a contact that the member can see, or 404."""
    return get_object_or_404(visible_notes(member).select_related("contact"), pk=note_id)
