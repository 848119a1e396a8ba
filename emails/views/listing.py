"""The Email page: boxes on the left, the list, and the reader beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest, is_fragment, member_view
from crm.lib.pagination import BadCursor, Page
from emails import operations, queries
from emails.forms import ListQuery, ids_of
from emails.models import Email
from emails.queries import Box
from emails.views.answers import act

TITLES = {
    Box.ALL: "All Email",
    Box.INCOMING: "Incoming",
    Box.SENT: "Sent",
    Box.TRACKED: "Open Tracking",
    Box.QUOTES: "Quotes",
    Box.DRAFTS: "Drafts",
}
ICONS = {
    Box.ALL: "envelope",
    Box.INCOMING: "inbox",
    Box.SENT: "paper-airplane",
    Box.TRACKED: "eye",
    Box.QUOTES: "document-text",
    Box.DRAFTS: "pencil",
}
MOST = 500


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def email_list(request: MemberRequest) -> HttpResponse:
    """The page; for htmx with a cursor, the rows that come after it."""
    context = list_context(request)
    if is_fragment(request) and "cursor" in request.GET:
        return render(request, "emails/_rows.html", context)
    return render(request, "emails/list.html", context)


@require_POST
@member_view()
def emails_delete(request: MemberRequest) -> HttpResponse:
    """Deletes those that are ticked, for every contact (R17)."""
    ids = ids_of(request.POST.getlist("ids"), MOST)
    act(request, lambda: operations.delete_emails(actor=request.membership, ids=ids))
    return redirect(list_url(ListQuery.read(request.GET)))


def list_context(request: MemberRequest) -> dict[str, object]:
    """The page of emails that the URL asks for, in groups by day, with its title and the way to the next."""
    query = ListQuery.read(request.GET)
    wanted = query.wanted(request.membership)
    try:
        page = queries.conversation_page(request.membership, wanted, cursor=request.GET.get("cursor"))
    except BadCursor:
        page = queries.conversation_page(request.membership, wanted)
    rows = list(_in_groups(page.items, after=request.GET.get("group", "")))
    return {
        "box": query.box,
        "title": TITLES[query.box],
        "rows": rows,
        "query": query.text(),
        "next_url": _next_url(query, page),
        "boxes": [(TITLES[one], list_url(query.but(box=one)), ICONS[one], one is query.box) for one in Box],
    }


def list_url(query: ListQuery) -> str:
    return reverse("email_list") + query.text()


def _next_url(query: ListQuery, page: Page[Email]) -> str:
    if page.next is None:
        return ""
    pairs = [*query.pairs(), ("group", _group_of(page.items[-1])), ("cursor", page.next)]
    return f"{reverse('email_list')}?{urlencode(pairs)}"


def _in_groups(emails: Iterable[Email], after: str) -> Iterator[tuple[str, Email]]:
    """Each email with the heading that stands above it, empty where that is the one before's."""
    last = after
    for email in emails:
        group = _group_of(email)
        yield (group if group != last else "", email)
        last = group


def _group_of(email: Email) -> str:
    """Today, Yesterday, Earlier this week, Earlier this month, or the month; in the reader's time zone."""
    day, today = timezone.localtime(email.sent_at).date(), timezone.localdate()
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=today.isoweekday()):
        return "Earlier this week"
    return dateformat.format(day, "F Y")
