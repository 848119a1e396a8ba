"""The Activity page: what the team wrote and got, by day, with its sums (R38). It needs the right to see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts import queries as accounts
from accounts.http import MemberRequest, is_fragment, member_view
from accounts.models import Membership
from accounts.permissions import Right
from contacts import queries as contacts
from crm.lib.pagination import BadCursor, Page
from emails import activity_csv, periods
from emails.forms import ListQuery
from emails.queries import activity as queries
from emails.queries.activity import Deed, Sum, Sums
from emails.views.activity_query import ActivityQuery
from emails.views.bar import Bar, Choice
from emails.views.charts import Chart, chart


@require_safe
@vary_on_headers("HX-Request")
@member_view(Right.SEE_ACTIVITY)
def activity(request: MemberRequest) -> HttpResponse:
    """The page, which asks for its sums once it is there; for htmx with a cursor, the rows that come after it."""
    query = ActivityQuery.read(request.GET, timezone.localdate())
    if is_fragment(request) and "cursor" in request.GET:
        return render(request, "emails/_activity_rows.html", _rows(request, query))
    frame = _frame(request.membership, query, accounts.list_members())
    return render(request, "emails/activity.html", _rows(request, query) | frame)


@require_safe
@vary_on_headers("HX-Request")
@member_view(Right.SEE_ACTIVITY)
def activity_sums(request: MemberRequest) -> HttpResponse:
    """What it comes to, for the page's place of it; without htmx, the page with it."""
    query, me = ActivityQuery.read(request.GET, timezone.localdate()), request.membership
    members = accounts.list_members()
    numbers = _numbers(me, query, queries.sums(me, query.wanted(me), days=query.period.days), members)
    if is_fragment(request):
        return render(request, "emails/_activity_sums.html", numbers)
    return render(request, "emails/activity.html", _rows(request, query) | _frame(me, query, members) | numbers)


@require_safe
@member_view(Right.SEE_ACTIVITY)
def activity_export(request: MemberRequest) -> HttpResponseBase:
    """The same emails as a CSV file."""
    query = ActivityQuery.read(request.GET, timezone.localdate())
    audit.record(request.membership, "activity.exported", "exported the activity of the team")
    lines = activity_csv.lines(request.membership, query.wanted(request.membership))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"activity-{query.period.first}-{query.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def activity_url(query: ActivityQuery) -> str:
    """The page that asks for this."""
    pairs = query.pairs()
    return reverse("activity") + (f"?{urlencode(pairs)}" if pairs else "")


# --- What the page shows ------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberSum:
    """A member's line, with bars as wide as the most that any of them has, in percent."""

    member: Membership
    sum: Sum
    most: int
    url: str

    @property
    def incoming_width(self) -> int:
        return round(100 * self.sum.incoming / self.most) if self.most else 0

    @property
    def outgoing_width(self) -> int:
        return round(100 * self.sum.outgoing / self.most) if self.most else 0


def _rows(request: MemberRequest, query: ActivityQuery) -> dict[str, object]:
    page = _page(request, query)
    return {
        "days": list(_by_day(page.items, after=request.GET.get("day", ""))),
        "next_url": _next_url(query, page),
    }


def _page(request: MemberRequest, query: ActivityQuery) -> Page[Deed]:
    wanted = query.wanted(request.membership)
    try:
        return queries.activity_page(request.membership, wanted, cursor=request.GET.get("cursor"))
    except BadCursor:
        return queries.activity_page(request.membership, wanted)


def _frame(me: Membership, query: ActivityQuery, members: Sequence[Membership]) -> dict[str, object]:
    """What the page is narrowed down to, and the ways to narrow it down further."""
    bar = Bar.of(
        me,
        query.filters,
        members=members,
        tags=contacts.list_tags(),
        filters=contacts.list_filters(me),
        url=lambda filters: activity_url(query.but(filters=filters)),
    )
    return {
        "query": query,
        "bar": bar,
        "periods": _periods(query),
        "period_label": _label(query.period),
        "hidden": query.filters.pairs(),
        "export_url": reverse("activity_export") + "?" + urlencode(query.pairs()),
        "sums_url": reverse("activity_sums") + "?" + urlencode(query.pairs()),
        "is_filtered": query.filters != ListQuery(),
    }


def _numbers(me: Membership, query: ActivityQuery, sums: Sums, members: Sequence[Membership]) -> dict[str, object]:
    lines = _member_sums(me, query, sums, members)
    return {"sums": sums, "chart": _chart(query.period, sums), "member_sums": lines}


def _periods(query: ActivityQuery) -> list[Choice]:
    today = timezone.localdate()
    return [
        Choice(label, activity_url(query.but(period=periods.named(name, today))), on=query.period.name == name)
        for name, (label, _) in periods.NAMED.items()
    ]


def _label(period: periods.Period) -> str:
    if period.name:
        return periods.NAMED[period.name][0]
    if period.first == periods.EARLIEST:
        return f"Until {dateformat.format(period.last, 'j M Y')}"
    if period.days == 1:
        return dateformat.format(period.first, "j M Y")
    return f"{dateformat.format(period.first, 'j M Y')} to {dateformat.format(period.last, 'j M Y')}"


def _member_sums(me: Membership, query: ActivityQuery, sums: Sums, members: Sequence[Membership]) -> list[MemberSum]:
    """Active members, and those that have something to show; the busiest first."""
    wanted = query.filters.members
    shown = [one for one in members if (one.is_active or one.pk in sums.members) and (not wanted or one.pk in wanted)]
    most = max((max(one.incoming, one.outgoing) for one in sums.members.values()), default=0)
    lines = [MemberSum(one, sums.members.get(one.pk, Sum()), most, _only(query, one)) for one in shown]
    return sorted(lines, key=lambda line: (-line.sum.total, line.member.pk != me.pk, str(line.member)))


def _only(query: ActivityQuery, member: Membership) -> str:
    return activity_url(query.but(filters=query.filters.but(members=(member.pk,))))


def _chart(period: periods.Period, sums: Sums) -> Chart | None:
    """A column for each day, week or month, also for those without any."""
    if not sums.steps:
        return None
    step = queries.step_of(period.days)
    first = min(sums.steps) if period.first == periods.EARLIEST else period.first
    last = min(period.last, max(timezone.localdate(), *sums.steps))
    days = {day: sums.steps.get(day, Sum()) for day in _days(_start_of(first, step), last, step)}
    return chart([(_name_of(day, step), one.incoming, one.outgoing) for day, one in days.items()])


def _start_of(day: date, step: str) -> date:
    """The day that `queries.activity` counts it under."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _days(day: date, last: date, step: str) -> Iterator[date]:
    while day <= last:
        yield day
        if step == "month":
            day = (day + timedelta(days=31)).replace(day=1)
        else:
            day += timedelta(days=1 if step == "day" else 7)


def _name_of(day: date, step: str) -> str:
    if step == "month":
        return dateformat.format(day, "F Y")
    name = dateformat.format(day, "D j M")
    return f"Week of {name}" if step == "week" else name


# --- The list -----------------------------------------------------------------------------------


def _by_day(deeds: Iterable[Deed], after: str) -> Iterator[tuple[str, Deed]]:
    """Each with the day that stands above it, empty where that is the one before's."""
    last = after
    for deed in deeds:
        day = _day_of(deed)
        yield (day if day != last else "", deed)
        last = day


def _day_of(deed: Deed) -> str:
    return dateformat.format(timezone.localtime(deed.email.sent_at), "l, j F Y")


def _next_url(query: ActivityQuery, page: Page[Deed]) -> str:
    if page.next is None:
        return ""
    # A whole page can be deleted while it is brought.
    day = _day_of(page.items[-1]) if page.items else ""
    pairs = [*query.pairs(), ("day", day), ("cursor", page.next)]
    return f"{reverse('activity')}?{urlencode(pairs)}"
