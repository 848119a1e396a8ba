"""A year of time that ends now: any hour for machines and families, working hours for business."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

YEAR = timedelta(days=365)
_OPENS = timedelta(hours=7)
_MINUTES = 600
"""A working day, from seven to five in UTC."""


class WorkTime:
    """Moments of the year before `end`. Working days are Monday to Friday, and the last day whichever it is,
    so that a demo has mail of today.
    """

    def __init__(self, end: datetime) -> None:
        self.end = end.astimezone(UTC).replace(second=0, microsecond=0)
        self.begin = self.end - YEAR
        last = self.end.replace(hour=0, minute=0)
        days = [last - timedelta(days=back) for back in range(365, -1, -1)]
        self._opens = [day + _OPENS for day in days if day.weekday() < 5 or day == last]
        if self._opens[-1] >= self.end:
            self._opens.pop()
        self._minutes = self._position(self.end)

    def anywhere(self, part: float) -> datetime:
        """The moment at a part (0 to 1) of the year."""
        return self.begin + part * YEAR

    def working(self, part: float) -> datetime:
        """The moment at a part (0 to 1) of the year's working time."""
        return self._at(part * self._minutes)

    def after(self, moment: datetime, minutes: float) -> datetime:
        """So many working minutes later; what would be after the end may be so too."""
        return max(moment, self._at(self._position(moment) + minutes))

    def in_their_day(self, moment: datetime, zone: int, minutes: float) -> datetime:
        """The moment, or the next morning of a sender `zone` minutes east of UTC who would be asleep."""
        local = moment + timedelta(minutes=zone)
        if 7 <= local.hour < 20:
            return moment
        morning = local.replace(hour=8, minute=0, second=0) + timedelta(days=local.hour >= 20, minutes=minutes)
        return morning - timedelta(minutes=zone)

    def _position(self, moment: datetime) -> float:
        day = bisect_right(self._opens, moment) - 1
        if day < 0:
            return 0.0
        into = (moment - self._opens[day]).total_seconds() / 60
        return day * _MINUTES + min(into, _MINUTES)

    def _at(self, position: float) -> datetime:
        day, minutes = divmod(position, _MINUTES)
        # Beyond the last working day time goes on day by day.
        over = max(0, int(day) - len(self._opens) + 1)
        opens = self._opens[int(day) - over] + timedelta(days=over)
        return opens + timedelta(seconds=round(minutes * 60))
