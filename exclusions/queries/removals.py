"""Stored emails that were taken off excluded contacts, while that can be taken back (R12)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import system_scope
from exclusions.models import KEPT, Removal


def removals_of(member: Membership) -> QuerySet[Removal]:
    """What the member has removed and can still bring back, the newest first."""
    found = Removal.objects.filter(member=member, at__gt=timezone.now() - KEPT)
    return found.exclude(state=Removal.State.RESTORED).order_by("-at")


def get_removal(member: Membership, removal_id: int) -> Removal:
    """One of them, or 404."""
    return get_object_or_404(removals_of(member), pk=removal_id)


def running_removals() -> list[tuple[int, int]]:
    """Tenants and ids of what a task has to go on with; of all tenants."""
    with system_scope():
        found = Removal.objects.filter(state=Removal.State.RUNNING).order_by("at")
        return list(found.values_list("tenant_id", "pk")[:500])
