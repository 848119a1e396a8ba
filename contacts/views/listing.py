"""The list of contacts: search, filters, order, pages; and what is done with many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import queries as accounts
from accounts.http import MemberRequest, is_fragment, member_view
from accounts.models import Membership
from contacts import operations, queries
from contacts.data import InvalidContact
from contacts.filters import NOBODY, Criteria
from contacts.forms.listing import BulkForm, CriteriaForm, ListQuery, SavedFilterForm
from contacts.models import Contact, Tag
from contacts.operations.filters import may_change_filter
from contacts.views.answers import list_url, say, say_problems
from contacts.views.side import Link, Side
from crm.lib.pagination import BadCursor, Page

SORT_LABELS = {
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "company": "Company, A to Z",
    "-company": "Company, Z to A",
    "-created": "Newest first",
    "created": "Oldest first",
    "-updated": "Changed last",
    "updated": "Not changed for longest",
}
#: Columns whose head sorts: label and the order that a first click asks for.
HEADS = {"name": ("Name", "name"), "company": ("Company", "company"), "updated": ("Changed", "-updated")}


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def contact_list(request: MemberRequest) -> HttpResponse:
    """The page, or for htmx its results, or for htmx with a cursor the rows of the next page."""
    query = ListQuery.read(dict(request.GET.lists()))
    page = _page(request, query)
    if is_fragment(request) and "cursor" in request.GET:
        return render(request, "contacts/_rows.html", {"page": page, "next_url": _next_url(query, page)})
    context = _context(request.membership, query, page)
    return render(request, "contacts/_results.html" if is_fragment(request) else "contacts/list.html", context)


@require_POST
@member_view()
def contact_bulk(request: MemberRequest) -> HttpResponse:
    """Deletes, tags or untags what was selected; ``do`` says which."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        say_problems(request, [str(sentence) for sentences in form.errors.values() for sentence in sentences])
        return redirect("contact_list")
    try:
        say(request, _do(request.membership, form))
    except InvalidContact as problem:
        say_problems(request, [str(problem)])
    query = form.list_query
    return redirect(list_url(query.criteria, sort=query.sort, filter_id=query.filter_id))


def _do(member: Membership, form: BulkForm) -> operations.Done:
    if form.cleaned_data["untag"]:
        tag = queries.get_tag(form.cleaned_data["untag"])
        return operations.untag_contacts(actor=member, selection=form.selection(), tag=tag)
    if form.cleaned_data["do"] == "delete":
        return operations.delete_contacts(actor=member, selection=form.selection())
    return operations.tag_contacts(actor=member, selection=form.selection(), tags=[form.cleaned_data["tag"]])


# --- What the page shows ------------------------------------------------------------------------


def _page(request: MemberRequest, query: ListQuery) -> Page[Contact]:
    try:
        return queries.contact_page(
            request.membership, query.criteria, sort=query.sort, cursor=request.GET.get("cursor")
        )
    except BadCursor:
        return queries.contact_page(request.membership, query.criteria, sort=query.sort)


def _next_url(query: ListQuery, page: Page[Contact]) -> str:
    if page.next is None:
        return ""
    url = list_url(query.criteria, sort=query.sort, filter_id=query.filter_id)
    return f"{url}{'&' if '?' in url else '?'}cursor={page.next}"


def _context(member: Membership, query: ListQuery, page: Page[Contact]) -> dict[str, object]:
    tags = queries.list_tags()
    members = list(accounts.members(active_only=True))
    side = Side.of(member, query)
    saved = side.saved
    criteria_form = CriteriaForm.of(query.criteria)
    return {
        "query": query,
        "query_text": list_url(query.criteria, sort=query.sort, filter_id=query.filter_id).partition("?")[2],
        "criteria": query.criteria,
        "page": page,
        "next_url": _next_url(query, page),
        "count": _count(member, query.criteria, page),
        "chips": list(_chips(query, tags, members)),
        "tags": tags,
        "tag_links": [_tag_link(query, tag) for tag in tags],
        "owner_links": list(_owner_links(query, member, members)),
        "sorts": [_sort_link(query, sort) for sort in SORT_LABELS],
        "heads": {name: _head(query, name) for name in HEADS},
        "criteria_form": criteria_form,
        "criteria_hidden": criteria_form.hidden(query),
        "side": side,
        "saved": saved,
        "may_change_saved": saved is not None and may_change_filter(member, saved),
        "saved_differs": saved is not None and saved.criteria != query.criteria.to_json(),
        "filter_form": SavedFilterForm(initial={"query": query.criteria.to_query()}),
    }


def _count(member: Membership, criteria: Criteria, page: Page[Contact]) -> str:
    """How many match, exactly up to `queries.COUNT_LIMIT`."""
    if page.next is None and page.previous is None:
        return f"{len(page.items):,}"
    found = queries.count_up_to(queries.matching(member, criteria))
    return f"{found:,}" if found <= queries.COUNT_LIMIT else f"more than {queries.COUNT_LIMIT:,}"


def _chips(query: ListQuery, tags: list[Tag], members: list[Membership]) -> Iterator[Link]:
    """The criteria that are set, each with the way to do without it."""
    criteria = query.criteria
    names = {tag.pk: tag.name for tag in tags}
    for tag in criteria.tags:
        yield Link(f"Tag: {names.get(tag, 'deleted')}", _to(query, criteria.without("tags", tag)))
    for name, label in _labels(criteria, {member.pk: str(member) for member in members}).items():
        yield Link(label, _to(query, criteria.without(name)))


def _labels(criteria: Criteria, members: Mapping[int, str]) -> dict[str, str]:
    owner = "nobody" if criteria.owner == NOBODY else members.get(criteria.owner or 0, "somebody who left")
    labels = {
        "q": f"“{criteria.q}”",
        "owner": f"Owner: {owner}",
        "company": f"Company: {criteria.company}",
        "address": f"Address: {criteria.address}",
        "has_email": "With an address" if criteria.has_email else "Without an address",
        "created_from": f"Added from {criteria.created_from:%-d %b %Y}" if criteria.created_from else "",
        "created_until": f"Added until {criteria.created_until:%-d %b %Y}" if criteria.created_until else "",
        "updated_from": f"Changed from {criteria.updated_from:%-d %b %Y}" if criteria.updated_from else "",
        "updated_until": f"Changed until {criteria.updated_until:%-d %b %Y}" if criteria.updated_until else "",
        "updated_since": f"Changed since {criteria.updated_since:%-d %b %Y %H:%M}" if criteria.updated_since else "",
    }
    asked = criteria.to_json()
    return {name: label for name, label in labels.items() if name in asked}


def _to(query: ListQuery, criteria: Criteria) -> str:
    return list_url(criteria, sort=query.sort, filter_id=query.filter_id)


def _tag_link(query: ListQuery, tag: Tag) -> Link:
    criteria = query.criteria
    if tag.pk in criteria.tags:
        return Link(tag.name, _to(query, criteria.without("tags", tag.pk)), on=True)
    return Link(tag.name, _to(query, criteria.but(tags=(*criteria.tags, tag.pk))))


def _owner_links(query: ListQuery, me: Membership, members: list[Membership]) -> Iterator[Link]:
    owners = [(me.pk, "You"), *((one.pk, str(one)) for one in members if one.pk != me.pk), (NOBODY, "Nobody")]
    for owner, label in owners:
        on = query.criteria.owner == owner
        yield Link(label, _to(query, query.criteria.but(owner=None if on else owner)), on=on)


def _sort_link(query: ListQuery, sort: str) -> Link:
    url = list_url(query.criteria, sort=sort, filter_id=query.filter_id)
    return Link(SORT_LABELS[sort], url, on=sort == query.sort)


def _head(query: ListQuery, name: str) -> Link:
    label, first = HEADS[name]
    by_this = query.sort.removeprefix("-") == name
    if by_this:
        order = "descending" if query.sort.startswith("-") else "ascending"
        other = name if query.sort.startswith("-") else f"-{name}"
        return Link(label, list_url(query.criteria, sort=other, filter_id=query.filter_id), on=True, order=order)
    return Link(label, list_url(query.criteria, sort=first, filter_id=query.filter_id))
