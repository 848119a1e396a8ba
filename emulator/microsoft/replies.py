"""Answers: createReply, createReplyAll and createForward make drafts; reply, replyAll and forward send at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from starlette.responses import Response

from emulator import rfc822
from emulator.clock import from_ms
from emulator.message import Message
from emulator.microsoft import content, drafts, errors, ids, letters, sending, writing
from emulator.microsoft.calls import SEND, WRITE, Call, accepted, require_known
from emulator.microsoft.errors import GraphError
from emulator.microsoft.letters import Body
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json, View, sent_ms
from emulator.microsoft.recipients import Person
from emulator.rfc822 import addresses, decode

_FIRST_LINE = re.compile(r"^\s*(?:re|fw|fwd|aw|wg):\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer begins: its prefix, and to whom it goes."""

    prefix: str
    to_all: bool = False
    forward: bool = False


REPLY = Manner("RE: ")
REPLY_ALL = Manner("RE: ", to_all=True)
FORWARD = Manner("FW: ", forward=True)


def create(manner: Manner) -> Callable[[Call], Response]:
    """201 with a draft that quotes the message and cites it."""

    def handler(call: Call) -> Response:
        return drafts.created(call, _draft(call, ids.find_message(call), manner))

    return handler


def send(manner: Manner) -> Callable[[Call], Response]:
    """202: the same, sent."""

    def handler(call: Call) -> Response:
        message = ids.find_message(call)
        raw, changes = _answer(call, message, manner)
        sending.send_raw(call.world, call.mailbox, raw, changes, save=True)
        return accepted()

    return handler


def _draft(call: Call, message: Message, manner: Manner) -> Message:
    raw, changes = _answer(call, message, manner)
    return drafts.store(call.mailbox, raw, "drafts", changes)


def _answer(call: Call, message: Message, manner: Manner) -> tuple[bytes, Json]:
    """The answer's MIME, and the JSON changes that it was asked to have."""
    given = call.parameters({"message", "comment", "toRecipients"})
    changes = _changes(given, manner)
    comment = given.get("comment") or ""
    if comment and "body" in changes:
        raise GraphError(
            400, "ErrorInvalidRequest", "The parameters 'Comment' and the body of 'Message' cannot be set together."
        )
    raw = letters.new(call.world, call.mailbox.address)
    for name, value in _headers(call, message, manner).items():
        raw = letters.set_header(raw, name, value)
    raw = letters.set_body(raw, Body("html", _quoted(message, str(comment))))
    if manner.forward and (parts := content.read(message.raw).parts):
        raw = letters.set_parts(raw, parts)
    raw = writing.with_changes(call.world, call.mailbox, raw, changes)
    return writing.with_attachments(raw, changes), changes


def _changes(given: dict[str, Any], manner: Manner) -> Json:
    changes = given.get("message") or {}
    if not isinstance(changes, dict):
        raise errors.bad_body("The parameter 'message' wants 'microsoft.graph.message'.")
    require_known(changes, writing.KNOWN, "message")
    if "toRecipients" in given:
        if not manner.forward:
            raise errors.bad_request("The parameter 'ToRecipients' does not exist on this action.")
        if changes.get("toRecipients"):
            raise GraphError(400, "ErrorInvalidRequest", "'ToRecipients' is given twice.")
        changes = {**changes, "toRecipients": given["toRecipients"]}
    return changes


def _headers(call: Call, message: Message, manner: Manner) -> dict[str, str]:
    head = message.head
    subject = manner.prefix + _FIRST_LINE.sub("", decode(head.subject))
    headers = {"Subject": letters.text_header(subject)}
    if head.message_id:
        cited = [*head.references, head.message_id][-rfc822.MAX_REFERENCES :]
        headers["In-Reply-To"] = f"<{head.message_id}>"
        headers["References"] = " ".join(f"<{each}>" for each in cited)
    if manner.forward:
        return headers
    to = _people(View(call.mailbox, message, call.prefer).header("Reply-To")) or _people(head.sender)
    if call.mailbox.address in {each.address for each in _people(head.sender)}:
        to = _people(head.to)
    headers["To"] = letters.people_header(to)
    if manner.to_all:
        seen = {call.mailbox.address, *(each.address for each in to)}
        more = [each for each in _people(head.to) if each.address not in seen]
        headers["To"] = letters.people_header([*to, *more])
        seen |= {each.address for each in more}
        headers["Cc"] = letters.people_header([each for each in _people(head.cc) if each.address not in seen])
    return headers


def _people(value: str) -> list[Person]:
    return [Person(each.name, each.address) for each in addresses(value)]


def _quoted(message: Message, comment: str) -> str:
    """The comment, then the message below a rule and its headers, as Outlook quotes."""
    head = message.head
    sent = from_ms(sent_ms(message)).strftime("%A, %B %d, %Y %I:%M %p")
    lines = {"From": head.sender, "Sent": sent, "To": head.to, "Cc": head.cc, "Subject": head.subject}
    shown = "<br>\r\n".join(f"<b>{name}:</b> {escape(decode(value))}" for name, value in lines.items() if value)
    original = content.read(message.raw).body("html")[1]
    return (
        f'<html><body>\r\n<div>{escape(comment)}</div>\r\n<hr tabindex="-1" style="width:98%">\r\n'
        f'<div id="divRplyFwdMsg" dir="ltr">{shown}</div>\r\n<div>{original}</div>\r\n</body></html>'
    )


RULES = [
    Rule("POST", "me/messages/{}/createReply", create(REPLY), WRITE),
    Rule("POST", "me/messages/{}/createReplyAll", create(REPLY_ALL), WRITE),
    Rule("POST", "me/messages/{}/createForward", create(FORWARD), WRITE),
    Rule("POST", "me/messages/{}/reply", send(REPLY), SEND),
    Rule("POST", "me/messages/{}/replyAll", send(REPLY_ALL), SEND),
    Rule("POST", "me/messages/{}/forward", send(FORWARD), SEND),
]
