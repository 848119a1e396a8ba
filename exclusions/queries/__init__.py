"""Readers of the exclusion list."""

from __future__ import annotations

from exclusions.queries.concerned import concerned, covered_addresses
from exclusions.queries.entries import (
    SOMEBODYS,
    covering,
    entries_with,
    exclusion_page,
    get_exclusion,
    is_visible,
    judge,
    search,
    sees_all,
    visible_exclusions,
)
from exclusions.queries.missed import add_watch, looked_for, was_excluded
from exclusions.queries.own import OwnAddress, own_addresses
from exclusions.queries.removals import get_removal, removals_of
from exclusions.queries.switch import Switch, SwitchState, switch_of

__all__ = [
    "SOMEBODYS",
    "OwnAddress",
    "Switch",
    "SwitchState",
    "add_watch",
    "concerned",
    "covered_addresses",
    "covering",
    "entries_with",
    "exclusion_page",
    "get_exclusion",
    "get_removal",
    "is_visible",
    "judge",
    "looked_for",
    "own_addresses",
    "removals_of",
    "search",
    "sees_all",
    "switch_of",
    "visible_exclusions",
    "was_excluded",
]
