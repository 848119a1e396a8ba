"""The numbers beside the boxes, and what is new in a list: never more than a bounded walk along an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import CharField, Min, QuerySet, Value
from django.utils import timezone

from accounts.models import Membership
from emails.models import Email
from emails.queries.boxes import Box
from emails.queries.seeing import ever_visible
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

#: Nobody reads a larger number beside a box: it is shown as "99+".
MOST: Final = 100
#: Emails with open tracking that are asked whether they were opened, the newest of them.
TRACKED: Final = 1_000
#: How long an opened email counts as news.
OPENED: Final = timedelta(days=7)
#: How old new mail may be: a list that shows little must not be looked for through years, twice a minute.
NEWS: Final = timedelta(days=1)
#: Rows at the top of a list that are compared with what its reader has on screen.
TOP: Final = 20

Count = Callable[[Membership], int]
_counts: dict[Box, Count] = {}


def add_count(box: Box, count: Count) -> None:
    """For when the apps are loaded: says how many are in a box that an app above fills, such as Drafts."""
    _counts[box] = count


def box_counts(member: Membership) -> dict[Box, int]:
    """What is worth a look, of each box that says so; at most `MOST`. One query, and those of the apps above.

    Incoming: what was sent today. Open Tracking: what was opened in the last `OPENED`. Quotes: all.
    """
    first, *others = (_named(box, found) for box, found in _worth_a_look(member).items())
    numbers = Counter(Box(name) for name in first.union(*others, all=True))
    return {
        **{box: numbers[box] for box in (Box.INCOMING, Box.TRACKED, Box.QUOTES)},
        **{box: count(member) for box, count in _counts.items()},
    }


def count_news(member: Membership, wanted: Wanted, known: Sequence[int]) -> int:
    """How many rows the list would now show among those whose emails are ``known``, or above; at most `MOST`.

    Mailboxes are looked at one after another, so that what is new need not be what is newest; but what was sent longer
    than `NEWS` ago is none. Two queries.
    """
    # Among the known is what was deleted since: the list is no longer for that.
    lowest = ever_visible(member).filter(pk__in=known).aggregate(lowest=Min("sent_at"))["lowest"] if known else None
    oldest = timezone.now() - NEWS
    since = max(oldest, lowest) if lowest else oldest
    fresh = newest_of_each_thread(matching(member, wanted)).filter(sent_at__gte=since).exclude(pk__in=known)
    return fresh.order_by("-sent_at", "-id")[:MOST].count()


def _worth_a_look(member: Membership) -> dict[Box, QuerySet[Email]]:
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tracked = Email.objects.filter(deleted_at=None, is_tracked=True).order_by("-sent_at", "-id")[:TRACKED]
    opened = matching(member, Wanted(box=Box.TRACKED)).filter(
        pk__in=tracked.values("pk"), last_opened_at__gte=now - OPENED
    )
    return {
        Box.INCOMING: matching(member, Wanted(box=Box.INCOMING, since=midnight)),
        Box.TRACKED: opened,
        Box.QUOTES: matching(member, Wanted(box=Box.QUOTES)),
    }


def _named(box: Box, found: QuerySet[Email]) -> QuerySet[Email, str]:
    """The box's name, as often as an email is in it."""
    named = found.annotate(box=Value(str(box), output_field=CharField())).order_by("-sent_at", "-id")
    return named.values_list("box", flat=True)[:MOST]
