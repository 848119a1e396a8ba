"""Writers of accounts. Each keeps its own invariants; who may call it is `permissions.py`'s say."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit, queries, undo
from accounts.models import ApiToken, Duplicates, ExcludedSender, Invitation, Membership, Role, Tenant, Undo, User
from accounts.permissions import Right, require
from crm.lib.queue import enqueue
from crm.lib.tenancy import current_tenant_id, tenant_scope

INVITATION_LASTS = timedelta(days=14)
PRESENCE = timedelta(minutes=5)
#: A second click on "Invite" or "Send again" within this time sends no second mail.
INVITATION_PAUSE = timedelta(minutes=1)
#: Nobody shall be able to mail the whole world in our name.
OPEN_INVITATIONS = 100
#: What is kept of a withdrawn invitation, so that withdrawing can be undone.
INVITATION_TERMS = ("email", "role", "can_full_sync", "can_see_activity", "invited_by_id")
#: Makes a leaked token recognisable to secret scanners.
TOKEN_PREFIX = "prm_"  # noqa: S105  # A prefix, not a secret.


class UnableToChangeMember(Exception):
    """The change would break a rule of the account; the text says which, for the reader."""


class UnableToInvite(Exception):
    """The address cannot be invited; the text says why, for the reader."""


# --- People -------------------------------------------------------------------------------------


def create_user(*, email: str, name: str, password: str) -> User:
    """Makes a user whose address is known to be theirs. Raises IntegrityError where it is taken."""
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name.strip())
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def record_sign_in(*, user_id: int, action: str, summary: str, by_user: bool, at: datetime, ip: str) -> None:
    """Adds what happened to a person's log-in to the audit log of each of their accounts.

    Call it outside of every scope. Without ``by_user`` the entry does not say that the person did it:
    a wrong password may be anybody's.
    """
    for membership in queries.memberships_of(user_id):
        with tenant_scope(membership.tenant_id):
            audit.record(membership if by_user else None, action, summary, on=membership, at=at, ip=ip)


# --- Accounts -----------------------------------------------------------------------------------


def create_account(*, user: User, name: str) -> Membership:
    """Makes a tenant with ``user`` as its owner. Call it outside of every scope.

    Who owns an account of that name already gets that one: a form sent twice makes one account.
    """
    name = name.strip()
    with transaction.atomic():
        # The second of two clicks waits here until the first is done.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        for membership in queries.memberships_of(user.pk):
            if membership.role == Role.OWNER and membership.tenant.name.lower() == name.lower():
                return membership
        return _make_tenant(user, name)


def _make_tenant(user: User, name: str) -> Membership:
    # The row is only visible in its own scope, so its id has to come first.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_tenant', 'id'))")
        tenant_id: int = cursor.fetchone()[0]
    with tenant_scope(tenant_id):
        tenant = Tenant(pk=tenant_id, name=name)
        tenant.save(force_insert=True)
        owner = Membership.objects.create(user=user, role=Role.OWNER)
        audit.record(owner, "account.created", f"created the account {tenant.name}", on=tenant)
    return owner


def rename_account(*, actor: Membership, name: str) -> None:
    """Gives the tenant in scope another name."""
    tenant = queries.tenant()
    before, tenant.name = tenant.name, name.strip()
    tenant.save(update_fields=["name"])
    audit.record(actor, "account.renamed", f"renamed the account to {tenant.name}", on=tenant, before=before)


def set_mail_rules(*, actor: Membership, duplicates: Duplicates, excluded_sender: ExcludedSender) -> None:
    """Says how mail of the tenant in scope is stored from now on (R5, R8); what is stored stays as it is."""
    tenant = queries.tenant()
    before = {"duplicates": tenant.duplicates, "excluded_sender": tenant.excluded_sender}
    tenant.duplicates, tenant.excluded_sender = duplicates, excluded_sender
    after = {"duplicates": tenant.duplicates, "excluded_sender": tenant.excluded_sender}
    if before != after:
        tenant.save(update_fields=list(after))
        audit.record(actor, "account.mail_rules", "changed how mail is stored", on=tenant, before=before, after=after)


def hand_over(*, owner: Membership, to: Membership) -> None:
    """Makes another active member the owner; the old owner stays as an admin.

    Raises `UnableToChangeMember` when the other is deactivated, or ``owner`` is the owner no more.
    """
    _take_turns(owner, to)
    if owner.role != Role.OWNER:
        raise UnableToChangeMember("The account has been handed over already: you are not its owner any more.")
    if not to.is_active or to.pk == owner.pk:
        raise UnableToChangeMember("Choose another active member: only they can own the account.")
    # In this order: the account has one owner at any moment (membership_one_owner).
    owner.role = Role.ADMIN
    owner.save(update_fields=["role"])
    to.role = Role.OWNER
    to.save(update_fields=["role"])
    audit.record(owner, "account.handed_over", f"handed the account over to {to}", on=to)


def _take_turns(*members: Membership) -> None:
    """Lets one administer the account at a time, and brings ``members`` up to date.

    Rules that span rows hold between two tabs only so: nobody demotes the one who was just made owner.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=current_tenant_id())
    for member in members:
        member.refresh_from_db(fields=["role", "can_full_sync", "can_see_activity", "deactivated_at"])


# --- Invitations --------------------------------------------------------------------------------


def invite(
    *, actor: Membership, email: str, role: Role, can_full_sync: bool = True, can_see_activity: bool = True
) -> Invitation:
    """Invites an address by mail; an earlier open invitation of the same address is renewed, its link lives on.

    Raises `UnableToInvite` when the address belongs to a member already, the role is the owner's, or
    too many invitations are open.
    """
    email = email.strip().lower()
    if role == Role.OWNER:
        raise UnableToInvite("An account has one owner: invite as admin or member, then hand it over.")
    _take_turns()
    member = queries.members().filter(user__email=email).first()
    if member is not None:
        remedy = "" if member.is_active else " Reactivate them in the list below."
        raise UnableToInvite(f"{email} is already {'a' if member.is_active else 'a deactivated'} member.{remedy}")
    terms = {"role": role, "can_full_sync": can_full_sync, "can_see_activity": can_see_activity}
    invitation = queries.invitations().filter(email=email).first()
    if invitation is None:
        if queries.invitations().count() >= OPEN_INVITATIONS:
            raise UnableToInvite(f"{OPEN_INVITATIONS} invitations are open: withdraw some before you invite more.")
        invitation = Invitation(email=email)
    elif _just_sent(invitation) and all(getattr(invitation, name) == value for name, value in terms.items()):
        return invitation
    for name, value in terms.items():
        setattr(invitation, name, value)
    _send(actor, invitation)
    audit.record(actor, "member.invited", f"invited {email} as {role}", on=invitation)
    return invitation


def resend_invitation(*, actor: Membership, invitation: Invitation) -> None:
    """Mails the link once more, and makes it good for another two weeks; an expired one too."""
    if not _just_sent(invitation):
        _send(actor, invitation)
        audit.record(actor, "member.reminded", f"sent {invitation.email} the invitation again", on=invitation)


def _just_sent(invitation: Invitation) -> bool:
    return invitation.expires_at > timezone.now() + INVITATION_LASTS - INVITATION_PAUSE


def _send(actor: Membership, invitation: Invitation) -> None:
    invitation.invited_by = actor
    invitation.expires_at = timezone.now() + INVITATION_LASTS
    invitation.save()
    enqueue("accounts.tasks.send_invitation", invitation_id=invitation.pk)


def withdraw_invitation(*, actor: Membership, invitation: Invitation) -> Undo:
    """Makes the key of an open invitation worthless; taken back, the same link works again."""
    audit.record(actor, "member.uninvited", f"withdrew the invitation of {invitation.email}", on=invitation)
    fields = {name: getattr(invitation, name) for name in INVITATION_TERMS}
    offer = undo.offer(
        actor,
        "accounts.withdraw",
        f"Invitation of {invitation.email} withdrawn",
        id=invitation.pk,
        expires_at=invitation.expires_at.isoformat(),
        **fields,
    )
    invitation.delete()
    return offer


@undo.undoes("accounts.withdraw")
def _renew_invitation(actor: Membership, payload: dict[str, Any]) -> str:
    require(actor, Right.MANAGE_MEMBERS)
    _take_turns()
    if queries.invitations().filter(email=payload["email"]).exists():
        return f"{payload['email']} has been invited again meanwhile."
    expires_at = datetime.fromisoformat(payload["expires_at"])
    invitation = Invitation(pk=payload["id"], expires_at=expires_at)
    for name in INVITATION_TERMS:
        setattr(invitation, name, payload[name])
    invitation.save(force_insert=True)
    audit.record(actor, "member.invited", f"restored the invitation of {invitation.email}", on=invitation)
    return f"The invitation of {invitation.email} is open again."


def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Makes ``user`` a member as the invitation says. Call it outside of every scope; twice does no harm.

    Raises `UnableToInvite` when it has been accepted or withdrawn meanwhile, or is for another address.
    """
    if invitation.email.lower() != user.email.lower():
        raise UnableToInvite(f"This invitation is for {invitation.email}: sign in with that address to accept it.")
    with tenant_scope(invitation.tenant_id):
        taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=timezone.now())
        if not taken:
            raise UnableToInvite("This invitation was withdrawn or used already. Ask for a new one.")
        try:
            with transaction.atomic():
                member = Membership.objects.create(
                    user=user,
                    role=invitation.role,
                    can_full_sync=invitation.can_full_sync,
                    can_see_activity=invitation.can_see_activity,
                )
        except IntegrityError as error:
            raise UnableToInvite("You are a member of this account already.") from error
        audit.record(member, "member.joined", f"joined as {invitation.role}", on=member)
    return member


def join(*, invitation: Invitation, name: str, password: str) -> Membership:
    """Makes the user an invitation is for, and accepts it: both or neither. Call it outside of every scope.

    Who holds the key has read the mail: the address needs no second proof. Raises `UnableToInvite` as
    `accept_invitation` does, and when somebody signed up with the address meanwhile.
    """
    with transaction.atomic():
        try:
            user = create_user(email=invitation.email, name=name, password=password)
        except IntegrityError as error:
            raise UnableToInvite(f"{invitation.email} has signed up already: sign in to accept.") from error
        return accept_invitation(invitation=invitation, user=user)


# --- Members ------------------------------------------------------------------------------------


def change_member(
    *, actor: Membership, member: Membership, role: Role, can_full_sync: bool, can_see_activity: bool
) -> None:
    """Sets role and rights. Raises `UnableToChangeMember` for the owner, or to make one."""
    _take_turns(member)
    if Role.OWNER in {member.role, role}:
        raise UnableToChangeMember("The owner's role changes by handing over the account.")
    before = {"role": member.role, "full_sync": member.can_full_sync, "activity": member.can_see_activity}
    after = {"role": str(role), "full_sync": can_full_sync, "activity": can_see_activity}
    if before == after:
        return
    member.role, member.can_full_sync, member.can_see_activity = role, can_full_sync, can_see_activity
    member.save(update_fields=["role", "can_full_sync", "can_see_activity"])
    audit.record(actor, "member.changed", f"changed {member}'s role or rights", on=member, before=before, after=after)


def deactivate_member(*, actor: Membership, member: Membership) -> Undo | None:
    """Locks a member out at once: sessions fall back to their other accounts, tokens stop working.

    None where they were deactivated already. Raises `UnableToChangeMember` for the owner, who has to
    hand over first.
    """
    _take_turns(member)
    if member.role == Role.OWNER:
        raise UnableToChangeMember("The owner cannot be deactivated: hand over the account first.")
    if not member.is_active:
        return None
    tokens = list(queries.tokens_of(member).values_list("pk", flat=True))
    member.deactivated_at = timezone.now()
    member.save(update_fields=["deactivated_at"])
    member.api_tokens.filter(pk__in=tokens).update(revoked_at=timezone.now())
    audit.record(actor, "member.deactivated", f"deactivated {member}", on=member)
    return undo.offer(actor, "accounts.deactivate", f"{member} deactivated", member_id=member.pk, token_ids=tokens)


@undo.undoes("accounts.deactivate")
def _undo_deactivation(actor: Membership, payload: dict[str, Any]) -> str:
    require(actor, Right.MANAGE_MEMBERS)
    member = queries.get_member(payload["member_id"])
    reactivate_member(actor=actor, member=member)
    member.api_tokens.filter(pk__in=payload["token_ids"]).update(revoked_at=None)
    return f"{member} is active again, and so are their API tokens."


def reactivate_member(*, actor: Membership, member: Membership) -> None:
    """Lets a deactivated member in again, with the role and rights they had; tokens stay revoked."""
    _take_turns(member)
    if member.is_active:
        return
    member.deactivated_at = None
    member.save(update_fields=["deactivated_at"])
    audit.record(actor, "member.reactivated", f"reactivated {member}", on=member)


def note_presence(membership: Membership) -> None:
    """Keeps "last seen" true to five minutes. Call it outside of every scope.

    In a transaction of its own: the row must not stay locked for as long as a slow page takes.
    """
    now = timezone.now()
    if membership.last_seen_at is None or membership.last_seen_at < now - PRESENCE:
        with tenant_scope(membership.tenant_id):
            Membership.objects.filter(pk=membership.pk).update(last_seen_at=now)


# --- API tokens ---------------------------------------------------------------------------------


def create_token(*, member: Membership, name: str, scope: str, expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Makes a token and answers it with its key, which cannot be shown a second time."""
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        membership=member,
        name=name.strip(),
        hint=key[: len(TOKEN_PREFIX) + 4],
        digest=queries.digest(key),
        scope=scope,
        expires_at=expires_at,
    )
    audit.record(member, "token.created", f"made the API token {token.name}", on=token, scope=scope)
    return token, key


def revoke_token(*, actor: Membership, token: ApiToken) -> Undo:
    """Ends a token at once."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(actor, "token.revoked", f"revoked the API token {token.name}", on=token)
    return undo.offer(actor, "accounts.revoke", f"API token {token.name} revoked", token_id=token.pk)


@undo.undoes("accounts.revoke")
def _restore_token(actor: Membership, payload: dict[str, Any]) -> str:
    token = queries.get_token(actor, payload["token_id"], revoked=True)
    token.revoked_at = None
    token.save(update_fields=["revoked_at"])
    audit.record(actor, "token.restored", f"restored the API token {token.name}", on=token)
    return f"The API token {token.name} works again."


def note_token_use(token: ApiToken) -> None:
    """Keeps "last used" true to the minute, so that busy programs do not write on every call."""
    now = timezone.now()
    minute_ago = now - timedelta(minutes=1)
    if token.last_used_at is not None and token.last_used_at >= minute_ago:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=minute_ago)
    # The request has opened the scope already, unless its view is one that works between scopes.
    with tenant_scope(token.tenant_id):
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
