"""The list as its readers may see it, and which of its entries cover an address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Right, can
from crm.lib.bulk import among
from crm.lib.compiled import compiled
from crm.lib.pagination import BadCursor, Page, keyset_page
from exclusions.models import Exclusion, acting, forgotten
from exclusions.queries.own import own_addresses
from exclusions.rules import values_covering

ORDER = ["-created_at"]
#: What a member is told of an entry that is a colleague's (R7).
SOMEBODYS = "an entry of the account’s list"


def visible_exclusions(viewer: Membership) -> QuerySet[Exclusion]:
    """The entries that a member may see and remove: owner and admins all, others their own (R7).

    Ended ones too, for a while.
    """
    found = Exclusion.objects.exclude(forgotten()).select_related("created_by__user").order_by("-created_at", "-id")
    return found if sees_all(viewer) else found.filter(created_by=viewer)


def sees_all(viewer: Membership) -> bool:
    """Whether a member sees the entries of everybody (R7)."""
    return can(viewer, Right.MANAGE_ACCOUNT)


def is_visible(viewer: Membership, entry: Exclusion) -> bool:
    return entry.created_by_id == viewer.pk or sees_all(viewer)


def get_exclusion(viewer: Membership, exclusion_id: int) -> Exclusion:
    """One entry that the member may see and remove, or 404."""
    return get_object_or_404(visible_exclusions(viewer), pk=exclusion_id)


def search(viewer: Membership, q: str = "") -> QuerySet[Exclusion]:
    """Those whose value, reason or author has these words."""
    found = visible_exclusions(viewer)
    for word in q.replace("\x00", "").split()[:10]:
        author = Q(created_by__user__name__icontains=word)
        found = found.filter(Q(value__icontains=word.lstrip("@")) | Q(reason__icontains=word) | author)
    return found


def exclusion_page(viewer: Membership, q: str = "", *, cursor: str | None = None, limit: int = 50) -> Page[Exclusion]:
    """A page of the list, the newest first; a cursor that leads nowhere leads to the first page."""
    try:
        return keyset_page(search(viewer, q), order=ORDER, cursor=cursor, limit=limit)
    except BadCursor:
        return keyset_page(search(viewer, q), order=ORDER, limit=limit)


def covering(addresses: Collection[str]) -> dict[str, list[Exclusion]]:
    """The entries that cover each of these normalised addresses now, whoever made them. One query."""
    values = {address: values_covering(address) for address in addresses}
    asked = {value for covers in values.values() for value in covers}
    found = entries_with(asked)
    return {
        address: [entry for value in covers for entry in found.get(value, ())] for address, covers in values.items()
    }


def entries_with(values: Collection[str]) -> Mapping[str, list[Exclusion]]:
    """The entries with these values that act now, whoever made them, by value. One query."""
    by_value: dict[str, list[Exclusion]] = {}
    if values:
        for entry in _acting_with(values, timezone.now()):
            by_value.setdefault(entry.value, []).append(entry)
    return by_value


@compiled
def _acting_with(values: Collection[str], now: datetime) -> QuerySet[Exclusion]:
    found = Exclusion.objects.filter(acting(now), value__in=among(values))
    return found.select_related("created_by__user").order_by("created_at", "id")


def judge(viewer: Membership, addresses: Collection[str]) -> dict[str, str]:
    """For `emails.queries.judging`: the excluded addresses, each with its entry as the viewer may know it (R7, R9).

    Own addresses are none (R3). One query where nothing is excluded, however many addresses there are.
    """
    found = {address: entries for address, entries in covering(addresses).items() if entries}
    if not found:
        return {}
    own = {own.address for own in own_addresses(among=found.keys())}
    return {
        address: next((entry.value for entry in entries if is_visible(viewer, entry)), SOMEBODYS)
        for address, entries in found.items()
        if address not in own
    }
