"""One email: its page, its place in the conversation, and the messages that open within it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest, is_fragment, member_view
from emails import content, files, queries
from emails.forms import ListQuery, ids_of
from emails.queries import Opened, Side
from emails.queries.sharing import thread_sharing
from emails.views.answers import gone
from emails.views.listing import list_context


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def email_detail(request: MemberRequest, email_id: int) -> HttpResponse:
    """The reader beside the list; for htmx the reader alone."""
    try:
        opened = queries.open_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    query = ListQuery.read(request.GET)
    context = message_context(request, opened) | {
        "conversation": queries.conversation(request.membership, opened.email),
        "list_query": query,
        "query": query.text(),
    }
    if is_fragment(request):
        return render(request, "emails/_reader.html", context)
    return render(request, "emails/list.html", list_context(request) | context)


@require_safe
@member_view()
def email_message(request: MemberRequest, email_id: int) -> HttpResponse:
    """One message for where it opens in place: in its conversation, or on the timeline of ``?contact=``."""
    try:
        opened = queries.open_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    if not is_fragment(request):
        return redirect("email_detail", email_id)
    context = message_context(request, opened) | {"query": _query(request), "in_place": True}
    if request.GET.get("part") == "body":
        return render(request, "emails/_body.html", context)
    if request.GET.get("part") == "everybody":
        return render(request, "emails/_recipients_list.html", context | {"parties": opened.parties})
    linked = {link.contact_id: link.contact for link in opened.links}
    for contact_id in ids_of(request.GET.getlist("contact"), 1):
        context["contact"] = linked.get(contact_id)
        context["next"] = f"{reverse('contact_detail', args=[contact_id])}{_query(request)}"
    return render(request, "emails/_unfolded.html", context)


@require_safe
@member_view()
def email_thread(request: MemberRequest, email_id: int) -> HttpResponse:
    """The emails of its conversation before or after it (``?side=``), or around it; for htmx in place."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    if not is_fragment(request):
        return redirect("email_detail", email_id)
    side = request.GET.get("side", "")
    side = Side(side) if side in set(Side) else Side.AROUND
    context = {
        "conversation": queries.conversation(request.membership, email, side),
        "side": side,
        "query": _query(request),
        "last_opens": "contact" in request.GET and side is Side.AROUND,
    }
    return render(request, "emails/_thread.html", context)


def _query(request: MemberRequest) -> str:
    """What the links of a fragment carry on: the list that the reader is in, or the timeline."""
    if "contact" not in request.GET:
        return ListQuery.read(request.GET).text()
    names = ("contact", "tab", "view")
    return "?" + urlencode({name: request.GET[name][:20] for name in names if name in request.GET})


def message_context(request: MemberRequest, opened: Opened) -> dict[str, object]:
    """What `_message.html` shows."""
    return {
        "opened": opened,
        "email": opened.email,
        "words": content.words(opened.email.text),
        "as_text": request.GET.get("as") == "text",
        "everybody": "everybody" in request.GET,
        "is_readable": queries.is_readable(opened.email),
        "files": files.lines(opened.files),
        "sharing": thread_sharing(request.membership, opened.email.thread_id),
    }
