"""Coming in: the start, accounts to switch between, invitations, and taking things back."""

from __future__ import annotations

from typing import cast

from allauth.account.utils import complete_signup
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import operations, queries, undo
from accounts.forms import AccountNameForm, JoinForm, TenantChoiceForm, UndoForm
from accounts.http import MemberRequest, member_view
from accounts.middleware import TENANT_KEY, outside_tenants
from accounts.models import Invitation, Membership, User

# --- Where to ------------------------------------------------------------------------------------


@require_safe
@member_view()
def home(request: MemberRequest) -> HttpResponse:
    return redirect("contact_list")


@require_safe
@login_required
def no_account(request: HttpRequest) -> HttpResponse:
    """For people who belong nowhere (any more)."""
    if getattr(request, "membership", None) is not None:
        return redirect("home")
    return render(request, "accounts/no_account.html", {"form": AccountNameForm()})


@outside_tenants
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create_account(request: HttpRequest) -> HttpResponse:
    """Another account for a person, beside those they are in."""
    form = AccountNameForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/create_account.html", {"form": form}, status=422 if form.is_bound else 200)
    owner = operations.create_account(user=person(request), name=form.cleaned_data["name"])
    return enter(request, owner, f"{form.cleaned_data['name']} is ready. Invite your team next.", to="members")


@outside_tenants
@require_POST
@login_required
def switch_account(request: HttpRequest) -> HttpResponse:
    form = TenantChoiceForm(request.POST)
    tenant_id = form.cleaned_data["tenant"] if form.is_valid() else None
    membership = queries.membership_in(person(request), tenant_id)
    return enter(request, membership, f"You are in {membership.tenant} now.")


def enter(request: HttpRequest, membership: Membership, message: str, *, to: str = "home") -> HttpResponse:
    """Makes a membership the one this session works under, and goes to its pages."""
    request.session[TENANT_KEY] = membership.tenant_id
    messages.success(request, message)
    return redirect(to)


def person(request: HttpRequest) -> User:
    """The user of a view behind `login_required`."""
    return cast("User", request.user)


# --- Invitations -----------------------------------------------------------------------------------


@outside_tenants
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def accept_invitation(request: HttpRequest, key: str) -> HttpResponseBase:
    """Whoever has the key can read the mail of the address that was invited; what else is needed depends on who."""
    invitation = queries.open_invitation(key)
    if invitation is None:
        return _closed(request, key)
    if request.user.is_authenticated:
        return _accept_as_user(request, invitation, person(request))
    if queries.has_signed_up(invitation.email):
        return _page(request, invitation, "log_in", next=reverse("accept_invitation", args=[key]))
    return _accept_as_newcomer(request, invitation)


def _closed(request: HttpRequest, key: str) -> HttpResponse:
    joined = queries.joined_by(key, person(request)) if request.user.is_authenticated else None
    if joined is not None:
        return enter(request, joined, f"You are a member of {joined.tenant}.")
    return render(request, "accounts/invitation_closed.html", status=404)


def _accept_as_user(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if user.email.lower() != invitation.email.lower():
        return _page(request, invitation, "other_user", status=403 if request.method == "POST" else 200)
    if request.method != "POST":
        return _page(request, invitation, "accept")
    try:
        member = operations.accept_invitation(invitation=invitation, user=user)
    except operations.UnableToInvite as problem:
        return _page(request, invitation, "accept", status=409, problem=problem)
    return enter(request, member, f"Welcome to {invitation.tenant}.")


def _accept_as_newcomer(request: HttpRequest, invitation: Invitation) -> HttpResponseBase:
    form = JoinForm(request.POST or None, email=invitation.email)
    if not form.is_valid():
        return _page(request, invitation, "join", status=422 if form.is_bound else 200, form=form)
    try:
        member = operations.join(invitation=invitation, **form.cleaned_data)
    except operations.UnableToInvite:
        # Somebody was quicker, this person's own second click for one: look again at how things stand.
        return redirect(request.path)
    request.session[TENANT_KEY] = member.tenant_id
    messages.success(request, f"Welcome to {invitation.tenant}.")
    response: HttpResponseBase = complete_signup(request, member.user, None, reverse("home"))
    return response


def _page(
    request: HttpRequest, invitation: Invitation, state: str, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {"invitation": invitation, "state": state, **more}
    return render(request, "accounts/invitation.html", context, status=status)


# --- Undo ------------------------------------------------------------------------------------------


@require_POST
@member_view()
def undo_view(request: MemberRequest) -> HttpResponse:
    """Takes back what a toast offered, and returns to where that was."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise Http404
    entry = queries.get_undo(request.membership, form.cleaned_data["id"])
    try:
        messages.success(request, undo.carry_out(entry))
    except undo.UnableToUndo as problem:
        messages.warning(request, str(problem))
    return redirect(back(request))


def back(request: HttpRequest) -> str:
    """Where the form says to go on (``next``), else where it was, else home; never to another site."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        # Without a slash, Django would take it for the name of a page.
        if "/" in url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return reverse("home")
