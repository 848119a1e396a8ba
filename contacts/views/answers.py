"""What the pages have in common: telling what was done, and going on from there."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from accounts.http import MemberRequest
from contacts.filters import DEFAULT_SORT, Criteria
from contacts.operations import Done


def say(request: MemberRequest, words: str | Done) -> None:
    """A toast; for what can be taken back, with an Undo button."""
    if isinstance(words, str):
        messages.success(request, words)
    elif words.undo is None:
        messages.info(request, words.message)
    else:
        messages.success(request, words.message, extra_tags=f"undo:{words.undo.pk}")


def say_problems(request: MemberRequest, problems: Sequence[str]) -> None:
    """A toast for each thing that is wrong."""
    for problem in problems:
        messages.error(request, problem)


def sent(request: MemberRequest) -> QueryDict | None:
    """What a form was filled with; None where it is only shown."""
    return request.POST if request.method == "POST" else None


def page_or_form(request: MemberRequest, template: str, context: dict[str, object], *, failed: bool) -> HttpResponse:
    """The page; with status 422 where it shows again a form that could not be accepted."""
    return render(request, template, context, status=422 if failed else 200)


def list_url(criteria: Criteria, *, sort: str = DEFAULT_SORT, filter_id: int | None = None) -> str:
    """The address of the list of contacts; without its filter where nothing is asked for."""
    query = criteria.to_query()
    parts = [query] if query else []
    if sort != DEFAULT_SORT:
        parts.append(f"sort={sort}")
    if filter_id is not None and query:
        parts.append(f"filter={filter_id}")
    return f"{reverse('contact_list')}{'?' if parts else ''}{'&'.join(parts)}"
