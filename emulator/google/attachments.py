"""messages.attachments: the body of one part of a message."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from emulator.google import ids, scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.content import Part, parsed
from emulator.google.errors import invalid
from emulator.google.shapes import Json
from emulator.message import Message


def methods() -> list[Method]:
    path = "messages/{messageId}/attachments/{id}"
    return [Method("messages.attachments.get", "GET", path, scopes.READ, get, answer=shapes.PART_BODY)]


def get(call: Call) -> Json:
    message = ids.find(call.box, call.path["messageId"])
    part_id = ids.read_attachment_id(call.box, message, call.path["id"])
    for part in parsed(message).walk():
        if part.part_id == part_id:
            data = part.content()
            return {"size": len(data), "data": urlsafe_b64encode(data).decode("ascii")}
    raise invalid("Invalid attachment token")


def name(call: Call, message: Message, part: Part) -> str:
    """A fresh attachmentId for a part."""
    return ids.attachment_id(call.box, message, part.part_id)
