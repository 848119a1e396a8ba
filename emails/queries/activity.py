"""What the team wrote and got in a while (R38), as far as the reader may see it (R37): a list, and its sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from accounts import queries as accounts
from accounts.models import Membership
from crm.lib.bulk import is_among
from crm.lib.compiled import compiled
from crm.lib.pagination import Page
from emails.models import Door, Email, Source
from emails.queries.boxes import sources_of
from emails.queries.listed import Listed
from emails.queries.lists import email_page
from emails.queries.seeing import visible_sources
from emails.queries.wanted import Wanted, matching

#: What a chart counts by -> the longest period, in days, that is counted so: more than a hundred columns say nothing.
STEPS: Final = {"day": 92, "week": 730}
#: The longest period whose emails are looked up each by itself.
FEW_DAYS: Final = 92
_TRUNCATED: Final = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


@dataclass(frozen=True)
class Deed:
    """An email, and the members by whom it came, as far as its reader may know it."""

    email: Listed
    brought_by: tuple[Membership, ...]


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


def activity_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Deed]:
    """The page of `lists.email_page`, and by whom each email came. Two queries more. Raises `BadCursor`."""
    page = email_page(member, wanted, cursor=cursor, limit=limit)
    seen = _seen_by(member, [email.id for email in page.items])
    members = {one.pk: one for one in accounts.members_with({one for _, one in seen})}
    by_email: defaultdict[int, dict[int, Membership]] = defaultdict(dict)
    for email_id, one in seen:
        by_email[email_id][one] = members[one]
    return page.of([Deed(email, tuple(by_email[email.id].values())) for email in page.items])


@compiled
def _seen_by(member: Membership, ids: Collection[int]) -> QuerySet[Source, tuple[int, int]]:
    found = visible_sources(member).filter(is_among("email_id", ids))
    return found.order_by("seen_at", "id").values_list("email_id", "door__member")


def sums(member: Membership, wanted: Wanted, *, days: int) -> Sums:
    """The sums of what is wanted; ``days`` is how long it goes on, for the steps. Two queries."""
    whole: Counter[str] = Counter()
    members: defaultdict[int, Counter[str]] = defaultdict(Counter)
    steps: defaultdict[date, Counter[str]] = defaultdict(Counter)
    counted = list(_counted(member, wanted, days))
    # Afterwards, so that those are among them that open meanwhile.
    owners = dict(Door.objects.values_list("pk", "member"))
    for moment, direction, doors, number in counted:
        for counter in (whole, steps[moment.date()], *(members[owner] for owner in {owners[door] for door in doors})):
            counter[direction] += number
    return Sums(
        _sum(whole),
        {member_id: _sum(counter) for member_id, counter in members.items()},
        {day: _sum(counter) for day, counter in sorted(steps.items())},
    )


def step_of(days: int) -> str:
    """``day``, ``week`` or ``month``: what the sums of so long a period are counted by."""
    return next((step for step, most in STEPS.items() if days <= most), "month")


def _counted(member: Membership, wanted: Wanted, days: int) -> QuerySet[Email, Any]:
    """How many emails there are of each step, each direction, and the same doors that they came through.

    Asked of each email by itself: PostgreSQL does not know how many emails a mailbox has, and goes through all of it.
    """
    # All links of an account are sooner brought at once than looked up for the emails of years, and the other way
    # round for those of a few weeks.
    found = matching(member, wanted, in_order=days <= FEW_DAYS)
    sightings = sources_of(member, wanted.members) if wanted.members else visible_sources(member)
    # In the order of the index.
    doors = sightings.filter(email=OuterRef("pk")).order_by("door").values("door_id")
    stepped = found.annotate(step=_TRUNCATED[step_of(days)]("sent_at"), doors=ArraySubquery(doors)).order_by()
    return stepped.values_list("step", "direction", "doors").annotate(Count("pk"))


def _sum(counter: Counter[str]) -> Sum:
    return Sum(counter[Email.Direction.INCOMING], counter[Email.Direction.OUTGOING])
