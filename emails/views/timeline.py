"""The tabs All and Emails of a contact's page."""

from __future__ import annotations

from functools import partial
from typing import Any

from accounts.http import MemberRequest
from accounts.models import Membership
from contacts import queries as contacts
from contacts.models import Contact, Note
from contacts.operations.notes import may_delete_note
from contacts.views.tabs import Tab, add_tab
from crm.lib.pagination import BadCursor
from emails import queries
from emails.queries import Kind

#: Other contacts with an address of this one that its timeline names.
MOST_DOUBLES = 5
FOLDED = "&view=conversations"


def entries_context(request: MemberRequest, contact: Contact, kind: Kind) -> dict[str, Any]:
    """The page of entries that the URL asks for, and which of its notes the reader may delete.

    With ``?view=conversations`` each conversation is one entry.
    """
    member = request.membership
    folded = request.GET.get("view") == "conversations"
    try:
        page = queries.timeline_page(member, contact, kind, folded=folded, cursor=request.GET.get("cursor"))
    except BadCursor:
        page = queries.timeline_page(member, contact, kind, folded=folded)
    notes = [entry for entry in page.items if isinstance(entry, Note)]
    return {
        "page": page,
        "deletable": {note.pk for note in notes if may_delete_note(member, note)},
        "folded": folded,
        "keep": FOLDED if folded else "",
        "other_view": f"?tab={kind}{'' if folded else FOLDED}",
        "doubles": [] if "cursor" in request.GET else _doubles(member, contact),
    }


def _doubles(member: Membership, contact: Contact) -> list[tuple[Contact, str]]:
    """Other contacts that have an address of this one (R5), each with the address."""
    own = [address.email for address in contact.addresses.all()]
    found = contacts.with_details(contacts.sharing_an_address(member, own, other_than=contact))[:MOST_DOUBLES]
    return [(one, next(address.email for address in one.addresses.all() if address.email in own)) for one in found]


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
