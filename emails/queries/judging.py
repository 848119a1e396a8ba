"""Which addresses may get no link, as the apps above say (R9): here nobody knows more of exclusions than that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from accounts.models import Membership

#: Of normalised addresses those that are excluded, each with the entry that covers it, as the reader may know it.
Judge = Callable[[Membership, Collection[str]], Mapping[str, str]]
_judges: list[Judge] = []


def add_judge(judge: Judge) -> None:
    """For when the apps are loaded."""
    _judges.append(judge)


def excluded_among(member: Membership, addresses: Collection[str]) -> dict[str, str]:
    """Those of these addresses that are excluded, each with the entry that covers it."""
    if not addresses:
        return {}
    return {address: entry for judge in _judges for address, entry in judge(member, addresses).items()}
