"""The list with all that is done with it: one panel, in a dialog over the Email page and on two pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.http import MemberRequest, is_fragment
from contacts import queries as contacts
from emails.forms import ListQuery
from emails.views.side import side_context
from exclusions import queries
from exclusions.forms import ExcludeForm, door_of
from exclusions.models import Exclusion
from exclusions.operations import Judgement

#: Lines that are told of one by one; the rest is counted.
MOST_TOLD: Final = 20
#: In the session: values whose missed mail the reader is offered to import (R12).
MISSED: Final = "missed"


@dataclass(frozen=True)
class Place:
    """One of the pages with the panel."""

    door: Exclusion.Door
    url_name: str
    template: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


PLACES: Final = {
    Exclusion.Door.EMAIL: Place(Exclusion.Door.EMAIL, "excluded_emails", "exclusions/email.html"),
    Exclusion.Door.SETTINGS: Place(Exclusion.Door.SETTINGS, "excluded_settings", "exclusions/settings.html"),
}


def place_of(request: MemberRequest) -> Place:
    """Where a form of the panel was sent from."""
    return PLACES[door_of(request.POST.get("door", ""))]


def show(
    request: MemberRequest,
    place: Place,
    *,
    form: ExcludeForm | None = None,
    judgement: Judgement | None = None,
    failed: bool = False,
) -> HttpResponse:
    """The page, or for htmx the panel alone; ``form`` and its ``judgement`` where something has to be put right."""
    context = panel_context(request, place) | {"form": form or ExcludeForm()} | preview_context(form, judgement)
    status = 422 if failed else 200
    if is_fragment(request):
        return render(request, "exclusions/_panel.html", context, status=status)
    if place.door is Exclusion.Door.EMAIL:
        filters = contacts.list_filters(request.membership)
        context |= side_context(request.membership, ListQuery(), filters)
    return render(request, place.template, context, status=status)


def answer(request: MemberRequest, place: Place) -> HttpResponse:
    """After something was done: the panel anew, or the way back to its page."""
    return show(request, place) if is_fragment(request) else redirect(place.url_name)


def panel_context(request: MemberRequest, place: Place) -> dict[str, Any]:
    """What the panel shows beside its form."""
    member = request.membership
    q = request.GET.get("q", "")[:200]
    page = queries.exclusion_page(member, q, cursor=request.GET.get("cursor"))
    return {
        "place": place,
        "q": q,
        "page": page,
        "next_url": _next_url(place, q, page.next),
        "sees_all": queries.sees_all(member),
        "own": queries.own_addresses(),
        "removals": queries.removals_of(member)[:10],
        "missed": request.session.get(MISSED, []),
    }


def preview_context(form: ExcludeForm | None, judgement: Judgement | None) -> dict[str, Any]:
    """What a list would do, before it does it."""
    if form is None or judgement is None:
        return {"judgement": None}
    told = judgement.told
    return {
        "judgement": judgement,
        "told": told[:MOST_TOLD],
        "untold": len(told) - MOST_TOLD,
        "mark": form.mark if form.is_bound else "",
        "confirmed": form.data.getlist("confirmed") if form.is_bound else [],  # type: ignore[attr-defined]
        "remove_stored": "remove_stored" in form.data,
        "has_many": len(judgement.lines) > 1,
        "has_lines": any(judged.line.number > 1 for judged in judgement.lines),
    }


def _next_url(place: Place, q: str, cursor: str | None) -> str:
    if cursor is None:
        return ""
    return f"{place.url}?{urlencode({'q': q, 'cursor': cursor} if q else {'cursor': cursor})}"
