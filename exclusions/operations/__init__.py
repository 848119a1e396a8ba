"""Writers of the exclusion list: the one way in for all the doors to it (R14)."""

from __future__ import annotations

from exclusions.operations.adding import Excluded, InvalidExclusion, Wish, exclude, exclude_many
from exclusions.operations.including import change, import_missed, include, value_of
from exclusions.operations.judging import Judged, Judgement, Outcome, judge_lines
from exclusions.operations.removing import go_on, restore
from exclusions.operations.switching import Locked, follow_switches, switch

__all__ = [
    "Excluded",
    "InvalidExclusion",
    "Judged",
    "Judgement",
    "Locked",
    "Outcome",
    "Wish",
    "change",
    "exclude",
    "exclude_many",
    "follow_switches",
    "go_on",
    "import_missed",
    "include",
    "judge_lines",
    "restore",
    "switch",
    "value_of",
]
