"""One email: its page, and what is done with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest, is_fragment, member_view
from accounts.views import back
from contacts import queries as contacts
from contacts.models import Contact
from emails import content, operations, queries
from emails.forms import ContactForm, ListQuery
from emails.views.answers import act, gone
from emails.views.listing import list_context, list_url


@require_safe
@vary_on_headers("HX-Request")
@member_view()
def email_detail(request: MemberRequest, email_id: int) -> HttpResponse:
    """The reader beside the list; for htmx the reader alone."""
    try:
        opened = queries.open_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    context: dict[str, object] = {
        "opened": opened,
        "email": opened.email,
        "words": content.words(opened.email.text),
        "thread": [one for one in queries.thread_of(request.membership, opened.email.thread_id) if one.pk != email_id],
    }
    if is_fragment(request):
        return render(request, "emails/_reader.html", context | {"query": ListQuery.read(request.GET).text()})
    return render(request, "emails/list.html", list_context(request) | context)


@require_POST
@member_view()
def email_delete(request: MemberRequest, email_id: int) -> HttpResponse:
    """Deletes it for every contact (R17)."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    act(request, lambda: operations.delete_emails(actor=request.membership, ids=[email.pk]))
    return redirect(list_url(ListQuery.read(request.GET)))


@require_POST
@member_view()
def email_store(request: MemberRequest, email_id: int) -> HttpResponse:
    """Stores it for the contact that the form names (R15)."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    contact = _chosen(request)
    if contact:
        act(request, lambda: operations.store(actor=request.membership, email=email, contact=contact))
    return redirect(back(request))


@require_POST
@member_view()
def email_unstore(request: MemberRequest, email_id: int) -> HttpResponse:
    """Takes it off the contact that the form names (R17), and returns to where it still is to be seen."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    contact = _chosen(request)
    if contact:
        act(request, lambda: operations.unstore(actor=request.membership, email=email, contact=contact))
    came_from_it = reverse("email_detail", args=[email_id]) in back(request)
    if came_from_it and not queries.is_visible(request.membership, email_id):
        return redirect("email_list")
    return redirect(back(request))


def _chosen(request: MemberRequest) -> Contact | None:
    """The contact that the form names; None, with a word about it, where it names none. Raises ``Http404``."""
    form = ContactForm(request.POST)
    if form.is_valid():
        return contacts.get_contact(request.membership, form.cleaned_data["contact"])
    messages.error(request, "Choose a contact: nothing was changed.")
    return None
