"""Saved filters, made from what the list shows."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest, member_view
from contacts import operations, queries
from contacts.forms.listing import ListQuery, SavedFilterForm
from contacts.forms.parts import take
from contacts.models import SavedFilter
from contacts.operations import InvalidFilter
from contacts.views.answers import list_url, say, sent
from contacts.views.side import beside_list

PAGE = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE)
@member_view()
def saved_filter_create(request: MemberRequest) -> HttpResponse:
    """Saves the criteria that come in ``query``."""
    form = SavedFilterForm(sent(request), initial={"query": request.GET.urlencode()})
    if form.is_valid():
        try:
            saved = operations.create_filter(actor=request.membership, data=form.filter_data())
        except InvalidFilter as error:
            take(form, _on_the_form(error))
        else:
            say(request, f"Saved the filter “{saved}”.")
            return _to_list(saved)
    return beside_list(request, "contacts/filter_form.html", {"form": form}, failed=form.is_bound)


@require_http_methods(PAGE)
@member_view()
def saved_filter_edit(request: MemberRequest, filter_id: int) -> HttpResponse:
    """Name, sharing and criteria of a filter; the criteria are those in ``query``."""
    saved = queries.get_filter(request.membership, filter_id)
    criteria = ListQuery.read_saved(saved).criteria
    first = {"name": saved.name, "is_shared": saved.is_shared, "query": request.GET.urlencode() or criteria.to_query()}
    form = SavedFilterForm(sent(request), initial=first)
    if form.is_valid():
        try:
            operations.update_filter(actor=request.membership, saved=saved, data=form.filter_data())
        except InvalidFilter as error:
            take(form, _on_the_form(error))
        else:
            say(request, f"Saved the filter “{saved}”.")
            return _to_list(saved)
    context = {"form": form, "saved": queries.get_filter(request.membership, filter_id)}
    return beside_list(request, "contacts/filter_form.html", context, failed=form.is_bound)


@require_POST
@member_view()
def saved_filter_delete(request: MemberRequest, filter_id: int) -> HttpResponse:
    saved = queries.get_filter(request.membership, filter_id)
    say(request, operations.delete_filter(actor=request.membership, saved=saved))
    return redirect("contact_list")


def _on_the_form(error: InvalidFilter) -> dict[str, list[str]]:
    """The criteria have no field that is seen."""
    return {{"criteria": "contact"}.get(field, field): sentences for field, sentences in error.problems.items()}


def _to_list(saved: SavedFilter) -> HttpResponse:
    return redirect(list_url(ListQuery.read_saved(saved).criteria, filter_id=saved.pk))
