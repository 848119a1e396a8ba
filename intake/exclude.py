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
    named = _named(parties)
    others = [party for party in named if party.address not in exclusions.own]
    if named and not others:
        return nobody(Reason.OWN_ONLY)
    matched = [party for party in others if party.address in matches]
    if by_crm:
        receivers = [party for party in matched if party.role is not Role.FROM]
        return _stored(receivers, matches, or_else=Reason.NO_CONTACT)
    if not matched:
        return nobody(Reason.NO_CONTACT)
    if _is_kept_out(others, exclusions):
        return nobody(Reason.EXCLUDED_SENDER)
    left = [party for party in matched if party.address not in exclusions.excluded]
    return _stored(left, matches, or_else=Reason.EXCLUDED)


def _named(parties: Iterable[Party]) -> list[Party]:
    """Those that count: a Bcc names nobody (R1)."""
    return [party for party in parties if party.address and party.role is not Role.BCC]


def _is_kept_out(others: Iterable[Party], exclusions: Exclusions) -> bool:
    """Whether the whole message is, because of who sent it (R8)."""
    if exclusions.others_of_excluded:
        return False
    return any(party.role is Role.FROM and party.address in exclusions.excluded for party in others)


def _stored(parties: Iterable[Party], matches: Mapping[str, tuple[int, ...]], *, or_else: Reason) -> Verdict:
    contacts = tuple(dict.fromkeys(contact for party in parties for contact in matches[party.address]))
    return Verdict(contacts) if contacts else nobody(or_else)
