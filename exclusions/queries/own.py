"""The account's own addresses: excluded by themselves, shown, and not removable (R3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Membership
from crm.lib import bulk
from crm.lib.compiled import compiled
from emails.models import Door


@dataclass(frozen=True)
class OwnAddress:
    """An address of a user; ``what`` says by what."""

    address: str
    member: Membership
    what: str


def own_addresses(among: Collection[str] | None = None) -> list[OwnAddress]:
    """Log-in addresses of active users, open mailboxes and their aliases, by address; some, or all of them."""
    doors, members = (_doors(), _members()) if among is None else (_doors_with(among), _members_with(among))
    found = [OwnAddress(alias, door.member, f"alias of {door.address}") for door in doors for alias in door.aliases]
    found += [OwnAddress(door.address, door.member, "mailbox") for door in doors]
    found += [OwnAddress(member.user.email, member, "log-in") for member in members]
    best = {own.address: own for own in found}
    return [best[address] for address in sorted(best) if among is None or address in among]


def _all_doors() -> QuerySet[Door]:
    return Door.objects.filter(closed_at=None).select_related("member__user").order_by("-id")


def _all_members() -> QuerySet[Membership]:
    return Membership.objects.filter(deactivated_at=None, user__is_active=True).select_related("user")


_doors, _members = compiled(_all_doors), compiled(_all_members)


@compiled
def _doors_with(addresses: Collection[str]) -> QuerySet[Door]:
    return _all_doors().filter(Q(address__in=bulk.among(addresses)) | Q(aliases__overlap=bulk.text_list(addresses)))


@compiled
def _members_with(addresses: Collection[str]) -> QuerySet[Membership]:
    return _all_members().filter(user__email__in=bulk.among(addresses))
