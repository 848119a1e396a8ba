"""The Email page: boxes on the left, the list, and the reader beside it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import queries as accounts
from accounts.http import MemberRequest, is_fragment, member_view
from contacts import queries as contacts
from crm.lib.pagination import BadCursor, Page
from emails import queries
from emails.forms import ListQuery, ids_of
from emails.operations.deleting import delete_conversations
from emails.queries import Listed
from emails.queries.counting import MOST as MOST_NEWS
from emails.queries.counting import TOP, count_news
from emails.views.answers import act
from emails.views.bar import Bar
from emails.views.rows import group_of, rows_of
from emails.views.side import BOXES, counted_boxes, foot_lines, list_url, side_context

__all__ = ["email_counts", "email_list", "email_news", "emails_delete", "list_context", "list_url"]

#: Rows that one act takes, and that a list that is drawn anew has at most.
MOST = 500
#: Some two screens: the rest comes as one scrolls.
PAGE = 30


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@member_view()
def email_list(request: MemberRequest) -> HttpResponse:
    """The page; for htmx with a cursor the rows that come after it, and for the list's place the list anew."""
    context = list_context(request)
    if is_fragment(request) and "cursor" in request.GET:
        return render(request, "emails/_rows.html", context)
    if is_fragment(request) and request.htmx.target == "mail-list":
        return render(request, "emails/_list.html", context | {"oob": True})
    return render(request, "emails/list.html", context)


@require_POST
@member_view()
def emails_delete(request: MemberRequest) -> HttpResponse:
    """Deletes the conversations that are ticked, for every contact (R17)."""
    ids = ids_of(request.POST.getlist("ids"), MOST)
    act(request, lambda: delete_conversations(actor=request.membership, ids=ids))
    return redirect(list_url(ListQuery.read(request.GET)))


@require_safe
@member_view()
def email_counts(request: MemberRequest) -> HttpResponse:
    """The numbers beside the boxes, which the page does not wait for."""
    return render(request, "emails/_counts.html", {"counts": counted_boxes(request.membership)})


@require_safe
@member_view()
def email_news(request: MemberRequest) -> HttpResponse:
    """Whether the list would show more than its reader has on screen; and the numbers of the side column."""
    query = ListQuery.read(request.GET)
    known = ids_of(request.GET.get("known", "").split(","), TOP)
    number = count_news(request.membership, query.wanted(request.membership), known)
    context = {
        "news": f"{MOST_NEWS - 1}+" if number >= MOST_NEWS else str(number),
        "number": number,
        "counts": counted_boxes(request.membership),
        "foot": foot_lines(request.membership),
    }
    return render(request, "emails/_news.html", context)


def list_context(request: MemberRequest) -> dict[str, object]:
    """The page of emails that the URL asks for, in groups by day, with all that stands around it."""
    member, query = request.membership, ListQuery.read(request.GET)
    page = _page(request, query)
    if is_fragment(request) and "cursor" in request.GET:
        return _rows(request, query, page)
    filters = contacts.list_filters(member)
    bar = Bar.of(member, query, members=accounts.list_members(), tags=contacts.list_tags(), filters=filters)
    known = ",".join(str(email.id) for email in page.items[:TOP])
    return {
        "box": query.box,
        "box_words": BOXES[query.box],
        "bar": bar,
        "news_url": f"{reverse('email_news')}?{urlencode([*query.pairs(), ('known', known)])}",
        **_rows(request, query, page),
        **side_context(member, query, filters),
    }


def _rows(request: MemberRequest, query: ListQuery, page: Page[Listed]) -> dict[str, object]:
    text = query.text()
    return {
        "rows": rows_of(request.membership, page.items, query=text, after=request.GET.get("group", "")),
        "list_query": query,
        "query": text,
        "next_url": _next_url(query, page),
    }


def _page(request: MemberRequest, query: ListQuery) -> Page[Listed]:
    wanted = query.wanted(request.membership)
    rows = next(iter(ids_of([request.GET.get("rows", "")], 1)), 0)
    # In whole pages: each length is a query of its own (`crm.lib.compiled`).
    limit = min(MOST, PAGE * max(1, -(-rows // PAGE)))
    try:
        return queries.conversation_page(request.membership, wanted, cursor=request.GET.get("cursor"), limit=limit)
    except BadCursor:
        return queries.conversation_page(request.membership, wanted, limit=limit)


def _next_url(query: ListQuery, page: Page[Listed]) -> str:
    if page.next is None:
        return ""
    # A whole page can be deleted while it is brought.
    group = group_of(page.items[-1]) if page.items else ""
    pairs = [*query.pairs(), ("group", group), ("cursor", page.next)]
    return f"{reverse('email_list')}?{urlencode(pairs)}"
