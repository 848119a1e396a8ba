"""Readers of the exclusion list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from accounts.permissions import Right, can
from exclusions.models import Exclusion


def visible_exclusions(viewer: Membership) -> QuerySet[Exclusion]:
    """The entries that a member may see and remove, by value: owner and admins all, others their own (R7)."""
    found = Exclusion.objects.select_related("created_by__user").order_by("value", "id")
    return found if can(viewer, Right.MANAGE_ACCOUNT) else found.filter(created_by=viewer)


def get_exclusion(viewer: Membership, exclusion_id: int) -> Exclusion:
    """One entry that the member may see and remove, or 404."""
    return get_object_or_404(visible_exclusions(viewer), pk=exclusion_id)
