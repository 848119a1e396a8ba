"""The tabs All and Emails of a contact's page."""

from __future__ import annotations

from functools import partial
from typing import Any

from accounts.http import MemberRequest
from contacts.models import Contact, Note
from contacts.operations.notes import may_delete_note
from contacts.views.tabs import Tab, add_tab
from crm.lib.pagination import BadCursor
from emails import queries
from emails.queries import Kind


def entries_context(request: MemberRequest, contact: Contact, kind: Kind) -> dict[str, Any]:
    """The page of entries that the URL asks for, and which of its notes the reader may delete."""
    member = request.membership
    try:
        page = queries.timeline_page(member, contact, kind, cursor=request.GET.get("cursor"))
    except BadCursor:
        page = queries.timeline_page(member, contact, kind)
    notes = [entry for entry in page.items if isinstance(entry, Note)]
    return {"page": page, "deletable": {note.pk for note in notes if may_delete_note(member, note)}}


def _tab(kind: Kind, label: str, noun: str, order: int) -> Tab:
    return Tab(
        key=kind,
        label=label,
        noun=noun,
        order=order,
        template="emails/_timeline.html",
        more="emails/_timeline_rows.html",
        context=partial(entries_context, kind=kind),
        takes_notes=kind is Kind.ALL,
    )


add_tab(_tab(Kind.ALL, "All", "entries", 10))
add_tab(_tab(Kind.EMAILS, "Emails", "emails", 20))
