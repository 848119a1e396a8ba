"""One contact: its page, its form, its tags, and making one of several."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest, is_fragment, member_view
from accounts.models import Membership
from contacts import operations, queries
from contacts.data import LABELS, InvalidContact
from contacts.filters import Selection
from contacts.forms.contact import ContactForm
from contacts.forms.listing import MergeForm
from contacts.forms.parts import take
from contacts.forms.words import NoteForm, TaggingForm
from contacts.models import Contact
from contacts.operations import StaleContact, UnableToMerge
from contacts.operations.notes import may_delete_note
from contacts.views.answers import say, say_problems, sent
from contacts.views.cards import card_context
from contacts.views.side import beside_list
from contacts.views.tabs import Tab, add_tab, timeline_context
from crm.lib.pagination import BadCursor

PAGE = ["GET", "HEAD", "POST"]
FIELD_LABELS = LABELS | {
    "emails": "Email addresses",
    "phones": "Phones",
    "owner_id": "Owner",
    "is_private": "Private",
    "tags": "Tags",
}


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def contact_detail(request: MemberRequest, contact_id: int) -> HttpResponse:
    """The page; for htmx with a cursor, older entries of its tab."""
    contact = queries.get_contact(request.membership, contact_id)
    context = timeline_context(request, contact)
    if is_fragment(request) and "cursor" in request.GET:
        return render(request, context["tab"].more, context)
    context |= card_context(request, contact) | {
        "suggestions": queries.merge_suggestions(request.membership, contact),
        "tags": queries.list_tags(),
        "note_form": NoteForm(),
    }
    return beside_list(request, "contacts/detail.html", context)


def notes_context(request: MemberRequest, contact: Contact) -> dict[str, object]:
    """The page of notes that the URL asks for, and which of them the reader may change."""
    member = request.membership
    try:
        page = queries.note_page(member, contact, cursor=request.GET.get("cursor"))
    except BadCursor:
        page = queries.note_page(member, contact)
    return {"page": page, "deletable": {note.pk for note in page.items if may_delete_note(member, note)}}


add_tab(
    Tab(
        key="notes",
        label="Notes",
        noun="notes",
        order=30,
        template="contacts/_notes.html",
        more="contacts/_note_rows.html",
        context=notes_context,
    )
)


# --- Its form -----------------------------------------------------------------------------------


@require_http_methods(PAGE)
@member_view()
def contact_create(request: MemberRequest) -> HttpResponse:
    form = ContactForm(sent(request), initial=_first_values(request))
    if form.is_valid():
        try:
            contact = operations.create_contact(actor=request.membership, data=form.contact_data())
        except InvalidContact as error:
            take(form, error.problems)
        else:
            say(request, f"Added {contact}.")
            return redirect("contact_detail", contact.pk)
    return beside_list(request, "contacts/form.html", _form_context(form), failed=form.is_bound)


@require_http_methods(PAGE)
@member_view()
def contact_edit(request: MemberRequest, contact_id: int) -> HttpResponse:
    contact = queries.get_contact(request.membership, contact_id)
    form = ContactForm(sent(request), contact=contact)
    context = _form_context(form)
    if form.is_valid():
        try:
            operations.update_contact(
                actor=request.membership,
                contact=contact,
                data=form.contact_data(),
                seen=form.cleaned_data["seen"],
            )
        except InvalidContact as error:
            take(form, error.problems)
        except StaleContact as error:
            form.add_error(None, str(error))
            form.renew(error.contact)
            context["now"] = _values_now(error)
        else:
            say(request, "Saved.")
            return redirect("contact_detail", contact.pk)
    return beside_list(request, "contacts/form.html", context, failed=form.is_bound)


def _first_values(request: MemberRequest) -> dict[str, object]:
    """What a new contact's form begins with; links may bring more, such as ``?email=…&first_name=…``."""
    given = {name: request.GET[name][:254] for name in ("first_name", "last_name", "company") if name in request.GET}
    return {"owner": request.membership.pk, "emails": request.GET.getlist("email")[:5], **given}


def _form_context(form: ContactForm) -> dict[str, object]:
    return {"form": form, "contact": form.contact, "tags": queries.list_tags() if form.contact is None else ()}


def _values_now(stale: StaleContact) -> list[tuple[str, str]]:
    """What the fields that both have changed say now, for the reader to decide."""
    data = queries.data_of(stale.contact)
    values: dict[str, object] = {
        name: getattr(data, name) for name in stale.fields if name not in {"owner_id", "is_private"}
    }
    if "owner_id" in stale.fields:
        values["owner_id"] = stale.contact.owner or "Nobody"
    if "is_private" in stale.fields:
        values["is_private"] = "Yes" if data.is_private else "No"
    return [
        (FIELD_LABELS[name], ", ".join(value) if isinstance(value, tuple) else str(value))
        for name, value in values.items()
    ]


@require_safe
@member_view()
def company_options(request: MemberRequest) -> HttpResponse:
    """Companies that begin like what is typed, as options for a form's field."""
    text = request.GET.get("company", "")[:150]
    companies = queries.companies(request.membership, text) if text.strip() else []
    return render(request, "contacts/_company_options.html", {"companies": companies})


# --- What is done with it -----------------------------------------------------------------------


@require_POST
@member_view()
def contact_delete(request: MemberRequest, contact_id: int) -> HttpResponse:
    contact = queries.get_contact(request.membership, contact_id)
    say(request, operations.delete_contacts(actor=request.membership, selection=Selection(ids=(contact.pk,))))
    return redirect("contact_list")


@require_POST
@member_view()
def contact_tags(request: MemberRequest, contact_id: int) -> HttpResponse:
    """Puts tags on by name, or takes one off; answers htmx with the row of tags."""
    contact = queries.get_contact(request.membership, contact_id)
    form = TaggingForm(request.POST)
    problem = ""
    if form.is_valid():
        try:
            say(request, _tag(request.membership, contact, form))
        except InvalidContact as error:
            problem = str(error)
    if is_fragment(request):
        fresh = queries.get_contact(request.membership, contact_id)
        return render(
            request, "contacts/_tags_saved.html", {"contact": fresh, "tags": queries.list_tags(), "problem": problem}
        )
    say_problems(request, [problem] if problem else [])
    return redirect("contact_detail", contact_id)


def _tag(member: Membership, contact: Contact, form: TaggingForm) -> operations.Done:
    selection = Selection(ids=(contact.pk,))
    if form.cleaned_data["remove"]:
        tag = queries.get_tag(form.cleaned_data["remove"])
        return operations.untag_contacts(actor=member, selection=selection, tag=tag)
    return operations.tag_contacts(actor=member, selection=selection, tags=form.cleaned_data["tag"].split(","))


@require_http_methods(PAGE)
@member_view()
def contact_merge(request: MemberRequest) -> HttpResponse:
    """Shows the contacts side by side to choose the one that stays; a POST that names it in ``into`` merges."""
    form = MergeForm(request.POST if request.method == "POST" else request.GET)
    contacts = queries.contacts_to_merge(request.membership, form.cleaned_data["ids"]) if form.is_valid() else []
    problem = "" if len(contacts) > 1 else "Choose at least two different contacts to merge."
    into = next((one for one in contacts if one.pk == form.cleaned_data.get("into")), None)
    if request.method == "POST" and into is not None:
        try:
            others = [one for one in contacts if one != into]
            say(request, operations.merge_contacts(actor=request.membership, into=into, others=others))
        except UnableToMerge as error:
            problem = str(error)
        else:
            return redirect("contact_detail", into.pk)
    context: dict[str, object] = {"choices": contacts, "problem": problem}
    return beside_list(request, "contacts/merge.html", context, failed=bool(problem and request.method == "POST"))
