"""Sending: 202 at once, the copy in Sent Items when it is due (knob `send_delay_ms`)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import format_datetime

from starlette.responses import Response

from emulator.delivery import UndeliverableError, deliver
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import drafts, errors, ids, letters, writing
from emulator.microsoft.calls import SEND, Call, accepted
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json
from emulator.world import World


@dataclass(slots=True)
class Waiting:
    """A copy on its way to Sent Items: the message `seq` that waits in the Outbox, or one still to be made."""

    due_ms: int
    seq: int = 0
    raw: bytes = b""
    values: Json = field(default_factory=dict)


@dataclass(slots=True)
class Outbox:
    waiting: list[Waiting] = field(default_factory=list)


def send_draft(call: Call) -> Response:
    """POST send, without a body; 411 unless Content-Length says so."""
    if not {"content-length", "transfer-encoding"} & set(call.request.headers):
        raise GraphError(411, "BadRequest", "A chunked or Content-Length body is required.")
    submit(call, ids.find_message(call))
    return accepted()


def send_mail(call: Call) -> Response:
    """POST /me/sendMail: `{"message", "saveToSentItems"}`, or base64 of MIME as text/plain."""
    if call.content_type == "text/plain":
        raw = letters.from_mime(call.world, call.body, call.mailbox.address)
        send_raw(call.world, call.mailbox, raw, {}, save=True)
        return accepted()
    given = call.parameters({"message", "saveToSentItems"})
    values = given.get("message")
    if not isinstance(values, dict):
        raise errors.bad_request("The parameter 'Message' is missing or is not an object.")
    raw = writing.written(call.world, call.mailbox, values)
    send_raw(call.world, call.mailbox, raw, values, save=given.get("saveToSentItems") is not False)
    return accepted()


def submit(call: Call, message: Message) -> None:
    """Send a draft and let it become the copy in Sent Items. Raises GraphError, and then nothing was sent."""
    if not message.is_draft:
        raise GraphError(400, "ErrorInvalidRequest", "The message is no draft: it was sent already.")
    world, mailbox = call.world, call.mailbox
    raw = _delivered(world, mailbox, message.raw)
    if not world.knobs.immutable_id_survives_send:
        mailbox.delete(message)
        _wait(world, mailbox, Waiting(_due(world), raw=raw, values=dict(message.extra)))
        return
    mailbox.update(
        message,
        ["isDraft", "sentDateTime", "receivedDateTime"],
        raw=raw,
        labels=(message.labels - {"DRAFT", "UNREAD"}),
        date_ms=world.clock.now_ms(),
    )
    if world.knobs.send_delay_ms:
        mailbox.move(message, "outbox")
    _wait(world, mailbox, Waiting(_due(world), seq=message.seq))


def send_raw(world: World, mailbox: Mailbox, raw: bytes, values: Json, *, save: bool) -> None:
    """Send what was never a draft. Raises GraphError, and then nothing was sent."""
    extra = drafts.extra_of(values)
    raw = _delivered(world, mailbox, raw)
    if save:
        _wait(world, mailbox, Waiting(_due(world), raw=raw, values=extra))


def settle(world: World, mailbox: Mailbox) -> None:
    """Put into Sent Items what is due."""
    outbox = mailbox.section(Outbox)
    now_ms = world.clock.now_ms()
    due = [each for each in outbox.waiting if each.due_ms <= now_ms]
    if due:
        outbox.waiting = [each for each in outbox.waiting if each.due_ms > now_ms]
    for each in due:
        message = mailbox.get(each.seq)
        if message is not None:
            mailbox.move(message, "sentitems")
        elif each.raw:
            mailbox.add(each.raw, folder="sentitems").extra.update(each.values)


def _wait(world: World, mailbox: Mailbox, waiting: Waiting) -> None:
    mailbox.section(Outbox).waiting.append(waiting)
    settle(world, mailbox)
    if waiting in mailbox.section(Outbox).waiting:
        # The copy also comes when nobody asks, so that its notification does.
        delay_s = world.knobs.send_delay_ms / 1000
        asyncio.get_running_loop().call_later(delay_s, lambda: settle(world, mailbox))


def _due(world: World) -> int:
    return world.clock.now_ms() + world.knobs.send_delay_ms


def _delivered(world: World, mailbox: Mailbox, raw: bytes) -> bytes:
    """The message as it went out, with the moment of sending as its Date."""
    raw = letters.set_header(raw, "Date", format_datetime(world.clock.now()))
    try:
        deliver(world, raw, sender=mailbox.address, sent_copy=False)
    except UndeliverableError as error:
        raise GraphError(400, "ErrorInvalidRecipients", f"At least one recipient is not valid., {error}.") from error
    return raw


RULES = [
    Rule("POST", "me/messages/{}/send", send_draft, SEND),
    Rule("POST", "me/sendMail", send_mail, SEND),
]
