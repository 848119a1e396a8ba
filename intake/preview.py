"""What would be stored, and for whom, by envelopes alone: nothing is fetched, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable

from intake import knowledge
from intake.decide import judge
from intake.match import addresses_of
from intake.page import Knowledge
from intake.parse import envelope_of
from mailkit.message import Envelope
from providers.base import Place, Seen


def addresses_concerned(door_id: int, items: Iterable[Seen]) -> list[tuple[str, ...]]:
    """For each message that would be stored if it came through the door, the addresses of contacts that would get it.

    Messages that do not lie in the mail (R20), or whose headers are not given, are left out. In the scope of the
    tenant.
    Raises `intake.knowledge.ClosedTo`.
    """
    envelopes = [envelope_of(item.headers) for item in items if item.headers is not None and item.place is Place.MAIL]
    named = {address for envelope in envelopes for address in addresses_of(envelope.parties)}
    known = knowledge.load(door_id, keys=(), addresses=named, fingerprints=())
    return [found for envelope in envelopes if (found := _concerned(envelope, known))]


def _concerned(envelope: Envelope, known: Knowledge) -> tuple[str, ...]:
    contacts = judge(envelope.parties, known).contacts
    return tuple(
        address
        for address in addresses_of(envelope.parties)
        if address not in known.exclusions.own
        and address not in known.exclusions.excluded
        and any(candidate.contact_id in contacts for candidate in known.candidates.get(address, ()))
    )
