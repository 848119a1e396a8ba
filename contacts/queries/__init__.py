"""Readers of contacts. Whoever asks is always named: what they may see (R37) is decided here, and only here."""

from __future__ import annotations

from contacts.queries.contacts import (
    COUNT_LIMIT,
    VISIBLE,
    companies,
    contact_page,
    contacts_like,
    contacts_to_merge,
    count_up_to,
    data_of,
    get_contact,
    matching,
    merge_suggestions,
    selected,
    sharing_an_address,
    visible_contacts,
    with_details,
)
from contacts.queries.filters import (
    get_filter,
    list_filters,
    saved_filters,
)
from contacts.queries.imports import (
    Preview,
    get_import,
    import_preview,
    imports_of,
    problems_of,
    rows_to_work_off,
)
from contacts.queries.notes import (
    get_note,
    note_page,
    notes_of,
    visible_notes,
)
from contacts.queries.tags import (
    TagUse,
    get_tag,
    list_tags,
    tags,
    tags_with_counts,
)

__all__ = [
    "COUNT_LIMIT",
    "VISIBLE",
    "Preview",
    "TagUse",
    "companies",
    "contact_page",
    "contacts_like",
    "contacts_to_merge",
    "count_up_to",
    "data_of",
    "get_contact",
    "get_filter",
    "get_import",
    "get_note",
    "get_tag",
    "import_preview",
    "imports_of",
    "list_filters",
    "list_tags",
    "matching",
    "merge_suggestions",
    "note_page",
    "notes_of",
    "problems_of",
    "rows_to_work_off",
    "saved_filters",
    "selected",
    "sharing_an_address",
    "tags",
    "tags_with_counts",
    "visible_contacts",
    "visible_notes",
    "with_details",
]
