"""labels: list, get, create, patch, update, delete."""

from __future__ import annotations

import re

from emulator.google import scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.errors import GoogleError, invalid, not_found
from emulator.google.palette import PALETTE
from emulator.google.shapes import Json
from emulator.places import Label, PlaceExistsError

MAX_LABELS = 10_000
MAX_NAME = 225
_RESERVED = frozenset(
    {
        *("inbox", "sent", "sent mail", "draft", "drafts", "trash", "bin", "spam", "chat", "chats", "all mail"),
        *("unread", "starred", "important", "scheduled", "snoozed", "muted"),
    }
)
_LIST_VISIBILITY = ("labelShow", "labelShowIfUnread", "labelHide")
_MESSAGE_VISIBILITY = ("show", "hide")
_ALWAYS_SHOWN = frozenset({"INBOX"})


def methods() -> list[Method]:
    read, write = scopes.READ_LABELS, scopes.WRITE_LABELS
    one, shape = "labels/{id}", shapes.LABEL
    return [
        Method("labels.list", "GET", "labels", read, list_labels, answer=shapes.LABELS),
        Method("labels.get", "GET", one, read, get_label, answer=shape),
        Method("labels.create", "POST", "labels", write, create, body=shape, answer=shape),
        Method("labels.patch", "PATCH", one, write, patch, body=shape, answer=shape),
        Method("labels.update", "PUT", one, write, update, body=shape, answer=shape),
        Method("labels.delete", "DELETE", one, write, delete),
    ]


def list_labels(call: Call) -> Json:
    """Without the counts, which only labels.get has."""
    return {"labels": [_resource(label) for label in call.box.labels]}


def get_label(call: Call) -> Json:
    label = _find(call)
    messages = list(call.box.walk(labels=[label.id]))
    unread = [message for message in messages if not message.is_read]
    return {
        **_resource(label),
        "messagesTotal": len(messages),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread for message in messages}),
        "threadsUnread": len({message.thread for message in unread}),
    }


def create(call: Call) -> Json:
    name = _name(call)
    _check_looks(call.body)
    if len(call.box.labels) >= MAX_LABELS:
        raise invalid(f"Invalid label: a mailbox has at most {MAX_LABELS}")
    try:
        label = call.box.labels.create(name)
    except PlaceExistsError as error:
        raise _clash() from error
    _look(label, call.body)
    return _resource(label)


def patch(call: Call) -> Json:
    """Changes what is given and leaves the rest."""
    label = _find_own(call, "Invalid update to system label")
    _check_looks(call.body)
    if "name" in call.body:
        _rename(call, label)
    _look(label, call.body)
    return _resource(label)


def update(call: Call) -> Json:
    """Replaces the label: what is not given goes back to its default."""
    label = _find_own(call, "Invalid update to system label")
    _check_looks(call.body)
    _rename(call, label)
    label.color = None
    _look(label, {"labelListVisibility": "labelShow", "messageListVisibility": "show", **call.body})
    return _resource(label)


def delete(call: Call) -> None:
    call.box.remove_label(_find_own(call, "Invalid delete request"))


def _find(call: Call) -> Label:
    label = call.box.labels.get(call.path["id"])
    if label is None:
        raise not_found()
    return label


def _find_own(call: Call, refusal: str) -> Label:
    label = _find(call)
    if label.type == "system":
        raise invalid(refusal)
    return label


def _rename(call: Call, label: Label) -> None:
    try:
        call.box.labels.rename(label, _name(call))
    except PlaceExistsError as error:
        raise _clash() from error


def _name(call: Call) -> str:
    """Raises GoogleError: 400 for no name that can be used, 409 for one that Gmail keeps for itself."""
    name = re.sub(r"\s+", " ", str(call.body.get("name") or "")).strip()
    if not name or len(name) > MAX_NAME or not all(part.strip() for part in name.split("/")):
        raise invalid("Invalid label name")
    if name.casefold() in _RESERVED:
        raise _clash()
    return name


def _check_looks(body: Json) -> None:
    if body.get("labelListVisibility", "labelShow") not in _LIST_VISIBILITY:
        raise invalid("Invalid label visibility")
    if body.get("messageListVisibility", "show") not in _MESSAGE_VISIBILITY:
        raise invalid("Invalid label visibility")
    color = body.get("color")
    if color and not {color.get("textColor"), color.get("backgroundColor")} <= PALETTE:
        raise invalid("Invalid label color: it is not on the allowed color palette")


def _look(label: Label, body: Json) -> None:
    label.label_list_visibility = body.get("labelListVisibility", label.label_list_visibility)
    label.message_list_visibility = body.get("messageListVisibility", label.message_list_visibility)
    if color := body.get("color"):
        label.color = (color["textColor"], color["backgroundColor"])


def _resource(label: Label) -> Json:
    answer: Json = {"id": label.id, "name": label.name, "type": label.type}
    if label.type == "user" or label.id not in _ALWAYS_SHOWN:
        hidden = label.type == "system"
        answer["labelListVisibility"] = "labelHide" if hidden else label.label_list_visibility
        answer["messageListVisibility"] = "hide" if hidden else label.message_list_visibility
    if label.color:
        answer["color"] = {"textColor": label.color[0], "backgroundColor": label.color[1]}
    return answer


def _clash() -> GoogleError:
    return GoogleError(409, "Label name exists or conflicts", "aborted")
