"""The list on the Email page and in the email settings: reading it, adding to it, taking off it (R7, R12, R14)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest, is_fragment, member_view
from accounts.undo import UnableToUndo
from contacts.views.answers import say
from exclusions import operations, queries
from exclusions.forms import ExcludeForm, WhyForm, last_day
from exclusions.models import Exclusion
from exclusions.operations import InvalidExclusion, Judgement, Outcome
from exclusions.views.panel import MISSED, PLACES, Place, answer, panel_context, place_of, preview_context, show

#: Lines that have to be put right, or confirmed, and stay in the form.
LEFT = (Outcome.INVALID, Outcome.OWN, Outcome.PUBLIC)
#: What the session keeps of values whose mail was missed.
MOST_MISSED = 50


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def excluded_emails(request: MemberRequest) -> HttpResponse:
    """From the Email page: a page, or for htmx what stands in the dialog over it."""
    return _list(request, PLACES[Exclusion.Door.EMAIL])


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def excluded_settings(request: MemberRequest) -> HttpResponse:
    """Settings > Apps and Integrations > Email > Excluded Emails."""
    return _list(request, PLACES[Exclusion.Door.SETTINGS])


def _list(request: MemberRequest, place: Place) -> HttpResponse:
    if not is_fragment(request):
        return show(request, place)
    context = panel_context(request, place)
    if request.htmx.target == "excluded-dialog":
        return render(request, "exclusions/_dialog.html", context | {"form": ExcludeForm(), "judgement": None})
    template = "exclusions/_rows.html" if "cursor" in request.GET else "exclusions/_list.html"
    return render(request, template, context)


# --- Adding -------------------------------------------------------------------------------------


@require_POST
@member_view()
def exclusion_preview(request: MemberRequest) -> HttpResponse:
    """What a list would do, while it is typed."""
    form = ExcludeForm(request.POST)
    if not form.is_valid():
        return render(request, "exclusions/_preview.html", {"judgement": None, "unreadable": form.errors.get("text")})
    judgement = _judged(request, form)
    return render(request, "exclusions/_preview.html", preview_context(form, judgement))


@require_POST
@member_view()
def exclusion_add(request: MemberRequest) -> HttpResponse:
    """Excludes what was read and seen; shows first what it concerns where that was not seen yet."""
    place = place_of(request)
    form = ExcludeForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, place, form=form, failed=True)
    if not form.was_seen:
        judgement = _judged(request, form)
        return show(request, place, form=form.to_confirm(), judgement=judgement)
    try:
        done = operations.exclude_many(actor=request.membership, lines=form.lines, wish=form.wish(place.door))
    except InvalidExclusion as problem:
        form.add_error(problem.field if problem.field in form.fields else "text", str(problem))
        return show(request, place, form=form, judgement=_judged(request, form), failed=True)
    left = [judged.line for judged in done.judgement.of(*LEFT)]
    _tell(request, done)
    if not left:
        return answer(request, place)
    form = form.with_list(left)
    return show(request, place, form=form, judgement=_left(done.judgement), failed=True)


def _judged(request: MemberRequest, form: ExcludeForm) -> Judgement:
    return operations.judge_lines(request.membership, form.lines, confirmed=request.POST.getlist("confirmed"))


def _left(judgement: Judgement) -> Judgement:
    """Of a list that went in, what did not."""
    return Judgement(judgement.of(*LEFT), public=judgement.public)


def _tell(request: MemberRequest, done: operations.Excluded) -> None:
    if done.undo is not None:
        messages.success(request, done.message, extra_tags=f"undo:{done.undo.pk}")
    elif not done.judgement.of(*LEFT):
        there = [judged.note for judged in done.judgement.lines if judged.note]
        messages.info(request, there[0] if len(there) == 1 else f"{done.message}")


# --- Taking off, changing -----------------------------------------------------------------------


@require_POST
@member_view()
def exclusion_remove(request: MemberRequest, exclusion_id: int) -> HttpResponse:
    """Takes an entry off, and offers to import what was missed (R12)."""
    place = place_of(request)
    try:
        exclusion = queries.get_exclusion(request.membership, exclusion_id)
    except Http404:
        if not is_fragment(request):
            raise
        messages.info(request, "Somebody else has removed this entry already.")
        return show(request, place)
    value = exclusion.value
    say(request, operations.include(actor=request.membership, exclusion=exclusion))
    offer_missed(request, [value])
    return answer(request, place)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@member_view()
def exclusion_edit(request: MemberRequest, exclusion_id: int) -> HttpResponse:
    """Reason and end of an entry: a row of the list for htmx, else a page."""
    exclusion = queries.get_exclusion(request.membership, exclusion_id)
    place = PLACES[Exclusion.Door.EMAIL] if request.GET.get("door") == "email" else place_of(request)
    initial = {"reason": exclusion.reason, "ends_at": last_day(exclusion.ends_at)}
    form = WhyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            operations.change(actor=request.membership, exclusion=exclusion, **form.cleaned_data)
        except InvalidExclusion as problem:
            form.add_error(problem.field, str(problem))
        else:
            messages.success(request, f"Saved {exclusion}.")
            return answer(request, place)
    template = "exclusions/_edit.html" if is_fragment(request) else "exclusions/edit.html"
    context = {"form": form, "entry": exclusion, "place": place}
    return render(request, template, context, status=422 if form.errors else 200)


# --- What was missed, and what was removed ------------------------------------------------------


def offer_missed(request: MemberRequest, values: list[str]) -> None:
    """Notes for the pages that mail of these was kept out, and could be imported now."""
    known = [value for value in request.session.get(MISSED, []) if value not in values]
    request.session[MISSED] = [*values, *known][:MOST_MISSED]


@require_POST
@member_view()
def exclusion_missed(request: MemberRequest) -> HttpResponse:
    """Imports what was missed of the values named, or with ``do=forget`` offers it no more."""
    values = [value for value in request.POST.getlist("value") if value]
    offered = request.session.get(MISSED, [])
    if request.POST.get("do") != "forget" and values:
        try:
            done = operations.import_missed(actor=request.membership, values=values[:MOST_MISSED])
            messages.info(request, done.message)
        except InvalidExclusion as problem:
            messages.warning(request, str(problem))
    request.session[MISSED] = [value for value in offered if value not in values]
    if request.POST.get("contact", "").isdecimal():
        return redirect("contact_detail", int(request.POST["contact"]))
    return answer(request, place_of(request))


@require_POST
@member_view()
def removal_restore(request: MemberRequest, removal_id: int) -> HttpResponse:
    """Brings back the emails that were removed with an entry."""
    removal = queries.get_removal(request.membership, removal_id)
    try:
        messages.success(request, operations.restore(actor=request.membership, removal=removal).message)
    except UnableToUndo as problem:
        messages.warning(request, str(problem))
    return answer(request, place_of(request))


@require_safe
@member_view()
def removal_progress(request: MemberRequest, removal_id: int) -> HttpResponse:
    """How far it is; asked for again and again."""
    removal = queries.get_removal(request.membership, removal_id)
    return render(request, "exclusions/_removal_state.html", {"removal": removal})
