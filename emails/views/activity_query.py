"""What the URL of the Activity page asks for: ``?period=7d&member=3``, or ``?since=2026-03-01&until=2026-03-31``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from accounts.models import Membership
from emails import periods
from emails.forms import ListQuery
from emails.periods import Period
from emails.queries import Wanted


@dataclass(frozen=True)
class ActivityQuery:
    """Filters like those of a list of emails, and the days."""

    filters: ListQuery
    period: Period

    @classmethod
    def read(cls, query: QueryDict, today: date) -> ActivityQuery:
        """Reads a URL's parameters; what cannot be read is left out."""
        filters = ListQuery.read(query)
        return cls(
            ListQuery(members=filters.members, tags=filters.tags, filter_id=filters.filter_id),
            periods.read(query.get("period", ""), query.get("since", ""), query.get("until", ""), today),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of a URL, in a stable order."""
        return [*self.filters.pairs(), *self._days()]

    def but(self, **changes: Any) -> ActivityQuery:
        """The same with other filters, or another period."""
        return replace(self, **changes)

    def wanted(self, reader: Membership) -> Wanted:
        """The emails that it asks for: whole days in the reader's time zone."""
        first, last = self.period.first, min(self.period.last, periods.LATEST - periods.DAY)
        return replace(self.filters.wanted(reader), since=_beginning(first), until=_beginning(last + periods.DAY))

    def _days(self) -> list[tuple[str, str]]:
        if self.period.name:
            return [("period", self.period.name)] if self.period.name != periods.DEFAULT else []
        return [("since", self.period.first.isoformat()), ("until", self.period.last.isoformat())]


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
