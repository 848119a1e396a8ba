"""Settings: the pages of a person, and those of the account that its owner and admins keep."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, operations, queries
from accounts.forms import (
    AccountNameForm,
    HandOverForm,
    InvitationForm,
    MailRulesForm,
    MemberForm,
    ProfileForm,
    TokenForm,
)
from accounts.http import MemberRequest, is_fragment, member_view
from accounts.models import Duplicates, ExcludedSender, Undo
from accounts.permissions import Right, require_change
from console import audit_csv
from console.forms import AuditForm
from crm.lib.pagination import BadCursor, keyset_page

PAGE = ["GET", "HEAD", "POST"]


def say(request: MemberRequest, words: str, undo: Undo | None = None) -> None:
    """A toast, with a button that takes it back where there is something to take back."""
    messages.success(request, words, extra_tags=f"undo:{undo.pk}" if undo else "")


# --- One's own ------------------------------------------------------------------------------------


@require_http_methods(PAGE)
@member_view()
def profile(request: MemberRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if not form.is_valid():
        return render(request, "console/profile.html", {"form": form}, status=422 if form.is_bound else 200)
    form.save()
    say(request, "Profile saved.")
    return redirect("profile")


# --- The account ----------------------------------------------------------------------------------


@require_http_methods(PAGE)
@member_view(Right.MANAGE_ACCOUNT)
def account_settings(request: MemberRequest) -> HttpResponse:
    form = AccountNameForm(request.POST or None, initial={"name": request.membership.tenant.name})
    if not form.is_valid():
        context = {"form": form, "rules": _mail_rules(request)}
        return render(request, "console/account.html", context, status=422 if form.is_bound else 200)
    operations.rename_account(actor=request.membership, name=form.cleaned_data["name"])
    say(request, "Account saved.")
    return redirect("account_settings")


@require_POST
@member_view(Right.MANAGE_ACCOUNT)
def mail_rules(request: MemberRequest) -> HttpResponse:
    """How mail is stored for everybody (R5, R8)."""
    rules = MailRulesForm(request.POST)
    if not rules.is_valid():
        name = AccountNameForm(initial={"name": request.membership.tenant.name})
        return render(request, "console/account.html", {"form": name, "rules": rules}, status=422)
    operations.set_mail_rules(
        actor=request.membership,
        duplicates=Duplicates(rules.cleaned_data["duplicates"]),
        excluded_sender=ExcludedSender(rules.cleaned_data["excluded_sender"]),
    )
    say(request, "Saved. It holds for mail from now on.")
    return redirect("account_settings")


def _mail_rules(request: MemberRequest) -> MailRulesForm:
    tenant = request.membership.tenant
    return MailRulesForm(initial={"duplicates": tenant.duplicates, "excluded_sender": tenant.excluded_sender})


@require_http_methods(PAGE)
@member_view(Right.HAND_OVER)
def hand_over(request: MemberRequest) -> HttpResponse:
    form = HandOverForm(request.POST or None)
    if form.is_valid():
        new_owner = form.cleaned_data["to"]
        try:
            operations.hand_over(owner=request.membership, to=new_owner)
        except operations.UnableToChangeMember as problem:
            form.add_error(None, str(problem))
        else:
            say(request, f"{new_owner} owns the account now. You are an admin.")
            return redirect("members")
    return render(request, "console/hand_over.html", {"form": form}, status=422 if form.is_bound else 200)


# --- Members --------------------------------------------------------------------------------------


@require_http_methods(PAGE)
@member_view(Right.MANAGE_MEMBERS)
def members(request: MemberRequest) -> HttpResponse:
    """The list of members and open invitations; a POST invites."""
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            invitation = operations.invite(actor=request.membership, **form.cleaned_data)
        except operations.UnableToInvite as problem:
            form.add_error("email", str(problem))
        else:
            say(request, f"Invited {invitation.email}.")
            return redirect("members")
    context = {
        "form": form,
        "rows": queries.member_rows(request.membership),
        "invitations": queries.invitation_rows(),
        "roles": MemberForm.base_fields["role"],
        "is_inviting": form.is_bound or "invite" in request.GET,
    }
    return render(request, "console/members.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_view(Right.MANAGE_MEMBERS)
def member_change(request: MemberRequest, member_id: int) -> HttpResponse:
    member = queries.get_member(member_id)
    require_change(request.membership, member)
    form = MemberForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Choose one of the roles: admin or member.")
    try:
        operations.change_member(actor=request.membership, member=member, **form.cleaned_data)
    except operations.UnableToChangeMember as problem:
        messages.error(request, str(problem))
    else:
        say(request, f"{member} is {member.get_role_display().lower()} now, with the rights you chose.")
    if is_fragment(request):
        context = {"row": queries.member_row(request.membership, member), "roles": form.fields["role"]}
        return render(request, "console/_member_saved.html", context)
    return redirect("members")


@require_POST
@member_view(Right.MANAGE_MEMBERS)
def member_deactivate(request: MemberRequest, member_id: int) -> HttpResponse:
    member = queries.get_member(member_id)
    require_change(request.membership, member)
    try:
        undo = operations.deactivate_member(actor=request.membership, member=member)
    except operations.UnableToChangeMember as problem:
        messages.error(request, str(problem))
    else:
        say(request, f"{member} cannot come in any more.", undo)
    return redirect("members")


@require_POST
@member_view(Right.MANAGE_MEMBERS)
def member_reactivate(request: MemberRequest, member_id: int) -> HttpResponse:
    member = queries.get_member(member_id)
    operations.reactivate_member(actor=request.membership, member=member)
    say(request, f"{member} can come in again.")
    return redirect("members")


@require_POST
@member_view(Right.MANAGE_MEMBERS)
def invitation_resend(request: MemberRequest, invitation_id: int) -> HttpResponse:
    invitation = queries.get_invitation(invitation_id)
    operations.resend_invitation(actor=request.membership, invitation=invitation)
    say(request, f"Sent {invitation.email} the link again.")
    return redirect("members")


@require_POST
@member_view(Right.MANAGE_MEMBERS)
def invitation_withdraw(request: MemberRequest, invitation_id: int) -> HttpResponse:
    invitation = queries.get_invitation(invitation_id)
    undo = operations.withdraw_invitation(actor=request.membership, invitation=invitation)
    say(request, f"The link of {invitation.email} is worthless now.", undo)
    return redirect("members")


# --- API tokens -----------------------------------------------------------------------------------


@never_cache
@require_http_methods(PAGE)
@member_view()
def api_tokens(request: MemberRequest) -> HttpResponse:
    """One's tokens, and those of the team for who may revoke them; a POST makes one and shows its key, once."""
    member = request.membership
    form, made = TokenForm(request.POST or None, member=member), None
    if form.is_valid():
        name, scope = form.cleaned_data["name"], form.cleaned_data["scope"]
        made = operations.create_token(member=member, name=name, scope=scope, expires_at=form.expires_at())
        form = TokenForm(member=member)
    context = {
        "form": form,
        "made": made,
        "tokens": queries.tokens_of(member),
        "others": queries.tokens_of_others(member),
        "now": timezone.now(),
    }
    return render(request, "console/tokens.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_view()
def token_revoke(request: MemberRequest, token_id: int) -> HttpResponse:
    token = queries.get_token(request.membership, token_id)
    undo = operations.revoke_token(actor=request.membership, token=token)
    say(request, f"{token.name} stopped working.", undo)
    return redirect("api_tokens")


# --- Audit log ------------------------------------------------------------------------------------


@require_safe
@member_view(Right.SEE_AUDIT)
def audit_log(request: MemberRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    if not form.is_valid():
        return render(request, "console/audit.html", {"form": form}, status=422)
    try:
        page = keyset_page(
            queries.audit_entries(form.criteria()), order=["-at", "-id"], cursor=request.GET.get("cursor")
        )
    except BadCursor:
        return redirect("audit_log")
    template = "console/_audit_rows.html" if is_fragment(request) else "console/audit.html"
    return render(request, template, {"form": form, "page": page, "is_filtered": any(form.cleaned_data.values())})


@require_safe
@member_view(Right.SEE_AUDIT)
def audit_export(request: MemberRequest) -> HttpResponseBase:
    form = AuditForm(request.GET)
    if not form.is_valid():
        return redirect("audit_log")
    audit.record(request.membership, "audit.exported", "exported the audit log")
    lines = audit_csv.lines(request.membership.tenant_id, form.criteria())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-log-{timezone.localdate()}.csv"'
    return response
