"""Mail on its way out: what Gmail checks and changes before it sends or keeps a message."""

from __future__ import annotations

import binascii
from base64 import b64decode
from email.utils import format_datetime, formataddr

from emulator.clock import from_ms
from emulator.delivery import UndeliverableError, complete, deliver
from emulator.google.call import Call
from emulator.google.errors import GoogleError, invalid, not_found, unbindable
from emulator.google.ids import number
from emulator.google.shapes import Json
from emulator.message import Message
from emulator.rfc822 import addresses, append, prepend, read_head, remove

MAX_MESSAGE = 36_700_160
NO_THREAD = 0
_DAY_MS = 86_400_000
_DOMAIN = "mail.gmail.example"


def raw_message(call: Call, message: Json, path: str) -> bytes:
    """The RFC 5322 bytes of an upload or of `raw`. Raises GoogleError (400)."""
    raw = call.media if call.media is not None else _decoded(message.get("raw") or "", path)
    if not raw.strip():
        raise invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    return raw


def asked_thread(call: Call, message: Json) -> int:
    """The threadId of the request, which core takes or not by Gmail's rule; without one a thread of its own."""
    asked = message.get("threadId")
    if not asked:
        return NO_THREAD
    thread = number(str(asked), "Invalid thread_id value")
    if not call.box.in_thread(thread):
        raise not_found()
    return thread


def as_own(call: Call, raw: bytes) -> bytes:
    """From made one's own, Date and Message-ID added or, by the knob `message_id`, the latter replaced."""
    head = read_head(raw)
    senders = addresses(head.sender)
    if not senders or senders[0].address not in call.own:
        raw = remove(raw, "From")
        kept = [("X-Google-Original-From", head.sender)] if head.sender else []
        name = senders[0].name if senders else call.state.name
        raw = append(raw, [("From", formataddr((name, call.box.address))), *kept])
    if call.world.knobs.message_id == "rewrite" and head.message_id:
        raw = remove(raw, "Message-ID", "X-Google-Original-Message-ID")
        fresh = f"<CA+{call.world.dice.hex(16)}{call.world.dice.hex(16)}@{_DOMAIN}>"
        raw = append(raw, [("Message-ID", fresh), ("X-Google-Original-Message-ID", f"<{head.message_id}>")])
    return complete(call.world, raw, call.box.address)


def send(call: Call, raw: bytes, thread: int, *, keep_thread: bool = False) -> Message:
    """Deliver it and answer the copy in Sent. Raises GoogleError before anything is stored."""
    _check_recipients(raw)
    _count(call)
    stamp = format_datetime(call.world.clock.now())
    trace = f"from 1010101010 named unknown by gmailapi.gmail.example with HTTPREST; {stamp}"
    traced = prepend(raw, [("Received", trace)])
    try:
        outcome = deliver(call.world, traced, sender=call.box.address, thread=thread, keep_thread=keep_thread)
    except UndeliverableError as error:
        raise invalid("Invalid To header" if error.field == "recipients" else "Invalid From header") from error
    if outcome.sent is None:
        raise AssertionError("a send without a copy in Sent")
    return outcome.sent


def _check_recipients(raw: bytes) -> None:
    head = read_head(raw)
    named = {"To": head.to, "Cc": head.cc, "Bcc": head.bcc}
    for name, value in named.items():
        if value.strip() and not addresses(value) and not value.strip().endswith(";"):
            raise invalid(f"Invalid {name} header")
    if not addresses(*named.values()):
        raise invalid("Recipient address required")


def _count(call: Call) -> None:
    """The account's sending limit a day (knob `google_daily_sends`)."""
    now_ms = call.world.clock.now_ms()
    recent = [moment for moment in call.state.sends_ms if moment > now_ms - _DAY_MS]
    most = call.world.knobs.google_daily_sends
    if most and len(recent) >= most:
        until = from_ms(recent[0] + _DAY_MS).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = f"User-rate limit exceeded.  Retry after {until} (Mail sending)"
        raise GoogleError(429, message, "rateLimitExceeded", domain="usageLimits")
    call.state.sends_ms = [*recent, now_ms]


def _decoded(text: str, path: str) -> bytes:
    """Base64 in either alphabet, padded or not, as Google's JSON takes bytes."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for \"{text[:100]}\""
        raise unbindable(message, path) from error
