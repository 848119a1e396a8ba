"""How long ago something was, as short as a line of a list has room for."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

_UNITS = ((60, 1, "s"), (3_600, 60, "min"), (86_400, 3_600, "h"))


def ago(moment: datetime) -> str:
    """ "20 s ago", "8 min ago", "3 h ago", "12 d ago"; what is to come counts as now."""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    for below, size, unit in _UNITS:
        if seconds < below:
            return f"{seconds // size} {unit} ago"
    return f"{seconds // 86_400} d ago"
