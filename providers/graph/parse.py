"""Graph's JSON as the values of `providers.base`: pure, and never raising, whatever the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime

import idna

from providers.base import Headers, Place, Seen
from providers.graph import types
from providers.graph.types import Json

#: A delta gives all of these for a message that came, and only what changed for one that was there (PROVIDERS 2.4).
_WHOLE = ("from", "toRecipients", "ccRecipients", "internetMessageId", "receivedDateTime", "isDraft")
#: No address is longer (RFC 5321), and no list of parties needs more.
_MOST_PARTIES = 5_000
#: Of the headers as they came, those that say that a message went to many; Graph names the others itself.
_TO_MANY = {name.lower(): name for name in ("List-Id", "List-Unsubscribe", "Precedence")}
_LIST_FIELDS = (("To", "toRecipients"), ("Cc", "ccRecipients"), ("Bcc", "bccRecipients"))


#: Graph sends up to a hundred at once.
MOST_NOTIFICATIONS = 1_000


class BadPush(ValueError):
    """What was posted to us is no change notification."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One item of a push: that something changed, or (``lifecycle``) what becomes of the subscription itself.

    ``secret`` is the clientState that the subscription was made with: compare it in constant time before anything
    else. ``lifecycle`` is empty, or ``reauthorizationRequired``, ``subscriptionRemoved`` or ``missed``.
    """

    subscription: str
    secret: str
    lifecycle: str = ""
    message: str = ""


def read_notifications(body: bytes) -> tuple[Notification, ...]:
    """https://learn.microsoft.com/graph/change-notifications-delivery-webhooks; several subscriptions may share one.

    Raises `BadPush`.
    """
    try:
        values: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPush("This is no JSON.") from error
    found = values.get("value") if isinstance(values, dict) else None
    if not isinstance(found, list) or len(found) > MOST_NOTIFICATIONS:
        raise BadPush("There is no list of notifications, or a list that Graph does not send.")
    return tuple(_notification(each) for each in found)


def is_whole(message: Json) -> bool:
    """Whether an item of a delta says everything that was selected."""
    return all(name in message for name in _WHOLE)


def seen(message: Json, place: Place, never: str = "") -> Seen:
    """A message with all that was selected; ``never`` is the category that keeps mail out."""
    if message.get("isDraft") is True:
        place = Place.DRAFT
    return Seen(
        id=types.key(message, "id"),
        thread_id=types.key(message, "conversationId"),
        place=Place.NEVER if is_kept_out(message, never) else place,
        labels=labels(message),
        received_at=types.moment(message, "receivedDateTime"),
        headers=headers(message),
    )


def labels(message: Json) -> tuple[str, ...]:
    """The folder's id, then the categories."""
    folder = types.key(message, "parentFolderId")
    return ((folder,) if folder else ()) + types.texts(message, "categories")


def is_kept_out(message: Json, never: str) -> bool:
    """Whether a message, or what changed of one, shows this category; Outlook tells them apart without case."""
    return bool(never) and never.casefold() in {each.casefold() for each in types.texts(message, "categories")}


def headers(message: Json) -> Headers:
    """The fields as RFC 5322 writes them, each on one line."""
    author = sender(message)
    found = [("From", _party(author) if author else "")]
    found += [(field, ", ".join(map(_party, people(message, name)))) for field, name in _LIST_FIELDS]
    sent, subject = types.moment(message, "sentDateTime"), types.text(message, "subject")
    found += [
        ("Subject", _encoded(subject) if _wants_encoding(subject) else subject),
        ("Date", format_datetime(sent) if sent else ""),
        ("Message-ID", types.text(message, "internetMessageId")),
        *_to_many(message),
    ]
    return tuple((field, value) for field, value in found if value)


def _to_many(message: Json) -> Iterator[tuple[str, str]]:
    """What of the headers was given, where they were selected."""
    for each in types.members(message, "internetMessageHeaders"):
        if name := _TO_MANY.get(types.text(each, "name").lower()):
            yield name, types.text(each, "value")


def sender(message: Json) -> Json:
    """Who From names; drafts and system messages have none, and some only a Sender."""
    return _address(types.inner(message, "from")) or _address(types.inner(message, "sender"))


def people(message: Json, name: str) -> Iterator[Json]:
    """The emailAddress objects of a list of recipients."""
    for at, each in enumerate(types.members(message, name)):
        if at >= _MOST_PARTIES:
            return
        if found := _address(each):
            yield found


def spelling(address: str) -> str:
    """An address as it can be compared: lower case, the domain in ASCII (R2), for those that Graph may write."""
    local, at, domain = address.strip().lower().rpartition("@")
    if not at or domain.isascii():
        return f"{local}{at}{domain}"
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return f"{local}@{domain}"


def parties(message: Json) -> Iterator[str]:
    """The addresses of From, To and Cc (R1), as `spelling` has them."""
    everybody = [sender(message), *people(message, "toRecipients"), *people(message, "ccRecipients")]
    return (spelling(found) for each in everybody if (found := types.text(each, "address")))


def _address(recipient: Json) -> Json:
    found = types.inner(recipient, "emailAddress")
    return found if types.text(found, "address") or types.text(found, "name") else {}


def _party(person: Json) -> str:
    """``"Name" <address>``. Colleagues may come with an X.500 address of Exchange's own, and lists with none at all:
    these keep their name before empty brackets, as other mail programs write somebody without an address.
    """
    name, address = types.text(person, "name"), types.text(person, "address")
    if not _is_smtp(address):
        return f"{_phrase(name or address)} <>"
    return address if name.lower() in {"", address.lower()} else f"{_phrase(name)} <{address}>"


def _is_smtp(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and not re.search(r"[\s<>(),;:\\\"]", address)


def _phrase(name: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return _encoded(name) if _wants_encoding(name) else f'"{escaped}"'


def _wants_encoding(text: str) -> bool:
    """Graph's texts are decoded: what looks like an encoded word is to be read as it stands."""
    return not text.isascii() or "=?" in text


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047) of a length that every reader takes, on one line."""
    return " ".join(Header(text, "utf-8", maxlinelen=75).encode().split())


def _notification(item: object) -> Notification:
    values: Mapping[str, object] = item if isinstance(item, dict) else {}
    subscription = types.key(values, "subscriptionId")
    if not subscription:
        raise BadPush("A notification does not name its subscription.")
    return Notification(
        subscription,
        secret=types.key(values, "clientState"),
        lifecycle=types.key(values, "lifecycleEvent"),
        message=types.key(types.inner(values, "resourceData"), "id"),
    )
