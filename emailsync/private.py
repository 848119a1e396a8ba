"""Senders in a preview whose mail looks private: what is said of them, and which of them a form may name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from emailsync.models import Run
from intake.knowledge import excluded_among
from mailkit.sensitive import Sort

#: Completes "looks like …".
WORDS: Final[Mapping[Sort, str]] = {
    Sort.CODE: "one-time codes or passwords",
    Sort.PAY: "pay or salaries",
    Sort.HEALTH: "health",
    Sort.BANK: "a bank",
    Sort.BULK: "mail to many",
}
#: Senders that a page names.
SHOWN: Final = 20


@dataclass(frozen=True)
class Suspect:
    """A sender, and what some of their messages look like by subject, address and headers alone."""

    address: str
    sort: Sort
    messages: int

    @property
    def words(self) -> str:
        return WORDS[self.sort]


def suspects(run: Run) -> list[Suspect]:
    """The senders in a preview whose mail looks private and is not excluded yet, the most private first."""
    noted: Mapping[str, tuple[str, int]] = run.result.get("private", {})
    kept_out = excluded_among(noted)
    found = [Suspect(address, Sort(sort), n) for address, (sort, n) in noted.items() if address not in kept_out]
    order = list(Sort)
    return sorted(found, key=lambda one: (order.index(one.sort), -one.messages, one.address))[:SHOWN]


def chosen(run: Run | None, addresses: Collection[str]) -> list[Suspect]:
    """Those of the addresses that the preview has named: a form adds nobody else to the list by this way."""
    return [one for one in suspects(run) if one.address in set(addresses)] if run else []
