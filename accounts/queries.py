"""Readers of accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Invitation, Membership, Role, Tenant, Undo, User
from accounts.permissions import Right, can, may_change_member
from crm.lib.bulk import is_among
from crm.lib.compiled import compiled
from crm.lib.tenancy import current_tenant_id, system_scope, tenant_scope

INVITATION_SALT = "accounts.invitation"


def digest(key: str) -> str:
    """What is stored of a secret key. Keys are long and random, so that a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


# --- Across tenants: before it is known whose request this is ----------------------------------


def memberships_of(user: User | int) -> list[Membership]:
    """All active memberships of a person (or their id), oldest first, with their tenants."""
    with system_scope():
        return _memberships_of(user if isinstance(user, int) else user.pk)


@compiled
def _memberships_of(user: int) -> QuerySet[Membership]:
    found = Membership.objects.filter(user=user, deactivated_at=None)
    return found.select_related("tenant", "user").order_by("created_at", "id")


def membership_in(user: User, tenant_id: int | None) -> Membership:
    """A person's active membership in a tenant, or 404."""
    for membership in memberships_of(user):
        if membership.tenant_id == tenant_id:
            return membership
    raise Http404


def token_by_key(key: str) -> ApiToken | None:
    """The live token that has this key, with its active member."""
    with system_scope():
        return (
            ApiToken.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
                digest=digest(key),
                revoked_at=None,
                membership__deactivated_at=None,
                membership__user__is_active=True,
            )
            .select_related("membership__user", "membership__tenant")
            .first()
        )


def refused_token(key: str) -> ApiToken | None:
    """The token that has this key though `token_by_key` will not take it: revoked, expired, or its member's end."""
    with system_scope():
        return ApiToken.objects.filter(digest=digest(key)).first()


def invitation_key(invitation: Invitation) -> str:
    """The secret for the link in an invitation's mail: signed, so that it can be made again and never stored."""
    return signing.Signer(salt=INVITATION_SALT).sign_object([invitation.tenant_id, invitation.pk])


def open_invitation(key: str) -> Invitation | None:
    """The invitation that has this key, unless it was accepted, withdrawn or has expired."""
    tenant_id, invitation_id = _read_invitation_key(key)
    if not tenant_id:
        return None
    with tenant_scope(tenant_id):
        return (
            Invitation.objects.filter(pk=invitation_id, accepted_at=None, expires_at__gt=timezone.now())
            .select_related("tenant", "invited_by__user")
            .first()
        )


def joined_by(key: str, user: User) -> Membership | None:
    """The membership that this key's invitation led to, whatever became of the invitation since."""
    tenant_id, _ = _read_invitation_key(key)
    return next((found for found in memberships_of(user) if found.tenant_id == tenant_id), None)


def _read_invitation_key(key: str) -> tuple[int, int]:
    """The ids in a key, or zeros for one that we did not sign."""
    try:
        tenant_id, invitation_id = signing.Signer(salt=INVITATION_SALT).unsign_object(key)
    except signing.BadSignature:
        return 0, 0
    return tenant_id, invitation_id


def has_signed_up(email: str) -> bool:
    """Whether a person logs in with this address. Tell only those who can read its mail."""
    return user_id_of(email) is not None


def user_id_of(email: str) -> int | None:
    """Who logs in with this address, if anybody does."""
    return User.objects.filter(email=email.strip().lower()).values_list("pk", flat=True).first()


# --- Within a tenant ----------------------------------------------------------------------------


def tenant() -> Tenant:
    """The tenant in scope."""
    return Tenant.objects.get(pk=current_tenant_id())


def members(*, active_only: bool = False) -> QuerySet[Membership]:
    """The members of the tenant in scope with their users, by name."""
    found = Membership.objects.select_related("user").order_by("user__name", "id")
    return found.filter(deactivated_at=None) if active_only else found


#: For the pages that name them all.
list_members = compiled(members)


@compiled
def members_with(ids: Collection[int]) -> QuerySet[Membership]:
    """Of the members of the tenant in scope those with these ids, with their users, in no order."""
    return Membership.objects.filter(is_among("pk", ids)).select_related("user")


def get_member(member_id: int) -> Membership:
    """One member of the tenant in scope, or 404."""
    return get_object_or_404(members(), pk=member_id)


@dataclass(frozen=True)
class MemberRow:
    """A member as the list of members shows them."""

    member: Membership
    has_mfa: bool
    may_change: bool


def member_rows(viewer: Membership) -> list[MemberRow]:
    """All members of the tenant in scope, the active ones first, and what ``viewer`` may change of them."""
    found = sorted(members(), key=lambda member: not member.is_active)
    secured = _with_second_factor(found)
    return [
        MemberRow(member, has_mfa=member.user_id in secured, may_change=may_change_member(viewer, member))
        for member in found
    ]


def member_row(viewer: Membership, member: Membership) -> MemberRow:
    """One of `member_rows`."""
    has_mfa = member.user_id in _with_second_factor([member])
    return MemberRow(member, has_mfa=has_mfa, may_change=may_change_member(viewer, member))


def _with_second_factor(found: list[Membership]) -> set[int]:
    """The ids of the users who need more than a password to log in."""
    factors = Authenticator.objects.filter(user__in=[member.user_id for member in found])
    return set(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("user_id", flat=True))


def possible_owners() -> QuerySet[Membership]:
    """The active members to whom the owner could hand over the account in scope."""
    return members(active_only=True).exclude(role=Role.OWNER)


def invitations() -> QuerySet[Invitation]:
    """Invitations not yet accepted, expired ones too, newest first."""
    return Invitation.objects.filter(accepted_at=None).select_related("invited_by__user").order_by("-created_at")


@dataclass(frozen=True)
class InvitationRow:
    """An open invitation as the list shows it.

    Its link is for the mail alone: who comes by it has shown that the address is theirs.
    """

    invitation: Invitation
    is_expired: bool


def invitation_rows() -> list[InvitationRow]:
    """All open invitations of the tenant in scope."""
    now = timezone.now()
    return [InvitationRow(found, found.expires_at <= now) for found in invitations()]


def get_invitation(invitation_id: int) -> Invitation:
    """One open invitation of the tenant in scope, or 404."""
    return get_object_or_404(invitations(), pk=invitation_id)


def tokens_of(membership: Membership) -> QuerySet[ApiToken]:
    """A member's API tokens that were not revoked, newest first."""
    return ApiToken.objects.filter(membership=membership, revoked_at=None).order_by("-created_at")


def tokens_of_others(membership: Membership) -> QuerySet[ApiToken]:
    """The live tokens of the rest of the team, for those who may revoke them; none for others."""
    if not can(membership, Right.MANAGE_MEMBERS):
        return ApiToken.objects.none()
    found = ApiToken.objects.filter(revoked_at=None).exclude(membership=membership)
    return found.select_related("membership__user").order_by("membership__user__name", "-created_at")


def get_token(membership: Membership, token_id: int, *, revoked: bool = False) -> ApiToken:
    """A token that a member may revoke (or restore, when ``revoked``), their own or as an admin; else 404."""
    found = ApiToken.objects.filter(revoked_at__isnull=not revoked)
    if not can(membership, Right.MANAGE_MEMBERS):
        found = found.filter(membership=membership)
    return get_object_or_404(found, pk=token_id)


@dataclass(frozen=True)
class AuditCriteria:
    """Which entries of the audit log somebody wants to see; None and empty mean all."""

    actor_id: int | None = None
    #: ``member`` for all that begins with ``member.``, or one whole action.
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditCriteria()


def audit_entries(criteria: AuditCriteria = EVERYTHING) -> QuerySet[AuditEntry]:
    """The audit log of the tenant in scope, newest first, ``since`` inclusive and ``until`` exclusive."""
    found = AuditEntry.objects.order_by("-at", "-id")
    if criteria.actor_id:
        found = found.filter(actor=criteria.actor_id)
    if criteria.action:
        found = found.filter(Q(action=criteria.action) | Q(action__startswith=f"{criteria.action}."))
    if criteria.since:
        found = found.filter(at__gte=criteria.since)
    if criteria.until:
        found = found.filter(at__lt=criteria.until)
    return found


def get_undo(membership: Membership, undo_id: int) -> Undo:
    """What this member did, locked until the transaction ends; 404 when it was another's."""
    return get_object_or_404(Undo.objects.select_for_update(), pk=undo_id, membership=membership)


def invitation_link(invitation: Invitation) -> str:
    """The address that accepts an invitation; whoever has it may, once they can log in as its addressee."""
    return settings.SITE_URL + reverse("accept_invitation", args=[invitation_key(invitation)])


@dataclass(frozen=True)
class InvitationLetter:
    """All that the mail of an invitation says."""

    email: str
    inviter: str
    account: str
    role: str
    link: str
    expires_at: datetime

    @property
    def subject(self) -> str:
        # A header has one line, whatever people call themselves (S3).
        return " ".join(f"{self.inviter} invites you to {self.account} on Postroom".split())


def invitation_letter(invitation_id: int) -> InvitationLetter | None:
    """The letter of an invitation that is still open, else None."""
    invitation = invitations().select_related("tenant").filter(pk=invitation_id).first()
    if invitation is None or invitation.expires_at <= timezone.now():
        return None
    return InvitationLetter(
        email=invitation.email,
        inviter=str(invitation.invited_by),
        account=str(invitation.tenant),
        role=invitation.get_role_display().lower(),
        link=invitation_link(invitation),
        expires_at=invitation.expires_at,
    )


def timezones() -> list[str]:
    """The names a person can choose their time zone from, by region and city."""
    return [*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC"]
