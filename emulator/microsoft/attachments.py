"""Attachments: files, messages and references; read, added and taken off."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from emulator.message import Message
from emulator.microsoft import content, errors, ids, letters
from emulator.microsoft.calls import READ, WRITE, Call, answer, no_content, require_known
from emulator.microsoft.content import Part
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json, moment, recipients, sent_ms
from emulator.rfc822 import decode, read_head

MAX_SIZE = 3 * 1024 * 1024
FILE = "#microsoft.graph.fileAttachment"
ITEM = "#microsoft.graph.itemAttachment"
REFERENCE = "#microsoft.graph.referenceAttachment"
_KNOWN = {"name", "contentType", "contentBytes", "isInline", "contentId", "contentLocation", "item", "id", "size"}
_REFERENCE_KNOWN = {"name", "contentType", "isInline", "sourceUrl", "providerType", "permission", "isFolder", "size"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to a file in the cloud: no bytes travel with the message."""

    name: str
    url: str
    mark: str


Attachment = Part | Reference


def of(message: Message) -> list[Attachment]:
    kept = message.extra.get("references", [])
    links: list[Attachment] = [Reference(each["name"], each["url"], each["mark"]) for each in kept]
    return [*content.read(message.raw).parts, *links]


def list_all(call: Call) -> Response:
    message = ids.find_message(call)
    wanted = _selected(call)
    found = [_narrow(as_json(call, message, each), wanted) for each in of(message)]
    return answer(call, {"value": found}, context=_context(call))


def get(call: Call) -> Response:
    """`$expand=microsoft.graph.itemAttachment/item` adds the message inside an attached one."""
    message = ids.find_message(call)
    found = find(call, message)
    values = as_json(call, message, found)
    if "itemattachment/item" in call.query.get("$expand", "").lower():
        if not isinstance(found, Part) or found.kind != "item":
            raise errors.bad_request("The expanded property 'item' is not of this attachment.")
        values["item"] = _item(found)
    return answer(call, _narrow(values, _selected(call)), context=f"{_context(call)}/$entity")


def get_value(call: Call) -> Response:
    """The bytes of a file, the MIME of a message; 405 for a reference
    (https://learn.microsoft.com/graph/api/attachment-get).
    """
    found = find(call, ids.find_message(call))
    if isinstance(found, Reference):
        raise GraphError(405, "ErrorInvalidRequest", "Reference attachments have no content.")
    return Response(found.data, media_type="text/plain" if found.kind == "item" else found.content_type)


def create(call: Call) -> Response:
    """POST attachments, below 3 MB each."""
    message = ids.find_message(call)
    _require_draft(message)
    values = call.json()
    link = _reference(values)
    part = None if link else read_part(values)
    if link is not None:
        message.extra["references"] = [*message.extra.get("references", []), link]
        call.mailbox.update(message, ["hasAttachments"])
    elif part is not None:
        add(call, message, part)
    added = of(message)[-1] if link else content.read(message.raw).parts[-1]
    values = as_json(call, message, added)
    response = answer(call, values, 201, context=f"{_context(call)}/$entity")
    response.headers["location"] = location(call, message, values["id"])
    return response


def add(call: Call, message: Message, part: Part) -> None:
    """Put a file or message into a draft."""
    raw = letters.set_parts(message.raw, [*content.read(message.raw).parts, part])
    call.mailbox.update(message, ["hasAttachments", "attachments"], raw=raw)


def delete(call: Call) -> Response:
    message = ids.find_message(call)
    found = find(call, message)
    if isinstance(found, Reference):
        message.extra["references"] = [each for each in message.extra["references"] if each["mark"] != found.mark]
        call.mailbox.update(message, ["hasAttachments"])
    else:
        kept = [part for part in content.read(message.raw).parts if part.mark != found.mark]
        call.mailbox.update(message, ["hasAttachments", "attachments"], raw=letters.set_parts(message.raw, kept))
    return no_content()


def find(call: Call, message: Message) -> Attachment:
    """The attachment of the call's last key, given with either kind of the message's id."""
    wanted = call.keys[-1]
    for each in of(message):
        tails = {ids.attachment_id(call.mailbox, message, each.mark, immutable=flag) for flag in (True, False)}
        if wanted in tails:
            return each
    raise errors.item_not_found() if "ABEgAQA" in wanted else errors.malformed_id()


def as_json(call: Call, message: Message, attachment: Attachment) -> Json:
    values: Json = {
        "id": ids.attachment_id(call.mailbox, message, attachment.mark, immutable=call.prefer.immutable),
        "lastModifiedDateTime": moment(message.modified_ms),
        "name": attachment.name,
    }
    if isinstance(attachment, Reference):
        return {"@odata.type": REFERENCE, **values, "contentType": None, "size": 0, "isInline": False}
    if attachment.kind == "item":
        return {"@odata.type": ITEM, **values, "contentType": None, **_measures(attachment)}
    return {
        "@odata.type": FILE,
        "@odata.mediaContentType": attachment.content_type,
        **values,
        "contentType": attachment.content_type,
        **_measures(attachment),
        "contentId": attachment.content_id or None,
        "contentLocation": None,
        "contentBytes": b64encode(attachment.data).decode("ascii"),
    }


def _measures(part: Part) -> Json:
    return {"size": len(part.data), "isInline": part.inline}


def read_part(values: object) -> Part | None:
    """A file or message from its JSON, None for a reference. Raises GraphError."""
    if not isinstance(values, dict) or not isinstance(values.get("name", ""), str):
        raise errors.bad_body("An attachment wants 'microsoft.graph.attachment' with a name.")
    kind = "#" + str(values.get("@odata.type", "")).lstrip("#")
    if kind == REFERENCE:
        return None
    if kind not in {FILE, ITEM}:
        raise errors.bad_body("The '@odata.type' of an attachment is missing or unknown.")
    require_known(values, _KNOWN, kind.rpartition(".")[2])
    if not values.get("name"):
        raise GraphError(400, "ErrorRequiredPropertyMissing", "Required property is missing., Name")
    data = _bytes(values.get("contentBytes"))
    if len(data) > MAX_SIZE:
        raise errors.too_large()
    return Part(
        kind="item" if kind == ITEM else "file",
        name=values["name"],
        content_type="message/rfc822" if kind == ITEM else _type(values),
        data=data,
        inline=values.get("isInline") is True,
        content_id=str(values.get("contentId") or ""),
        mark="",
    )


def references_in(values: Iterable[object]) -> list[Json]:
    """As `message.extra` keeps them: those among an array of attachments."""
    return [link for each in values if isinstance(each, dict) and (link := _reference(each)) is not None]


def location(call: Call, message: Message, attachment_id: str) -> str:
    item = call.mailbox.graph_id(message, immutable=call.prefer.immutable)
    return f"{call.root}/users('{call.user}')/messages('{item}')/attachments('{attachment_id}')"


def _type(values: dict[str, Any]) -> str:
    """As given, or as the name's ending has it."""
    guessed = guess_type(values["name"])[0] or "application/octet-stream"
    return str(values.get("contentType") or guessed)


def _reference(values: dict[str, Any]) -> Json | None:
    if "#" + str(values.get("@odata.type", "")).lstrip("#") != REFERENCE:
        return None
    require_known(values, _REFERENCE_KNOWN, "referenceAttachment")
    name, url = str(values.get("name") or ""), str(values.get("sourceUrl") or "")
    if not name:
        raise GraphError(400, "ErrorRequiredPropertyMissing", "Required property is missing., Name")
    return {"name": name, "url": url, "mark": f"reference:{uuid5(NAMESPACE_URL, json.dumps([name, url]))}"}


def _bytes(value: object) -> bytes:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else b""
    except (ValueError, binascii.Error) as error:
        raise errors.bad_body("Cannot convert the value of 'contentBytes' to the type 'Edm.Binary'.") from error


def _item(part: Part) -> Json:
    """The attached message, without an id of its own: it lies in no folder."""
    inner = Message(0, 0, 0, part.data, read_head(part.data), 0, 0, 0, frozenset(), "")
    head, read = inner.head, content.read(part.data)
    kind, text = read.body(None)
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": "",
        "subject": decode(head.subject),
        "internetMessageId": f"<{head.message_id}>" if head.message_id else None,
        "sentDateTime": moment(sent_ms(inner)),
        "from": next(iter(recipients(head.sender)), None),
        "toRecipients": recipients(head.to),
        "ccRecipients": recipients(head.cc),
        "hasAttachments": read.has_attachments,
        "body": {"contentType": kind, "content": text},
    }


def _require_draft(message: Message) -> None:
    if not message.is_draft:
        raise GraphError(403, "ErrorAccessDenied", "Attachments can be added to drafts only.")


def _selected(call: Call) -> list[str]:
    return [name.strip().lower() for name in call.query.get("$select", "").split(",") if name.strip()]


def _narrow(values: Json, wanted: list[str]) -> Json:
    if not wanted:
        return values
    return {name: value for name, value in values.items() if name.lower() in {*wanted, "id"} or name.startswith("@")}


def _context(call: Call) -> str:
    return f"users('{call.user}')/messages('{call.keys[0]}')/attachments"


_ONE = "me/messages/{}/attachments/{}"
RULES = [
    Rule("GET", "me/messages/{}/attachments", list_all, READ),
    Rule("POST", "me/messages/{}/attachments", create, WRITE),
    Rule("GET", _ONE, get, READ),
    Rule("GET", f"{_ONE}/$value", get_value, READ),
    Rule("DELETE", _ONE, delete, WRITE),
]
