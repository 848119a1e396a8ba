"""Envelopes from header pairs, whoever gives them: Gmail's metadata, Graph's properties, or a message itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from mailkit import headers as header
from mailkit.mailboxes import LONGEST
from mailkit.mailboxes import MOST as MOST_RECIPIENTS
from mailkit.message import Envelope, Party, Role

MOST_REFERENCES = 50
#: Of repeated headers of one name: more is an attack or a loop.
MOST_REPEATED = 100
#: Before the first there was no email, after the last there is no reader: such a date is a mistake.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_WANTED = frozenset(
    ["from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "received"],
)


def read(headers: Iterable[tuple[str, str]]) -> Envelope:
    """The envelope that ``headers`` describe: (name, value) pairs in the order of the message. Never raises.

    Values may be folded, encoded by RFC 2047, and hold raw bytes as ``surrogateescape`` keeps them. Names in any case.
    Of several From headers the first is the sender and all are parties; repeated To and Cc headers are joined,
    of all others the first counts. Sender stands in where there is no From. Where Date has no moment between
    1970 and 2100, the newest Received header that can be read gives it, and at last the nearest end of that span.
    """
    found = _gather(headers)
    message_id = next(iter(header.message_ids(_first(found, "message-id"))), "")
    senders = _parties(Role.FROM, found.get("from", [])) or _parties(Role.FROM, found.get("sender", [])[:1])
    recipients = [*_parties(Role.TO, found.get("to", [])), *_parties(Role.CC, found.get("cc", []))]
    return Envelope(
        message_id=message_id,
        parties=(*senders[:MOST_RECIPIENTS], *recipients[:MOST_RECIPIENTS]),
        bcc=tuple(_parties(Role.BCC, found.get("bcc", []))[:MOST_RECIPIENTS]),
        subject=header.decode(_first(found, "subject")),
        sent_at=_sent_at(found),
        references=_references(found, message_id),
    )


def _gather(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        key = name.lower()
        if key in _WANTED and len(values := found.setdefault(key, [])) < MOST_REPEATED:
            values.append(value)
    return found


def _first(found: dict[str, list[str]], name: str) -> str:
    return next(filter(str.strip, found.get(name, [])), "")


def _parties(role: Role, values: list[str]) -> list[Party]:
    parties: dict[tuple[str, str], Party] = {}
    room = LONGEST
    for value in values:
        for name, address in header.address_list(value[:room]):
            parties.setdefault((address, "" if address else name), Party(role, address, name))
        room -= len(value)
        if room <= 0 or len(parties) >= MOST_RECIPIENTS:
            break
    return list(parties.values())


def _sent_at(found: dict[str, list[str]]) -> datetime | None:
    beyond = []
    for moment in _moments(found):
        if EARLIEST <= moment < LATEST:
            return moment
        beyond.append(moment)
    return min(max(beyond[0], EARLIEST), LATEST) if beyond else None


def _moments(found: dict[str, list[str]]) -> Iterator[datetime]:
    """The moments that headers name, best first; each is read only if those before were not good enough."""
    dates = (value for value in found.get("date", ()) if value.strip())
    stamps = (value.rpartition(";")[2] for value in found.get("received", ()))
    for text in chain(dates, stamps):
        if (moment := header.date(text)) is not None:
            yield moment


def _references(found: dict[str, list[str]], message_id: str) -> tuple[str, ...]:
    """Oldest first; of too many, the first one, which names the thread, and the newest."""
    values = [*found.get("references", []), *found.get("in-reply-to", [])]
    ids = list(dict.fromkeys(each for value in values for each in header.message_ids(value) if each != message_id))
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[1 - MOST_REFERENCES :]]
    return tuple(ids)
