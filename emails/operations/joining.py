"""Conversations that turn out to be one: what was said of each of them has to hold for the whole (R37).

Anybody can send a message that ties two conversations, so that joining them must show nobody more than they saw: the
strictest that an owner showed of any part holds for all of it, and who was let read one part reads the whole only if
nothing in the other parts was hidden from them. Else the owner is asked again, about the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Exists, F, Min, OuterRef
from django.utils import timezone

from emails.models import Access, Privacy, Source, Thread, Visibility
from emails.queries.shown import shown_by_owner

#: (member, thread) -> the least that the member shows of their mail in it.
Shown = Mapping[tuple[int, int], int]


def join_sharing(into: Mapping[int, int]) -> None:
    """Brings settings, questions and grants to the threads that these go into; before their emails go there.

    In the scope of the tenant, and with all of the threads held. Two queries where nobody has said anything.
    """
    Thread.objects.filter(pk__in=set(into.values())).update(joins=F("joins") + 1)
    parts: defaultdict[int, set[int]] = defaultdict(set)
    for thread, first in into.items():
        parts[first] |= {thread, first}
    said = Exists(Privacy.objects.filter(thread=OuterRef("pk"))) | Exists(Access.objects.filter(thread=OuterRef("pk")))
    concerned = set(Thread.objects.filter(said, pk__in={*into, *into.values()}).values_list("pk", flat=True))
    for first, threads in parts.items():
        if not concerned.isdisjoint(threads):
            shown = _shown(threads)
            # Decided on what was said of the parts, and only then written.
            settings = _settings(threads, shown)
            _join_accesses(first, threads, shown)
            Privacy.objects.filter(thread__in=threads).delete()
            Privacy.objects.bulk_create(
                Privacy(member_id=member, thread_id=first, visibility=visibility)
                for member, visibility in settings.items()
            )


def _shown(threads: Collection[int]) -> Shown:
    sources = Source.objects.filter(email__thread__in=threads).annotate(shown=shown_by_owner()).order_by()
    found = sources.values_list("door__member", "email__thread").annotate(least=Min("shown"))
    return {(member, thread): least for member, thread, least in found}


def _settings(threads: Collection[int], shown: Shown) -> dict[int, int]:
    """Of every member who has said something of one of the threads, the strictest that held for any of them."""
    said: defaultdict[int, list[int]] = defaultdict(list)
    for member, visibility in Privacy.objects.filter(thread__in=threads).values_list("member", "visibility"):
        said[member].append(visibility)
    return {
        member: min([*found, *(least for (owner, _), least in shown.items() if owner == member)])
        for member, found in said.items()
    }


def _join_accesses(first: int, threads: Collection[int], shown: Shown) -> None:
    pairs: defaultdict[tuple[int, int], list[Access]] = defaultdict(list)
    for access in Access.objects.filter(thread__in=threads).select_for_update(no_key=True).order_by("pk"):
        pairs[access.asker_id, access.owner_id].append(access)
    for (_, owner), found in pairs.items():
        kept = next((one for one in found if one.thread_id == first), found[0])
        is_granted = _joined(found, _hidden_by(owner, shown))
        Access.objects.filter(pk__in=[one.pk for one in found if one is not kept]).delete()
        if is_granted is None and kept.is_granted is not None:
            kept.asked_at = timezone.now()
        kept.thread_id, kept.is_granted = first, is_granted
        kept.answered_at = None if is_granted is None else _latest(one.answered_at for one in found)
        kept.told_at = None if is_granted is None else _latest(one.told_at for one in found)
        kept.save(update_fields=["thread", "is_granted", "asked_at", "answered_at", "told_at"])


def _joined(found: Collection[Access], hidden: Collection[int]) -> bool | None:
    """The answer for the whole: refused where any part was; granted where each part that is hidden was."""
    if any(one.is_granted is False for one in found):
        return False
    granted = {one.thread_id for one in found if one.is_granted}
    return True if granted and granted.issuperset(hidden) else None


def _hidden_by(owner: int, shown: Shown) -> set[int]:
    """The threads of which the owner does not show everything to everyone."""
    return {thread for (member, thread), least in shown.items() if member == owner and least < Visibility.EVERYONE}


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)
