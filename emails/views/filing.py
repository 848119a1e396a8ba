"""What is done with one email: deleting it, and saying for whom it is stored (R15 to R17)."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest, is_fragment, member_view
from accounts.views import back
from contacts import queries as contacts
from contacts.data import InvalidContact
from contacts.filters import Criteria
from contacts.forms.parts import take
from contacts.models import Contact
from emails import operations, queries
from emails.forms import ContactForm, ListQuery, NewContactForm, guess
from emails.models import Email, Party
from emails.views.answers import act, gone, list_around
from emails.views.listing import list_url

#: Contacts that a search shows at once.
FOUND = 8


@require_POST
@member_view()
def email_delete(request: MemberRequest, email_id: int) -> HttpResponse:
    """Deletes it for every contact (R17), and opens the next one of the list."""
    member, query = request.membership, ListQuery.read(request.GET)
    try:
        email = queries.get_readable_email(member, email_id)
    except Http404:
        return gone(request, email_id)
    below = None if "next" in request.POST else queries.next_in_list(member, query.wanted(member), email)
    act(request, lambda: operations.delete_emails(actor=member, ids=[email.pk]))
    if is_fragment(request):
        return render(request, "emails/_told.html")
    if "next" in request.POST:
        return redirect(_still(request, email_id))
    return redirect(reverse("email_detail", args=[below]) + query.text() if below else list_url(query))


@require_POST
@member_view()
def email_store(request: MemberRequest, email_id: int) -> HttpResponse:
    """Stores it for the contact that the form names (R15)."""
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    contact = _named(request, "contact")
    if contact:
        act(request, lambda: operations.store(actor=request.membership, email=email, contact=contact))
    return redirect(back(request))


@require_POST
@member_view()
def email_unstore(request: MemberRequest, email_id: int) -> HttpResponse:
    """Takes it off the contact that the form names (R17), and returns to where it still is to be seen.

    Htmx takes the email off a timeline that stays where it is.
    """
    try:
        email = queries.get_email(request.membership, email_id)
    except Http404:
        return gone(request, email_id)
    contact = _named(request, "contact")
    if contact:
        act(request, lambda: operations.unstore(actor=request.membership, email=email, contact=contact))
    if is_fragment(request):
        return render(request, "emails/_told.html")
    return redirect(_still(request, email_id))


@require_POST
@member_view()
def email_move(request: MemberRequest, email_id: int) -> HttpResponse:
    """Takes it off one contact (``from``) and gives it to another (``contact``): R16."""
    member = request.membership
    try:
        email = queries.get_email(member, email_id)
    except Http404:
        return gone(request, email_id)
    source, target = _named(request, "from"), _named(request, "contact")
    if source and target:
        act(request, lambda: operations.move(actor=member, email=email, source=source, target=target))
    return redirect(_still(request, email_id))


# --- Choosing a contact -------------------------------------------------------------------------


@require_safe
@member_view()
def email_choose(request: MemberRequest, email_id: int) -> HttpResponse:
    """A search for the contact to move it to, from ``?from=``, or else to store it for too.

    A page; for htmx a dialog, and while one types (``?q=``) what is found. With ``?address=`` the contact gets
    that address.
    """
    member = request.membership
    try:
        opened = queries.open_email(member, email_id)
    except Http404:
        return gone(request, email_id)
    party = _party(request, opened.email)
    text = request.GET.get("q", "")[:200]
    linked = {link.contact_id for link in opened.links}
    if text.strip():
        found = contacts.contact_page(member, Criteria(q=text), limit=FOUND).items
    else:
        known = {one.contact.pk: one.contact for who in opened.known for one in who.contacts}
        found = [contact for contact in known.values() if contact.pk not in linked][:FOUND]
    context = {
        "here": "Choose a contact",
        "email": opened.email,
        "links": opened.links,
        "source": request.GET.get("from", ""),
        "address": party.address if party else "",
        "text": text,
        "found": found,
        "linked": linked,
        "next": _next(request, email_id),
    }
    return _dialog_or_page(request, "choose", context, part="q" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view()
def email_contact(request: MemberRequest, email_id: int) -> HttpResponse:
    """Makes a contact of a party (``address``), or gives a contact that address, and stores the email for it."""
    member = request.membership
    try:
        email = queries.get_email(member, email_id)
    except Http404:
        return gone(request, email_id)
    party = _party(request, email)
    address = party.address if party else ""
    if request.method == "POST" and "contact" in request.POST:
        return _give_address(request, email, address)
    initial = guess(party.name, address) if party else {}
    form = NewContactForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        data = replace(form.contact_data(), emails=(address,) if address else (), owner_id=member.pk)
        try:
            act(request, lambda: operations.create_and_store(actor=member, email=email, data=data))
        except InvalidContact as error:
            take(form, error.problems)
        else:
            return redirect(_onward(request, email_id))
    context = {
        "here": "New contact",
        "email": email,
        "form": form,
        "address": address,
        "next": _next(request, email_id),
        "address_query": urlencode({"address": address}),
    }
    return _dialog_or_page(request, "create", context)


def _give_address(request: MemberRequest, email: Email, address: str) -> HttpResponse:
    member, contact = request.membership, _named(request, "contact")
    if contact:
        try:
            act(
                request,
                lambda: operations.give_address_and_store(actor=member, email=email, contact=contact, address=address),
            )
        except InvalidContact as error:
            messages.error(request, str(error))
    return redirect(_onward(request, email.pk))


def _dialog_or_page(
    request: MemberRequest, name: str, context: dict[str, object], *, part: bool = False
) -> HttpResponse:
    failed = request.method == "POST"
    if is_fragment(request):
        template = f"emails/_{name}_found.html" if part else f"emails/_{name}.html"
        return render(request, template, context | {"in_dialog": True}, status=422 if failed else 200)
    return render(request, f"emails/{name}.html", context, status=422 if failed else 200)


def _party(request: MemberRequest, email: Email) -> Party | None:
    """The party whose address the form or the link names, if it is one of the email's."""
    address = request.POST.get("address", "") or request.GET.get("address", "")
    return queries.party_of(request.membership, email, address) if address else None


def _named(request: MemberRequest, field: str) -> Contact | None:
    """The contact that the form names; None, with a word about it, where it names none. Raises ``Http404``."""
    form = ContactForm({"contact": request.POST.get(field, "")})
    if form.is_valid():
        return contacts.get_contact(request.membership, form.cleaned_data["contact"])
    messages.error(request, "Choose a contact: nothing was changed.")
    return None


def _next(request: MemberRequest, email_id: int) -> str:
    """Where a dialog goes on: where its form or the link says, else the page that it opens on, else the email's own."""
    return (
        request.POST.get("next", "")
        or request.GET.get("next", "")
        or (request.htmx.current_url_abs_path if request.htmx else None)
        or reverse("email_detail", args=[email_id])
    )


def _onward(request: MemberRequest, email_id: int) -> str:
    """Where the form of a dialog says to go on, else the email's own page."""
    return back(request) if "next" in request.POST else reverse("email_detail", args=[email_id])


def _still(request: MemberRequest, email_id: int) -> str:
    """Where the form was, or the list where that was the email's own page, and it is not to be seen any more."""
    came_from_it = reverse("email_detail", args=[email_id]) in back(request)
    if came_from_it and not queries.is_visible(request.membership, email_id):
        return list_around(request)
    return back(request)
