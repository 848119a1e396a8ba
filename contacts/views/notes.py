"""Notes on a contact, written and changed where they are read."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest, is_fragment, member_view
from contacts import operations, queries
from contacts.forms.parts import take
from contacts.forms.words import NoteForm
from contacts.models import Contact
from contacts.operations import InvalidNote
from contacts.views.answers import page_or_form, say, sent
from contacts.views.side import beside_list
from contacts.views.tabs import current_tab, query_of, timeline_context

PAGE = ["GET", "HEAD", "POST"]


@require_POST
@member_view()
def note_create(request: MemberRequest, contact_id: int) -> HttpResponse:
    contact = queries.get_contact(request.membership, contact_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            operations.create_note(actor=request.membership, contact=contact, text=form.cleaned_data["text"])
        except InvalidNote as error:
            take(form, error.problems)
        else:
            return _back(request, contact)
    if is_fragment(request):
        context = timeline_context(request, contact) | {"note_form": form}
        return page_or_form(request, "contacts/_timeline.html", context, failed=True)
    return beside_list(request, "contacts/note_form.html", {"form": form, "contact": contact}, failed=True)


@require_http_methods(PAGE)
@member_view()
def note_edit(request: MemberRequest, note_id: int) -> HttpResponse:
    """A page with the note in a form; for htmx the form alone."""
    note = queries.get_note(request.membership, note_id)
    # Beside the form for a new note, whose field has an id of its own.
    form = NoteForm(sent(request), initial={"text": note.text}, auto_id=f"note_{note.pk}_%s")
    if form.is_valid():
        try:
            operations.edit_note(actor=request.membership, note=note, text=form.cleaned_data["text"])
        except InvalidNote as error:
            take(form, error.problems)
        else:
            return _back(request, note.contact)
    context: dict[str, object] = {
        "form": form,
        "note": note,
        "contact": note.contact,
        "tab_query": query_of(current_tab(request)),
    }
    if is_fragment(request):
        return page_or_form(request, "contacts/_note_form.html", context, failed=form.is_bound)
    return beside_list(request, "contacts/note_form.html", context, failed=form.is_bound)


@require_POST
@member_view()
def note_delete(request: MemberRequest, note_id: int) -> HttpResponse:
    note = queries.get_note(request.membership, note_id)
    contact = note.contact
    say(request, operations.delete_note(actor=request.membership, note=note))
    return _back(request, contact)


def _back(request: MemberRequest, contact: Contact) -> HttpResponse:
    """The timeline as it is now: for htmx in place, else on the contact's page."""
    context = timeline_context(request, contact) | {"note_form": NoteForm(), "saved": True}
    if not is_fragment(request):
        return redirect(f"{reverse('contact_detail', args=[contact.pk])}{context['tab_query']}")
    return render(request, "contacts/_timeline.html", context)
