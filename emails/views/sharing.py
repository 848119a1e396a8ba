"""Who sees one's emails (R37): saying it, asking colleagues for theirs, and answering them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import bell
from accounts.http import MemberRequest, member_view
from accounts.models import Membership
from accounts.views import back
from contacts import queries as contacts
from contacts.models import Contact
from contacts.operations import Done
from contacts.views.answers import say
from contacts.views.cards import add_part
from emails import queries
from emails.models import Visibility
from emails.operations import sharing as operations
from emails.queries import sharing
from emails.sharing_forms import AnswerForm, VisibilityForm
from emails.views.answers import gone

NOT_SAID = "Choose who sees them: nothing was changed."


@require_POST
@member_view()
def door_sharing(request: MemberRequest, door_id: int) -> HttpResponse:
    """Of what came, and will come, through one of one's own doors."""
    door = sharing.get_door(request.membership, door_id)

    def share(said: Visibility | None) -> Done:
        if said is None:
            raise PermissionDenied(NOT_SAID)
        return operations.share_door(actor=request.membership, door=door, visibility=said)

    return _share(request, share)


@require_POST
@member_view()
def contact_sharing(request: MemberRequest, contact_id: int) -> HttpResponse:
    """Of one's own mail with a contact."""
    contact = contacts.get_contact(request.membership, contact_id)
    return _share(
        request, lambda said: operations.share_contact(actor=request.membership, contact=contact, visibility=said)
    )


@require_POST
@member_view()
def thread_sharing(request: MemberRequest, thread_id: int) -> HttpResponse:
    """Of one's own mail in a conversation."""
    found = sharing.get_thread(request.membership, thread_id)
    return _share(
        request,
        lambda said: operations.share_thread(actor=request.membership, thread_id=found.thread_id, visibility=said),
    )


def _share(request: MemberRequest, share: Callable[[Visibility | None], Done]) -> HttpResponse:
    form = VisibilityForm(request.POST)
    if form.is_valid():
        say(request, share(form.said()))
    else:
        messages.error(request, NOT_SAID)
    return redirect(back(request))


# --- Asking and answering -----------------------------------------------------------------------


@require_POST
@member_view()
def access_ask(request: MemberRequest, email_id: int) -> HttpResponse:
    """Asks whoever has it to let the reader read more than its subject."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    say(request, operations.ask_access(actor=request.membership, email=email))
    return redirect(back(request))


@require_POST
@member_view()
def access_answer(request: MemberRequest, access_id: int) -> HttpResponse:
    """Lets a colleague read, or not, or no more."""
    access = sharing.get_access(request.membership, access_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        is_granted = form.cleaned_data["granted"] == "yes"
        say(request, operations.answer_access(actor=request.membership, access=access, is_granted=is_granted))
    else:
        messages.error(request, "Choose an answer: nothing was changed.")
    return redirect(back(request))


@require_POST
@member_view()
def access_put_away(request: MemberRequest, access_id: int) -> HttpResponse:
    """The reader has taken note of an answer."""
    access = sharing.get_access(request.membership, access_id)
    operations.put_answer_away(actor=request.membership, access=access)
    return redirect(back(request))


# --- What other pages show of it ------------------------------------------------------------------


def _in_the_bell(member: Membership) -> list[bell.Item]:
    return [bell.Item("emails/_access_item.html", access) for access in sharing.waiting_for(member)]


def _on_the_card(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    return {"contact_sharing": sharing.contact_sharing(request.membership, contact)}


bell.add_source(_in_the_bell)
add_part("emails/_sharing_contact.html", _on_the_card)
