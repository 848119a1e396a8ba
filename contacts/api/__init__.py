"""The API of contacts, their tags and notes, and saved filters (DESIGN.md section 8)."""

from __future__ import annotations

from contacts.api.contacts import ContactDetail, Contacts
from contacts.api.filters import FilterDetail, Filters
from contacts.api.notes import NoteDetail, Notes
from contacts.api.tags import TagDetail, Tags

__all__ = ["ContactDetail", "Contacts", "FilterDetail", "Filters", "NoteDetail", "Notes", "TagDetail", "Tags"]
