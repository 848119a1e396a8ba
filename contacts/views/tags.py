"""Settings > Tags: the words that the team sorts its contacts by."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest, member_view
from accounts.permissions import Right
from contacts import operations, queries
from contacts.forms.parts import take
from contacts.forms.words import TagForm, TagMergeForm
from contacts.models import COLOURS
from contacts.operations import InvalidTag
from contacts.views.answers import page_or_form, say, say_problems, sent

PAGE = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE)
@member_view()
def tag_list(request: MemberRequest) -> HttpResponse:
    """All tags with their uses; a POST makes one."""
    form = TagForm(sent(request))
    if form.is_valid():
        try:
            tag = operations.create_tag(actor=request.membership, **form.cleaned_data)
        except InvalidTag as error:
            take(form, error.problems)
        else:
            say(request, f"Made the tag “{tag}”.")
            return redirect("tag_list")
    context = {"form": form, "uses": queries.tags_with_counts(request.membership), "colours": COLOURS}
    return page_or_form(request, "contacts/tags.html", context, failed=form.is_bound)


@require_http_methods(PAGE)
@member_view(Right.SHARE_FILTERS)
def tag_edit(request: MemberRequest, tag_id: int) -> HttpResponse:
    """Name and colour of a tag; beside it, merging it into another one and deleting it."""
    tag = queries.get_tag(tag_id)
    form = TagForm(sent(request), initial={"name": tag.name, "colour": tag.colour})
    if form.is_valid():
        try:
            operations.update_tag(actor=request.membership, tag=tag, **form.cleaned_data)
        except InvalidTag as error:
            take(form, error.problems)
        else:
            say(request, f"Saved the tag “{tag}”.")
            return redirect("tag_list")
    context = {"form": form, "tag": queries.get_tag(tag_id), "others": queries.tags().exclude(pk=tag_id)}
    return page_or_form(request, "contacts/tag_form.html", context, failed=form.is_bound)


@require_POST
@member_view(Right.SHARE_FILTERS)
def tag_merge(request: MemberRequest, tag_id: int) -> HttpResponse:
    tag = queries.get_tag(tag_id)
    form = TagMergeForm(request.POST)
    if not form.is_valid():
        raise Http404
    into = queries.get_tag(form.cleaned_data["into"])
    try:
        say(request, operations.merge_tags(actor=request.membership, into=into, other=tag))
    except InvalidTag as error:
        say_problems(request, [str(error)])
    return redirect("tag_list")


@require_POST
@member_view(Right.SHARE_FILTERS)
def tag_delete(request: MemberRequest, tag_id: int) -> HttpResponse:
    tag = queries.get_tag(tag_id)
    say(request, operations.delete_tag(actor=request.membership, tag=tag))
    return redirect("tag_list")
