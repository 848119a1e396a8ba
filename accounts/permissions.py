"""The one place that says who may do what (R7, R23, R37, R38)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.core.exceptions import PermissionDenied

from accounts.models import Membership, Role


class Right(StrEnum):
    """What a membership can be asked for; the value completes "You may not …"."""

    MANAGE_ACCOUNT = "change the account's settings"
    MANAGE_MEMBERS = "invite people or change their rights"
    HAND_OVER = "hand over the account"
    SEE_AUDIT = "see the audit log"
    SHARE_FILTERS = "change what the whole team shares"
    FULL_SYNC = "connect a mailbox in full mode"
    SEE_ACTIVITY = "see the activity page"


OF_ADMINS: Final = frozenset({Right.MANAGE_ACCOUNT, Right.MANAGE_MEMBERS, Right.SEE_AUDIT, Right.SHARE_FILTERS})
OF_ROLE: Final = {
    Role.OWNER: OF_ADMINS | {Right.HAND_OVER},
    Role.ADMIN: OF_ADMINS,
    Role.MEMBER: frozenset[Right](),
}


def can(membership: Membership, right: Right) -> bool:
    """Whether an active member holds a right by role, or by one of the two that are given singly."""
    if not membership.is_active:
        return False
    if right is Right.FULL_SYNC:
        return membership.can_full_sync
    if right is Right.SEE_ACTIVITY:
        return membership.can_see_activity
    return right in OF_ROLE[Role(membership.role)]


def require(membership: Membership, right: Right) -> None:
    """Raises `PermissionDenied`, with a sentence for the reader, unless the member holds the right."""
    if not can(membership, right):
        raise PermissionDenied(f"You may not {right}. Ask the owner or an admin of the account.")


def may_change_member(actor: Membership, target: Membership) -> bool:
    """Whether ``actor`` may change another's role and rights: never the owner's, never one's own."""
    return can(actor, Right.MANAGE_MEMBERS) and target.role != Role.OWNER and target.pk != actor.pk


def require_change(actor: Membership, target: Membership) -> None:
    """Raises `PermissionDenied`, with a sentence for the reader, unless `may_change_member`."""
    require(actor, Right.MANAGE_MEMBERS)
    if not may_change_member(actor, target):
        raise PermissionDenied(
            "You may not change your own role or rights, nor the owner's: the account is handed over for that."
        )
