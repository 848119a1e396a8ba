"""A message's JSON written into its MIME."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from emulator import rfc822
from emulator.mailbox import Mailbox
from emulator.microsoft import attachments, content, directory, errors, letters, recipients
from emulator.microsoft.calls import require_known
from emulator.microsoft.errors import GraphError
from emulator.microsoft.letters import Body
from emulator.microsoft.properties import NAMES, Json
from emulator.world import World

MAX_HEADERS = 5
PEOPLE = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc", "replyTo": "Reply-To"}
KNOWN = frozenset({*NAMES.values(), "attachments", "singleValueExtendedProperties", "extensions"})
"""What a message's JSON may hold."""
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")


def written(world: World, mailbox: Mailbox, values: Json) -> bytes:
    """A message from its JSON, attachments included. Raises GraphError."""
    require_known(values, KNOWN, "message")
    raw = letters.new(world, mailbox.address)
    return with_attachments(with_changes(world, mailbox, raw, values), values)


def with_attachments(raw: bytes, values: Json) -> bytes:
    """`raw` with the files and messages of its JSON after those it has."""
    given = values.get("attachments", [])
    if not isinstance(given, list):
        raise errors.bad_body("The property 'attachments' wants a collection of 'microsoft.graph.attachment'.")
    parts = [part for part in map(attachments.read_part, given) if part is not None]
    return letters.set_parts(raw, [*content.read(raw).parts, *parts]) if parts else raw


def with_changes(world: World, mailbox: Mailbox, raw: bytes, values: Json) -> bytes:
    """`raw` with the properties of JSON that live in the message itself."""
    for name, header in PEOPLE.items():
        if name in values:
            people = recipients.read_list(values[name] or [], name)
            raw = letters.set_header(raw, header, letters.people_header(people))
    if values.get("from"):
        raw = letters.set_header(raw, "From", letters.people_header([_own(world, mailbox, values["from"])]))
    for name, change in _TEXT_CHANGES.items():
        if name in values:
            raw = change(raw, values[name])
    return raw


def _subject(raw: bytes, value: Any) -> bytes:
    if not isinstance(value, str | None):
        raise errors.bad_body("The property 'subject' wants a string.")
    return letters.set_header(raw, "Subject", letters.text_header(value or ""))


def _body(raw: bytes, value: Any) -> bytes:
    return letters.set_body(raw, read_body(value))


def read_body(value: Any) -> Body:
    """From `{"contentType": "text" | "html", "content"}`. Raises GraphError."""
    values = value if isinstance(value, dict) else {}
    kind, text = str(values.get("contentType", "text")).lower(), values.get("content", "")
    if not isinstance(value, dict) or kind not in {"text", "html"} or not isinstance(text, str):
        raise errors.bad_body("The property 'body' wants 'microsoft.graph.itemBody'.")
    return Body(kind, text)


def _message_id(raw: bytes, value: Any) -> bytes:
    if not isinstance(value, str) or not _MESSAGE_ID.fullmatch(value) or not value.isascii():
        raise GraphError(400, "ErrorInvalidArgument", "The value of internetMessageId is not valid.")
    return letters.set_header(raw, "Message-ID", value)


def _custom_headers(raw: bytes, value: Any) -> bytes:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise errors.bad_body("The property 'internetMessageHeaders' wants a collection.")
    if len(value) > MAX_HEADERS:
        raise GraphError(
            400,
            "InvalidInternetMessageHeaderCollection",
            f"Maximum number of headers in one message should be less than or equal to {MAX_HEADERS}.",
        )
    for each in value:
        name, text = str(each.get("name", "")), str(each.get("value", ""))
        if not re.fullmatch(r"[xX]-[!-9;-~]+", name):
            raise GraphError(
                400,
                "InvalidInternetMessageHeader",
                f"The internet message header name '{name[:80]}' should start with 'x-' or 'X-'.",
            )
        raw = letters.set_header(raw, name, letters.text_header(text))
    return raw


def _receipt(header: str) -> Callable[[bytes, Any], bytes]:
    def change(raw: bytes, value: Any) -> bytes:
        sender = rfc822.read_head(raw).sender
        return letters.set_header(raw, header, sender if value is True else "")

    return change


_TEXT_CHANGES: dict[str, Callable[[bytes, Any], bytes]] = {
    "subject": _subject,
    "body": _body,
    "internetMessageId": _message_id,
    "internetMessageHeaders": _custom_headers,
    "isReadReceiptRequested": _receipt("Disposition-Notification-To"),
    "isDeliveryReceiptRequested": _receipt("Return-Receipt-To"),
}


def _own(world: World, mailbox: Mailbox, value: object) -> recipients.Person:
    person = recipients.read(value, "from")
    if person.address not in {mailbox.address, *directory.aliases(world, mailbox.address)}:
        raise GraphError(
            403,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right "
            "to send mail on behalf of the specified sending account., Cannot submit message.",
        )
    return person
