"""What would be stored, and for whom, by envelopes alone: nothing is fetched, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intake import knowledge
from intake.decide import judge
from intake.match import addresses_of
from intake.page import Knowledge
from intake.parse import envelope_of
from mailkit.message import Envelope
from mailkit.sensitive import Sort, looks_like
from providers.base import Headers, Place, Seen


@dataclass(frozen=True, slots=True)
class Concerned:
    """A message that would be stored: the addresses of contacts that would get it, who sent it, what it looks like.

    ``sender`` is empty for our own people, whose mail looks like nothing.
    """

    id: str
    addresses: tuple[str, ...]
    sender: str = ""
    looks_like: Sort | None = None


def concerned(door_id: int, items: Iterable[Seen]) -> list[Concerned]:
    """Each of these messages that would be stored if it came through the door.

    Messages that do not lie in the mail (R20), or whose headers are not given, are left out. In the scope of the
    tenant.
    Raises `intake.knowledge.ClosedTo`.
    """
    read = [(item.id, item.headers) for item in items if item.headers is not None and item.place is Place.MAIL]
    envelopes = [envelope_of(headers) for _, headers in read]
    named = {address for envelope in envelopes for address in addresses_of(envelope.parties)}
    known = knowledge.load(door_id, keys=(), addresses=named, fingerprints=())
    pairs = zip(read, envelopes, strict=True)
    return [
        _seen(key, headers, envelope, addresses, known)
        for (key, headers), envelope in pairs
        if (addresses := _concerned(envelope, known))
    ]


def _seen(key: str, headers: Headers, envelope: Envelope, addresses: tuple[str, ...], known: Knowledge) -> Concerned:
    sender = envelope.sender.address if envelope.sender else ""
    if not sender or sender in known.exclusions.own:
        return Concerned(key, addresses)
    return Concerned(key, addresses, sender, looks_like(sender, envelope.subject, headers))


def _concerned(envelope: Envelope, known: Knowledge) -> tuple[str, ...]:
    contacts = judge(envelope.parties, known).contacts
    return tuple(
        address
        for address in addresses_of(envelope.parties)
        if address not in known.exclusions.own
        and address not in known.exclusions.excluded
        and any(candidate.contact_id in contacts for candidate in known.candidates.get(address, ()))
    )
