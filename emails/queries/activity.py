"""What the team wrote and got in a while (R38), as far as the reader may see it (R37): a list, and its sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from accounts.models import Membership
from crm.lib.pagination import Page
from emails.models import Email, Source
from emails.queries.lists import email_page
from emails.queries.seeing import visible_sources
from emails.queries.wanted import Wanted, matching

#: What a chart counts by -> the longest period, in days, that is counted so: more than a hundred columns say nothing.
STEPS: Final = {"day": 92, "week": 730}
#: The longest period whose emails are looked up each by itself.
FEW_DAYS: Final = 92
_TRUNCATED: Final = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


@dataclass(frozen=True)
class Sum:
    """How many emails came in and went out."""

    incoming: int = 0
    outgoing: int = 0

    @property
    def total(self) -> int:
        return self.incoming + self.outgoing


@dataclass(frozen=True)
class Sums:
    """Of all that is wanted, each email once; of each member by id, whoever has an email too; and by day.

    ``steps`` are days, Mondays of weeks, or first days of months: those on which there was something.
    """

    whole: Sum
    members: Mapping[int, Sum]
    steps: Mapping[date, Sum]


def activity_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Email]:
    """The page of `lists.email_page`, each email with ``brought_by``: the members by whom it came. One query more.

    Raises `BadCursor`.
    """
    page = email_page(member, wanted, cursor=cursor, limit=limit)
    bring_members(member, page.items)
    return page


def bring_members(member: Membership, emails: Sequence[Email]) -> None:
    """Gives each email ``brought_by``, as far as the reader may know it. One query."""
    found = visible_sources(member).filter(email__in=[email.pk for email in emails])
    by_email: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
    for source in found.select_related("door__member__user").order_by("seen_at", "id"):
        by_email[source.email_id][source.door.member_id] = source.door.member
    for email in emails:
        email.brought_by = list(by_email[email.pk].values())  # type: ignore[attr-defined]  # As an annotation would be.


def sums(member: Membership, wanted: Wanted, *, days: int) -> Sums:
    """The sums of what is wanted; ``days`` is how long it goes on, for the steps. Two queries."""
    # All that an account has is sooner brought at once than looked up for each of a few weeks' emails, and the other
    # way round.
    found = matching(member, wanted, in_order=days <= FEW_DAYS)
    steps = _by_step(found, days)
    whole = Sum(
        sum(one.incoming for one in steps.values()),
        sum(one.outgoing for one in steps.values()),
    )
    return Sums(whole, _by_member(_sightings(member, wanted, found)), steps)


def step_of(days: int) -> str:
    """``day``, ``week`` or ``month``: what the sums of so long a period are counted by."""
    return next((step for step, most in STEPS.items() if days <= most), "month")


def _by_step(found: QuerySet[Email], days: int) -> dict[date, Sum]:
    stepped = found.annotate(step=_TRUNCATED[step_of(days)]("sent_at")).order_by()
    numbers: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for moment, direction, number in stepped.values_list("step", "direction").annotate(Count("pk")):
        numbers[moment.date()][direction] = number
    return {day: _sum(counts) for day, counts in sorted(numbers.items())}


def _sightings(member: Membership, wanted: Wanted, found: QuerySet[Email]) -> QuerySet[Source]:
    sightings = visible_sources(member).filter(email__in=found)
    return sightings.filter(door__member__in=wanted.members) if wanted.members else sightings


def _by_member(sightings: QuerySet[Source]) -> dict[int, Sum]:
    counted = sightings.order_by().values_list("door__member", "email__direction")
    numbers: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for member_id, direction, number in counted.annotate(Count("email", distinct=True)):
        numbers[member_id][direction] = number
    return {member_id: _sum(counts) for member_id, counts in numbers.items()}


def _sum(counts: Mapping[str, int]) -> Sum:
    return Sum(counts.get(Email.Direction.INCOMING, 0), counts.get(Email.Direction.OUTGOING, 0))
