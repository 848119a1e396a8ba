"""The account's own addresses: excluded by themselves, shown, and not removable (R3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Membership
from emails.models import Door


@dataclass(frozen=True)
class OwnAddress:
    """An address of a user; ``what`` says by what."""

    address: str
    member: Membership
    what: str


def own_addresses(among: Collection[str] | None = None) -> list[OwnAddress]:
    """Log-in addresses of active users, open mailboxes and their aliases, by address; some, or all of them."""
    members = Membership.objects.filter(deactivated_at=None, user__is_active=True).select_related("user")
    found = [OwnAddress(door_address, member, what) for door_address, member, what in _of_doors(among)]
    if among is not None:
        members = members.filter(user__email__in=list(among))
    found += [OwnAddress(member.user.email, member, "log-in") for member in members]
    best = {own.address: own for own in found}
    return [best[address] for address in sorted(best) if among is None or address in among]


def _of_doors(among: Collection[str] | None) -> list[tuple[str, Membership, str]]:
    doors: QuerySet[Door] = Door.objects.filter(closed_at=None).select_related("member__user").order_by("-id")
    if among is not None:
        wanted = sorted(among)
        doors = doors.filter(Q(address__in=wanted) | Q(aliases__overlap=wanted))
    aliases = [(alias, door.member, f"alias of {door.address}") for door in doors for alias in door.aliases]
    return [*aliases, *((door.address, door.member, "mailbox") for door in doors)]
