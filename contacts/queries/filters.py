"""Saved filters are one's own or shared."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from contacts.models import SavedFilter
from crm.lib.compiled import compiled


def saved_filters(member: Membership) -> QuerySet[SavedFilter]:
    """The member's own filters and those that are shared, by name."""
    found = SavedFilter.objects.filter(Q(owner=member) | Q(is_shared=True))
    return found.select_related("owner__user").order_by("name", "id")


#: For the pages that name them all.
list_filters = compiled(saved_filters)


def get_filter(member: Membership, filter_id: int) -> SavedFilter:
    """One filter that is the member's own or shared, or 404."""
    return get_object_or_404(saved_filters(member), pk=filter_id)
