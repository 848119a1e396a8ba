"""Writers of contacts. Each takes the acting member and reaches no further than that member can see (R37)."""

from __future__ import annotations

from contacts.operations.contacts import (
    StaleContact,
    create_contact,
    delete_contacts,
    tag_contacts,
    untag_contacts,
    update_contact,
)
from contacts.operations.exports import record_export
from contacts.operations.filters import FilterData, InvalidFilter, create_filter, delete_filter, update_filter
from contacts.operations.imports import (
    UnableToImport,
    configure_import,
    fail_import,
    run_import,
    start_import,
    upload_import,
)
from contacts.operations.merging import UnableToMerge, merge_contacts
from contacts.operations.notes import InvalidNote, create_note, delete_note, edit_note
from contacts.operations.outcome import Done
from contacts.operations.tags import InvalidTag, create_tag, delete_tag, merge_tags, update_tag

__all__ = [
    "Done",
    "FilterData",
    "InvalidFilter",
    "InvalidNote",
    "InvalidTag",
    "StaleContact",
    "UnableToImport",
    "UnableToMerge",
    "configure_import",
    "create_contact",
    "create_filter",
    "create_note",
    "create_tag",
    "delete_contacts",
    "delete_filter",
    "delete_note",
    "delete_tag",
    "edit_note",
    "fail_import",
    "merge_contacts",
    "merge_tags",
    "record_export",
    "run_import",
    "start_import",
    "tag_contacts",
    "untag_contacts",
    "update_contact",
    "update_filter",
    "update_tag",
    "upload_import",
]
