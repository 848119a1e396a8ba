"""Connecting a mailbox: what is wanted, the log-in at the provider, and what came back (R21 to R23, E10, S4)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest, member_view
from accounts.middleware import between_scopes
from accounts.permissions import Right as MemberRight
from accounts.permissions import can
from crm.lib.tenancy import tenant_scope
from emailsync import connections, operations, queries
from emailsync.forms import RIGHT_MISSING, ConnectForm
from emailsync.models import Mailbox
from emailsync.operations import Choices, UnableToConnect
from emailsync.views import log_ins
from emailsync.views.log_ins import LogIn, ProviderName, StaleLogIn
from emailsync.views.words import PROVIDERS
from providers.base import Granted, LoginRefused, ProviderError, Right

PAGE = ["GET", "HEAD", "POST"]
TRY_AGAIN = "Nothing was connected: please try again in a moment."


@between_scopes
@require_http_methods(PAGE)
@member_view()
def mailbox_connect(request: MemberRequest, provider: str) -> HttpResponse:
    """Asks for the mode, history and label; a POST goes on to the provider's log-in."""
    if not log_ins.is_provider(provider):
        raise Http404
    if not connections.is_set_up(provider):
        return _refused(request, f"This Postroom is not set up for {PROVIDERS[provider].name} yet.")
    form = ConnectForm(request.POST if request.method == "POST" else None, member=request.membership)
    if form.is_valid():
        return _to_provider(request, provider, form.choices())
    context = {"form": form, "provider": PROVIDERS[provider], "right_missing": "" if form.may_full else RIGHT_MISSING}
    with tenant_scope(request.membership.tenant_id):
        return render(request, "emailsync/connect.html", context, status=422 if form.is_bound else 200)


@between_scopes
@require_POST
@member_view()
def mailbox_reconnect(request: MemberRequest, mailbox_id: int) -> HttpResponse:
    """A new log-in for a mailbox that is here; with ``label`` it asks for that right as well (R42)."""
    with tenant_scope(request.membership.tenant_id):
        mailbox = queries.get_mailbox(request.membership, mailbox_id)
    if mailbox.mode == Mailbox.Mode.FULL and not can(request.membership, MemberRight.FULL_SYNC):
        return _refused(request, RIGHT_MISSING)
    wanted = Choices(
        mode="full" if mailbox.mode == Mailbox.Mode.FULL else "manual",
        history_days=mailbox.history_days,
        wants_label=mailbox.wants_label or "label" in request.POST,
    )
    provider = mailbox.provider
    if not log_ins.is_provider(provider) or not connections.is_set_up(provider):
        return _refused(request, f"This Postroom is no longer set up for {mailbox.get_provider_display()}.")
    return _to_provider(request, provider, wanted, mailbox=mailbox)


def _to_provider(
    request: MemberRequest, provider: ProviderName, choices: Choices, *, mailbox: Mailbox | None = None
) -> HttpResponse:
    """Leaves for the log-in by a page that goes on by itself.

    Not by a redirect: browsers hold those that follow a form to ``form-action`` of the content policy (S6), and
    nobody knows the hosts that an organisation's single sign-on goes through.
    """
    callback = request.build_absolute_uri(reverse("mailbox_callback"))
    try:
        started = connections.login(provider).start(
            redirect_uri=callback, rights=choices.rights, hint=mailbox.address if mailbox else ""
        )
    except ProviderError as error:
        return _refused(request, f"{error.detail} {TRY_AGAIN}")
    log_ins.keep(request, started, provider=provider, choices=choices, mailbox_id=mailbox.pk if mailbox else None)
    with tenant_scope(request.membership.tenant_id):
        context = {"url": started.url, "provider": PROVIDERS[provider]}
        return render(request, "emailsync/leaving.html", context)


@between_scopes
@never_cache
@require_GET
@member_view()
def mailbox_callback(request: MemberRequest) -> HttpResponse:
    """Where the provider sends the browser back to."""
    answer = request.GET.dict()
    if "admin_consent" in answer:
        return _consented(request, answer["admin_consent"])
    try:
        log_in = log_ins.take(request, answer.get("state", ""))
        granted = connections.login(log_in.provider).finish(state=log_in.state, answer=answer)
        # Who may send alone cannot read them everywhere; a manual mailbox can do without.
        aliases = connections.aliases(log_in.provider, granted.grant) if Right.READ in granted.rights else ()
        with tenant_scope(log_in.tenant_id):
            return _kept(request, log_in, granted, aliases)
    except LoginRefused as refusal:
        say = messages.info if refusal.was_declined else messages.error
        say(request, str(refusal))
        return redirect("email_settings")
    except ProviderError as error:
        return _refused(request, f"{error.detail} {TRY_AGAIN}")
    except (StaleLogIn, UnableToConnect, PermissionDenied) as refusal:
        return _refused(request, str(refusal))


def _consented(request: MemberRequest, allowed: str) -> HttpResponse:
    """An administrator was here for a whole organisation; that is nobody's log-in (docs/microsoft.md)."""
    if allowed == "True":
        messages.info(request, "Microsoft has noted the consent. The people of that organisation can connect now.")
    else:
        messages.info(request, "Microsoft has noted no consent. Nothing was changed.")
    return redirect("email_settings")


def _kept(request: MemberRequest, log_in: LogIn, granted: Granted, aliases: tuple[str, ...]) -> HttpResponse:
    """Keeps the grant, says what it amounts to, and goes on to what comes next."""
    member, wanted = request.membership, log_in.choices
    if log_in.mailbox_id is not None:
        before = queries.mailboxes_of(member).filter(pk=log_in.mailbox_id).first()
        if before is None:
            raise UnableToConnect(f"{granted.address} was disconnected meanwhile: connect it anew.")
        mailbox = operations.reconnect(mailbox=before, granted=granted)
        if wanted.wants_label and Right.LABEL in granted.rights:
            operations.change_mailbox(actor=member, mailbox=mailbox, wants_label=True)
        is_new = False
    else:
        known = {each.pk for each in queries.mailboxes_of(member)}
        mailbox = operations.connect(
            member=member, provider=log_in.provider, granted=granted, choices=wanted, aliases=aliases
        )
        is_new = mailbox.pk not in known
    messages.success(request, f"{'Connected' if is_new else 'Reconnected'} {mailbox.address}.")
    if not is_new and mailbox.mode != wanted.mode:
        messages.info(
            request, f"It was connected already and stays in {mailbox.mode} mode: to change that, disconnect it first."
        )
    _say_unticked(request, mailbox, wanted, granted)
    if mailbox.state == Mailbox.State.WAITING:
        return redirect("mailbox_preview", mailbox.pk)
    return redirect("email_settings")


def _say_unticked(request: MemberRequest, mailbox: Mailbox, wanted: Choices, granted: Granted) -> None:
    """People untick boxes; what that means must not be found out later."""
    missing = wanted.rights - granted.rights
    if Right.LABEL in missing:
        messages.warning(request, "You did not allow Postroom to change mail: what it stores gets no label there.")
    if Right.SEND in missing and mailbox.mode == Mailbox.Mode.FULL:
        messages.warning(request, "You did not allow Postroom to send mail: it reads, but cannot send for you.")


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect("email_settings")
