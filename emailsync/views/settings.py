"""One's own mailboxes: how they are, and what can be done with them (R39 to R42, E10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest, member_view
from accounts.permissions import Right, can
from emailsync import connections, operations, overview, queries
from emailsync.operations import UnableToConnect
from emailsync.views.words import PROVIDERS, gone


@require_safe
@member_view()
def email_settings(request: MemberRequest) -> HttpResponse:
    cards = overview.cards_of(request.membership)
    context = {
        "cards": cards,
        "other_doors": overview.other_doors(request.membership, cards),
        "providers": [words for words in PROVIDERS.values() if connections.is_set_up(words.key)],
        "missing": [words for words in PROVIDERS.values() if not connections.is_set_up(words.key)],
        "may_full": can(request.membership, Right.FULL_SYNC),
    }
    return render(request, "emailsync/settings.html", context)


@require_safe
@member_view()
def mailbox_state(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    """A card's line of state and its progress, asked for again and again; the page anew where more has changed."""
    try:
        card = overview.get_card(request.membership, mailbox_id)
    except Http404:
        return gone()
    response = render(request, "emailsync/_state.html", {"card": card})
    if request.GET.get("was", card.marker) != card.marker:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@member_view()
def mailbox_sync(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    mailbox = queries.get_mailbox(request.membership, mailbox_id)
    operations.sync_now(mailbox)
    messages.success(request, f"Looking into {mailbox.address} now.")
    return redirect("email_settings")


@require_POST
@member_view()
def mailbox_label(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    mailbox = queries.get_mailbox(request.membership, mailbox_id)
    wants_label = "wants_label" in request.POST
    try:
        operations.change_mailbox(actor=request.membership, mailbox=mailbox, wants_label=wants_label)
    except UnableToConnect as problem:
        messages.error(request, str(problem))
    else:
        now = "From now on what is stored is marked" if wants_label else "Nothing more is marked"
        messages.success(request, f"{now} in {mailbox.address}.")
    return redirect("email_settings")


@require_POST
@member_view()
def mailbox_disconnect(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    mailbox = queries.get_mailbox(request.membership, mailbox_id)
    operations.disconnect(actor=request.membership, mailbox=mailbox)
    messages.success(
        request,
        f"Disconnected {mailbox.address}: nothing more is read, and the log-in is forgotten. Stored mail stays.",
    )
    return redirect("email_settings")
