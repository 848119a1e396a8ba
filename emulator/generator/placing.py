"""Where a message lies in each mailbox that has it: labels in Gmail, folders in Outlook, read or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from random import Random
from typing import Literal

from emulator.clock import to_ms
from emulator.generator.conversation import Sent
from emulator.generator.plans import Kind, Plan
from emulator.mailbox import Provider

Spot = Literal["inbox", "archive", "filed", "sent", "trash", "spam", "draft", "chat"]
_LABELS: dict[Spot, tuple[str, ...]] = {
    "inbox": ("INBOX",),
    "archive": (),
    "filed": (),
    "sent": ("SENT",),
    "trash": ("TRASH",),
    "spam": ("SPAM",),
    "draft": ("DRAFT",),
    "chat": ("CHAT",),
}
_FOLDERS: dict[Spot, str] = {
    "inbox": "inbox",
    "archive": "archive",
    "filed": "archive",
    "sent": "sentitems",
    "trash": "deleteditems",
    "spam": "junkemail",
    "draft": "drafts",
    "chat": "conversationhistory",
}
_CATEGORIES: dict[Kind, str] = {
    "newsletter": "CATEGORY_PROMOTIONS",
    "receipt": "CATEGORY_UPDATES",
    "code": "CATEGORY_UPDATES",
    "list": "CATEGORY_FORUMS",
    "family": "CATEGORY_PERSONAL",
}
_FRESH = timedelta(days=4)
_SETTLED = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Copy:
    """A message in one mailbox. `folder` is a well-known name or a path; `labels` are Gmail names.

    `provider` is None for the people outside. `kind` says what sort of conversation it is of, `odd` what is
    wrong with it on purpose.
    """

    address: str
    provider: Provider | None
    raw: bytes
    date_ms: int
    folder: str
    labels: tuple[str, ...]
    read: bool
    kind: Kind
    odd: str = ""


class Placing:
    """Puts messages into the connected mailboxes, and with `outside` into those of everybody else."""

    def __init__(self, connected: Mapping[str, Provider], end: datetime, *, outside: bool) -> None:
        self._connected = connected
        self._end = end
        self._outside = outside

    def place(self, plan: Plan, sent: Sent, dice: Random) -> Iterator[Copy]:
        sender = sent.leg.sender.address
        if self._keeps(sender) and plan.kind not in _MACHINES:
            spot: Spot = "draft" if plan.kind == "draft" else "sent"
            yield self._copy(plan, sent, sender, spot, dice)
        if plan.kind == "draft":
            return
        for address in dict.fromkeys(reader.address for reader in sent.leg.readers):
            if self._keeps(address):
                yield self._copy(plan, sent, address, self._spot(plan, sent, dice), dice)

    def _keeps(self, address: str) -> bool:
        # Nobody has the mailbox of an address that bounces.
        return address in self._connected or (self._outside and not address.startswith("former."))

    def _spot(self, plan: Plan, sent: Sent, dice: Random) -> Spot:
        match plan.kind:
            case "spam":
                return "spam"
            case "chat":
                return "chat"
            case "newsletter" if dice.random() < 0.15:
                return "trash"
        if self._end - sent.date < _SETTLED or dice.random() < 0.5:
            return "inbox"
        return "filed" if plan.kind == "contact" and dice.random() < 0.6 else "archive"

    def _copy(self, plan: Plan, sent: Sent, address: str, spot: Spot, dice: Random) -> Copy:
        own = spot in {"sent", "draft"}
        provider = self._connected.get(address)
        fresh = self._end - sent.date < _FRESH
        read = own or dice.random() < (0.55 if fresh else 0.97)
        return Copy(
            address=address,
            provider=provider,
            raw=sent.kept if own else _arrived(sent, address),
            date_ms=to_ms(sent.date) + (0 if own else 2_000),
            folder=self._folder(plan, spot) if provider != "google" else "",
            labels=self._labels(plan, spot, dice) if provider == "google" else (),
            read=read,
            kind=plan.kind,
            odd=sent.odd,
        )

    def _folder(self, plan: Plan, spot: Spot) -> str:
        return f"Customers/{plan.other.company}" if spot == "filed" else _FOLDERS[spot]

    def _labels(self, plan: Plan, spot: Spot, dice: Random) -> tuple[str, ...]:
        labels = [*_LABELS[spot]]
        if spot == "filed":
            labels.append(f"Customers/{plan.other.company}")
        if spot in {"inbox", "archive"} and plan.kind in _CATEGORIES:
            labels.append(_CATEGORIES[plan.kind])
        if plan.kind == "contact" and spot == "inbox" and dice.random() < 0.3:
            labels.append("IMPORTANT")
        if plan.kind == "contact" and dice.random() < 0.04:
            labels.append("STARRED")
        return tuple(labels)


_MACHINES = {"newsletter", "receipt", "code", "payroll", "list", "spam"}


def _arrived(sent: Sent, address: str) -> bytes:
    """With the headers of its way (RFC 5321 section 4.4), from documentation addresses (RFC 5737)."""
    sender = sent.leg.sender.address
    relay = f"mail.{sender.rpartition('@')[2]}"
    token = blake2b(f"{sent.message_id} {address}".encode(), digest_size=6)
    host = 10 + token.digest()[0] % 200
    path = "" if sent.leg.sender.address.startswith("mailer-daemon@") else sender
    trace = (
        f"Return-Path: <{path}>\r\n"
        f"Received: from {relay} ({relay} [192.0.2.{host}])\r\n"
        f" by mx.{address.rpartition('@')[2]} with ESMTPS id {token.hexdigest()}\r\n"
        f" for <{address}>; {format_datetime(sent.date)}\r\n"
    )
    return trace.encode() + sent.raw
