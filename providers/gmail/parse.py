"""Gmail's answers as the values of `providers.base`. Pure."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from providers.base import Headers, Place, Raw, Seen
from providers.gmail import errors
from providers.gmail.types import AliasesJson, HistoryJson, MessageJson, RecordJson

#: What an envelope is made of, and what programs put in that write to many; nothing else of a message is asked for
#: before it is known to be wanted.
HEADERS = (
    *("From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("List-Id", "List-Unsubscribe", "Precedence"),
)
_NAMES = {name.lower(): name for name in HEADERS}
_PEOPLE = frozenset({"From", "To", "Cc", "Bcc"})
_PUNCTUATION = dict.fromkeys(map(ord, '"()\\'))
#: In this order: a draft in the trash is a draft.
_PLACES = (("DRAFT", Place.DRAFT), ("SPAM", Place.SPAM), ("TRASH", Place.TRASH), ("CHAT", Place.CHAT))
#: Leaving one of these makes mail of a message that R20 had skipped.
_SKIPPED = frozenset(label for label, _ in _PLACES)
_ID = re.compile(r"[0-9a-fA-F]{1,16}")


def is_id(text: str) -> bool:
    """Whether Gmail would take it for the id of a message: hexadecimal, below 2^63. One that is not fails a batch."""
    return bool(_ID.fullmatch(text)) and int(text, 16) < 1 << 63


def listed(message: MessageJson, *, concerns: bool = False) -> Seen:
    """A hit of a list, of which only the ids are known."""
    return Seen(id=_id(message), thread_id=message.get("threadId", ""), concerns=concerns)


def seen(message: MessageJson, *, with_headers: bool, never: str = "") -> Seen:
    """A message that was asked for, or as history names it; ``never`` is the id of the label that keeps mail out."""
    labels = tuple(message.get("labelIds", ()))
    return Seen(
        id=_id(message),
        thread_id=message.get("threadId", ""),
        place=_place(labels, never),
        labels=labels,
        received_at=_moment(message.get("internalDate", "")),
        size=message.get("sizeEstimate", 0),
        headers=_headers(message) if with_headers else None,
    )


def raw(message: MessageJson, never: str = "") -> Raw:
    """A message with its bytes. Raises ProviderError where they cannot be decoded."""
    encoded = message.get("raw")
    if not isinstance(encoded, str):
        raise errors.garbled()
    try:
        content = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        raise errors.garbled() from None
    return Raw(seen(message, with_headers=False, never=never), content)


def changed(answer: HistoryJson, never: str = "") -> tuple[Seen, ...]:
    """What a page of history says about mail, each message once and as it was last told of.

    Mail that came, mail that left drafts, spam or trash, and mail that got or lost the label that keeps it out; what
    was deleted on the same page is left out. That other labels were put on says nothing about R20, so neither our own
    come back (E11) nor what people read.
    """
    found: dict[str, MessageJson] = {}
    for record in answer.get("history", ()):
        for message in _arrivals(record, never):
            found.pop(_id(message), None)
            found[_id(message)] = message
        for event in record.get("messagesDeleted", ()):
            found.pop(_id(event["message"]), None)
    return tuple(seen(message, with_headers=False, never=never) for message in found.values())


def own_labels(messages: Iterable[MessageJson]) -> set[str]:
    """The ids of labels that people made, as far as these messages carry any; those of Gmail's own are in capitals."""
    return {label for message in messages for label in message.get("labelIds", ()) if not label.isupper()}


def told(answer: HistoryJson) -> Iterator[MessageJson]:
    """Every message of a page of history, with its labels and with those that were put on or taken off."""
    for record in answer.get("history", ()):
        for event in record.get("messagesAdded", ()):
            yield event["message"]
        for event in (*record.get("labelsAdded", ()), *record.get("labelsRemoved", ())):
            yield event["message"]
            yield {"id": event["message"]["id"], "labelIds": event.get("labelIds", [])}


def aliases(answer: AliasesJson) -> tuple[str, ...]:
    """Addresses that a mailbox may send as; one that is not verified yet is nobody's."""
    return tuple(
        alias["sendAsEmail"].lower()
        for alias in answer.get("sendAs", ())
        if alias.get("isPrimary") or alias.get("verificationStatus") == "accepted"
    )


def text(answer: Mapping[str, object], key: str) -> str:
    """A field that must be there. Raises ProviderError where it is not."""
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise errors.garbled()
    return value


def moment(answer: Mapping[str, object], key: str) -> datetime:
    """A time that must be there, in epoch ms. Raises ProviderError where it is not."""
    found = _moment(text(answer, key))
    if found is None:
        raise errors.garbled()
    return found


def _arrivals(record: RecordJson, never: str) -> Iterable[MessageJson]:
    for event in record.get("messagesAdded", ()):
        yield event["message"]
    for event in record.get("labelsAdded", ()):
        if never and never in event.get("labelIds", ()):
            yield event["message"]
    for event in record.get("labelsRemoved", ()):
        if not (_SKIPPED | {never}).isdisjoint(event.get("labelIds", ())):
            yield event["message"]


def _id(message: MessageJson) -> str:
    return text(message, "id")


def _place(labels: tuple[str, ...], never: str) -> Place:
    if never and never in labels:
        return Place.NEVER
    return next((place for label, place in _PLACES if label in labels), Place.MAIL)


def _moment(milliseconds: str) -> datetime | None:
    """None for what no clock shows."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _headers(message: MessageJson) -> Headers:
    """Those of `HEADERS`, in the form of RFC 5322 as far as Gmail's decoding of encoded words allows."""
    fields = message.get("payload", {}).get("headers", ())
    wanted = ((_NAMES.get(field["name"].lower(), ""), field["value"]) for field in fields)
    return tuple((name, _field(name, value)) for name, value in wanted if name)


def _field(name: str, value: str) -> str:
    """One line; and in a list of addresses, where a decoded name may open a comment or quotes that nobody closes,
    none of these at all, or the address behind it would be part of them.
    """
    line = " ".join(value.splitlines())
    is_open = line.count('"') % 2 or line.count("(") != line.count(")")
    return line.translate(_PUNCTUATION) if name in _PEOPLE and is_open else line
