"""What starting would store, and for whom, before anything is (R21)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest, member_view
from emailsync import operations, overview, private, queries
from emailsync.forms import HistoryForm, history_word
from emailsync.models import Run
from emailsync.overview import Card
from emailsync.views.words import PROVIDERS, gone

PAGE = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE)
@member_view()
def mailbox_preview(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    """The count as it stands; a POST chooses another stretch of history, and counts anew."""
    card = overview.get_card(request.membership, mailbox_id)
    if not card.is_waiting:
        return redirect("email_settings")
    form = HistoryForm(
        request.POST if request.method == "POST" else None,
        initial={"history": history_word(card.mailbox.history_days)},
    )
    if form.is_valid():
        operations.count_again(mailbox=card.mailbox, history_days=form.history_days())
        return redirect("mailbox_preview", mailbox_id)
    context = {**_context(request, card), "form": form}
    return render(request, "emailsync/preview.html", context, status=422 if form.is_bound else 200)


@require_safe
@member_view()
def mailbox_preview_progress(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    """The bar, asked for every two seconds; once there is more to say the whole page is loaded anew."""
    try:
        card = overview.get_card(request.membership, mailbox_id)
    except Http404:
        return gone()
    context = _context(request, card)
    response = render(request, "emailsync/_preview_progress.html", context)
    if not context["is_counting"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@member_view()
def mailbox_start(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    """The go, without the senders that were ticked."""
    mailbox = queries.get_mailbox(request.membership, mailbox_id)
    left_out = operations.start_without(
        member=request.membership, mailbox=mailbox, addresses=request.POST.getlist("exclude")
    )
    count = len(left_out)
    without = f" {count} sender{' is' if count == 1 else 's are'} excluded." if count else ""
    messages.success(request, f"{mailbox.address} is syncing now.{without}")
    return redirect("email_settings")


def _context(request: MemberRequest, card: Card) -> dict[str, object]:
    run = card.preview
    is_running = run is not None and run.state == Run.State.RUNNING
    return {
        "card": card,
        "run": run,
        "provider": PROVIDERS[card.mailbox.provider],
        # One that is held until somebody acts (E10) counts no further.
        "is_counting": card.is_waiting and is_running and run is not None and run.next_at is not None,
        "suspects": private.suspects(run) if run and run.state == Run.State.DONE else [],
        "expected": overview.expected(request.membership, run) if run else None,
        "percent": min(99, int(100 * run.progress)) if run else 0,
        "excluded": queries.excluded_count(),
    }
