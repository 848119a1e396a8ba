"""What an item becomes by an answer of its source. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from intake import parse
from intake.page import SEARCH_LENGTH, TEXT_LENGTH, Content, Failure, Item
from mailkit import fingerprint
from mailkit.message import Envelope, Message
from providers.base import Raw, Seen

#: The code of `Unfetched` for a message above `providers.base.LARGEST`, and the problem of an email without its body.
TOO_LARGE = "too-large"


def with_headers(item: Item, seen: Seen) -> Item:
    """The item by its headers, and by where it lies now."""
    envelope = parse.envelope_of(seen.headers)
    known = fingerprint.of(envelope) if item.is_bodyless or fingerprint.known_before_body(envelope) else ""
    read = replace(item, seen=_newer(item.seen, seen), envelope=envelope, fingerprint=known)
    return replace(read, content=Content(read.seen.size, problem=TOO_LARGE)) if item.is_bodyless else read


def without_body(item: Item) -> Item:
    """The item when its body is too large to be had: its headers are what can be stored of it."""
    bodyless = replace(item, is_bodyless=True)
    if item.envelope is None:
        return bodyless
    return replace(
        bodyless,
        fingerprint=item.fingerprint or fingerprint.of(item.envelope),
        content=Content(item.seen.size, problem=TOO_LARGE),
    )


def with_raw(item: Item, raw: Raw) -> Item:
    """The item with its content; or, where that cannot be read, with its headers alone and the problem.

    So no customer's mail is missing because it is broken: what can be said of it is on the timeline, and its original
    is kept. Only where not even the headers can be read it has failed.
    """
    message = parse.message_of(raw.content)
    if isinstance(message, Message):
        return _with(item, raw, message.envelope, fingerprint.of(message.envelope, message.text), _content(message))
    envelope = message.envelope or item.envelope
    if envelope is None:
        return replace(item, seen=_newer(item.seen, raw.seen), failure=Failure(message.reason, message.detail))
    # Of a broken message without a Message-ID only the very same bytes are the same message.
    digest = fingerprint.of(envelope, hashlib.sha256(raw.content).hexdigest())
    return _with(item, raw, envelope, digest, Content(len(raw.content), problem=message.reason))


def _with(item: Item, raw: Raw, envelope: Envelope, known: str, content: Content) -> Item:
    return replace(
        item,
        seen=_newer(item.seen, raw.seen),
        envelope=parse.together(envelope, item.envelope),
        fingerprint=known,
        content=content,
    )


def _content(message: Message) -> Content:
    return Content(
        size=message.size,
        text=message.text[:TEXT_LENGTH],
        said=message.said[:SEARCH_LENGTH],
        snippet=message.snippet,
        has_html=bool(message.html),
        attachments=message.attachments,
    )


def _newer(old: Seen, new: Seen) -> Seen:
    """The newer sighting, and what only the older knew. Headers are read by now."""
    return replace(
        new,
        thread_id=new.thread_id or old.thread_id,
        labels=new.labels or old.labels,
        received_at=new.received_at or old.received_at,
        size=new.size or old.size,
        headers=None,
        concerns=old.concerns,
    )
