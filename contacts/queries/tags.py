"""Tags are the whole team's; how often one is used, each member sees for themselves (R37)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from contacts.models import Tag
from crm.lib.compiled import compiled


def tags() -> QuerySet[Tag]:
    """All tags of the tenant in scope, by name."""
    return Tag.objects.order_by("name")


#: For the pages that name them all.
list_tags = compiled(tags)


@dataclass(frozen=True)
class TagUse:
    """A tag, and on how many contacts that the reader can see it is."""

    tag: Tag
    uses: int


def tags_with_counts(member: Membership) -> list[TagUse]:
    """All tags by name, with their uses. One query."""
    seen = Q(taggings__contact__deleted_at=None) & (
        Q(taggings__contact__is_private=False) | Q(taggings__contact__owner=member)
    )
    return [TagUse(tag, tag.uses) for tag in tags().annotate(uses=Count("taggings", filter=seen))]


def get_tag(tag_id: int) -> Tag:
    """One tag of the tenant in scope, or 404."""
    return get_object_or_404(Tag, pk=tag_id)
