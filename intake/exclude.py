"""Own addresses and exclusions: what they leave of a match (R3, R7 to R10). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from intake.verdict import Reason, Verdict, nobody
from mailkit.message import Party, Role


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What is excluded, by normalised address, as far as the parties in question go.

    ``own`` are the account's own addresses (R3); ``excluded`` those that an entry of the list covers (R7).
    ``others_of_excluded`` is the tenant's ``excluded_sender = others`` (R8).
    """

    own: Collection[str]
    excluded: Collection[str]
    others_of_excluded: bool = False


def exclude(
    parties: Iterable[Party],
    matches: Mapping[str, tuple[int, ...]],
    exclusions: Exclusions,
    *,
    by_crm: bool = False,
) -> Verdict:
    """For whom a message with these parties is stored; ``matches`` is what `intake.match` found.

    ``by_crm`` says that it was sent from the CRM: the list does not concern it then, and its sender gets nothing
    (R10). An own address is not on the list, whatever the list says: else nobody who excludes their own
    company's domain would have their own mail to customers (R3, R8).
    """
    named = [party for party in parties if party.address and party.role is not Role.BCC]
    if named and all(party.address in exclusions.own for party in named):
        return nobody(Reason.OWN_ONLY)
    wanted = [party for party in named if not (by_crm and party.role is Role.FROM)]
    matched = [party for party in wanted if party.address in matches and party.address not in exclusions.own]
    if not matched:
        return nobody(Reason.NO_CONTACT)
    if by_crm:
        return _stored(matched, matches)
    if not exclusions.others_of_excluded and any(is_excluded_sender(party, exclusions) for party in named):
        return nobody(Reason.EXCLUDED_SENDER)
    left = [party for party in matched if party.address not in exclusions.excluded]
    return _stored(left, matches) if left else nobody(Reason.EXCLUDED)


def is_excluded_sender(party: Party, exclusions: Exclusions) -> bool:
    """Whether the party is one by whom R8 keeps the whole message out."""
    return party.role is Role.FROM and party.address in exclusions.excluded and party.address not in exclusions.own


def _stored(parties: Iterable[Party], matches: Mapping[str, tuple[int, ...]]) -> Verdict:
    return Verdict(tuple(dict.fromkeys(contact for party in parties for contact in matches[party.address])))
