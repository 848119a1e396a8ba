"""The Email Sync switch on a contact's page (R13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest, member_view
from contacts import queries as contacts
from contacts.models import Contact
from contacts.views.answers import say
from contacts.views.cards import add_part
from exclusions import operations, queries
from exclusions.operations import Locked
from exclusions.rules import Kind, Rule
from exclusions.views.pages import offer_missed
from exclusions.views.panel import MISSED


@require_POST
@member_view()
def contact_email_sync(request: MemberRequest, contact_id: int) -> HttpResponse:
    """Turns it on with ``enabled``, off without; ``remove_stored`` also takes away what is stored (R12)."""
    contact = contacts.get_contact(request.membership, contact_id)
    before = queries.switch_of(request.membership, contact)
    try:
        done = operations.switch(
            actor=request.membership,
            contact=contact,
            enabled="enabled" in request.POST,
            remove_stored="remove_stored" in request.POST,
        )
    except Locked as problem:
        messages.warning(request, str(problem))
        return redirect("contact_detail", contact_id)
    say(request, done)
    if "enabled" in request.POST and done.count:
        offer_missed(request, [one.address for one in before.addresses if one.is_excluded])
    return redirect("contact_detail", contact_id)


def _on_the_card(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    found = queries.switch_of(request.membership, contact)
    excluded = {one.address for one in found.addresses if one.is_excluded}
    included = {one.address for one in found.addresses} - excluded
    rules = [Rule(Kind.ADDRESS, address) for address in sorted(excluded)]
    return {
        "email_sync": found,
        "email_sync_missed": [value for value in request.session.get(MISSED, []) if value in included],
        "email_sync_stored": queries.concerned(request.membership, rules, contact) if rules else None,
    }


add_part("exclusions/_contact.html", _on_the_card)
