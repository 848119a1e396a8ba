"""Mail on its way: from anybody, emulated or not, to every address named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import format_datetime

from emulator.clock import Clock
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.rfc822 import addresses, append, prepend, read_head, remove
from emulator.world import World, normal_address

MAX_RECIPIENTS = 2_000


class UndeliverableError(ValueError):
    """No recipient, too many, or an address that is none; `field` is "sender" or "recipients"."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Delivered:
    """`message_id` without brackets; `copies` by recipient's address; `sent` is the sender's own copy."""

    message_id: str
    copies: dict[str, Message]
    sent: Message | None


def deliver(
    world: World,
    raw: bytes,
    *,
    sender: str = "",
    recipients: Iterable[str] | None = None,
    sent_copy: bool = True,
    thread: int | None = None,
    keep_thread: bool = False,
) -> Delivered:
    """Send `raw` from `sender` (else From) to `recipients` (else To, Cc and Bcc): each gets it unread in the
    inbox.

    Date and Message-ID are added where missing; recipients' copies lose Bcc and gain Return-Path and
    Received; the sender's copy keeps Bcc. `thread` and `keep_thread` are for that copy, see Mailbox.add. A
    Gmail sender among the recipients has one message that is both sent and received, as in Gmail. Raises
    UndeliverableError before anything is stored.
    """
    raw = complete(world, raw, sender)
    head = read_head(raw)
    origin = _address(sender or next((person.address for person in addresses(head.sender)), ""))
    targets = _targets(recipients, head.to, head.cc, head.bcc)
    sender_box = world.mailbox(origin)
    merged = sent_copy and origin in targets and sender_box.provider != "microsoft"
    sent = None
    if sent_copy:
        labels = ["SENT", "INBOX", "UNREAD"] if merged else ["SENT"]
        sent = sender_box.add(raw, labels=labels, thread=thread, keep_thread=keep_thread)
    public = remove(raw, "Bcc")
    copies = {
        target: _receive(world, public, origin, world.mailbox(target))
        for target in targets
        if not (merged and target == origin)
    }
    if merged and sent is not None:
        copies[origin] = sent
    return Delivered(head.message_id, copies, sent)


def complete(world: World, raw: bytes, sender: str = "") -> bytes:
    """The message with From, Date and Message-ID, those that are missing added."""
    head = read_head(raw)
    missing: list[tuple[str, str]] = []
    if not head.sender:
        missing.append(("From", _address(sender)))
    if head.date_ms is None:
        raw = remove(raw, "Date")
        missing.append(("Date", format_datetime(world.clock.now())))
    if not head.message_id:
        raw = remove(raw, "Message-ID")
        domain = _address(sender or next((each.address for each in addresses(head.sender)), "")).rpartition("@")[2]
        missing.append(("Message-ID", new_message_id(world, domain)))
    return append(raw, missing) if missing else raw


def new_message_id(world: World, domain: str) -> str:
    """With its brackets."""
    return f"<{world.dice.hex(16)}.{world.clock.now_ms():x}@{domain}>"


def _targets(recipients: Iterable[str] | None, *headers: str) -> list[str]:
    named = [each.address for each in addresses(*headers)] if recipients is None else recipients
    targets = list(dict.fromkeys(_address(each, "recipients") for each in named))
    if not targets:
        raise UndeliverableError("recipients", "the message names no recipient")
    if len(targets) > MAX_RECIPIENTS:
        raise UndeliverableError("recipients", f"more than {MAX_RECIPIENTS} recipients")
    return targets


def _address(text: str, field: str = "sender") -> str:
    try:
        return normal_address(text)
    except ValueError as error:
        raise UndeliverableError(field, str(error)) from error


def _receive(world: World, public: bytes, origin: str, mailbox: Mailbox) -> Message:
    trace = [("Return-Path", f"<{origin}>"), ("Received", _received(world.clock, origin, mailbox))]
    return mailbox.add(prepend(public, trace), folder="inbox", read=False)


def _received(clock: Clock, origin: str, mailbox: Mailbox) -> str:
    """RFC 5321 section 4.4, with a documentation address (RFC 5737)."""
    by = mailbox.address.rpartition("@")[2]
    relay = f"mail.{origin.rpartition('@')[2]}"
    stamp = format_datetime(clock.now())
    token = mailbox.dice.hex(12)
    origin_host = f"{relay} ({relay} [192.0.2.25])"
    return f"from {origin_host} by mx.{by} with ESMTPS id {token} for <{mailbox.address}>; {stamp}"
