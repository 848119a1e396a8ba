"""Parties to contacts (R1, R2, R5). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailkit.message import Party, Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live contact that has the address. ``private_to`` is the membership that alone may see it, if it is private."""

    contact_id: int
    created_at: datetime
    private_to: int | None = None

    def is_seen_by(self, viewer: int) -> bool:
        return self.private_to is None or self.private_to == viewer


#: By normalised address, the first created first, then by id (`in_order`).
Candidates = Mapping[str, Sequence[Candidate]]
#: Which contacts an address leads to; an address that leads to none is missing.
Matches = dict[str, tuple[int, ...]]


def in_order(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The order in which R5 asks them."""
    return tuple(sorted(candidates, key=lambda one: (one.created_at, one.contact_id)))


def addresses_of(parties: Iterable[Party]) -> tuple[str, ...]:
    """The addresses of From, To and Cc, each once (R1)."""
    return tuple(dict.fromkeys(party.address for party in parties if party.address and party.role is not Role.BCC))


def match(
    addresses: Iterable[str],
    candidates: Candidates,
    *,
    viewer: int,
    first_only: bool,
    holders: Collection[int] = frozenset(),
) -> Matches:
    """Which contacts the addresses lead to in the mailbox of ``viewer``, a membership (R5).

    With ``first_only`` (the tenant's ``duplicates = first``) one contact an address: the first created, unless
    another of those who have the address is among ``holders``, the contacts that got the email already; what
    went to one of them does not go to a second when an older contact gets the address later, nor when a user takes
    it off the first (R18).
    """
    found: Matches = {}
    for address in addresses:
        seen = [one.contact_id for one in candidates.get(address, ()) if one.is_seen_by(viewer)]
        if first_only:
            seen = [contact_id for contact_id in seen if contact_id in holders] or seen[:1]
        if seen:
            found[address] = tuple(seen)
    return found
