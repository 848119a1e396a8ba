"""messages: list, get, modify, trash, delete, and the batch forms of these."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable

from emulator.google import attachments, ids, listing, scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.content import Part, parsed, snippet
from emulator.google.errors import forbidden, invalid
from emulator.google.params import TEXTS, Param
from emulator.google.shapes import Json
from emulator.message import Message
from emulator.places import Label

FORMATS = ("minimal", "full", "raw", "metadata")
MAX_LABELS = 100
MAX_IDS = 1000
_FIXED = frozenset({"SENT", "DRAFT", "CHAT"})


def methods() -> list[Method]:
    get = {"format": Param(choices=FORMATS), "metadataHeaders": TEXTS}
    read, write, delete = scopes.READ_HEADERS, scopes.WRITE, scopes.DELETING
    return [
        Method("messages.list", "GET", "messages", read, list_messages, listing.LIST, answer=shapes.MESSAGES),
        Method("messages.get", "GET", "messages/{id}", read, get_message, get, answer=shapes.MESSAGE),
        Method(
            "messages.modify",
            "POST",
            "messages/{id}/modify",
            write,
            modify,
            body=shapes.MODIFY,
            answer=shapes.MESSAGE,
        ),
        Method("messages.trash", "POST", "messages/{id}/trash", write, trash, answer=shapes.MESSAGE),
        Method("messages.untrash", "POST", "messages/{id}/untrash", write, untrash, answer=shapes.MESSAGE),
        Method("messages.delete", "DELETE", "messages/{id}", delete, delete_message),
        Method("messages.batchModify", "POST", "messages/batchModify", write, batch_modify, body=shapes.BATCH_MODIFY),
        Method("messages.batchDelete", "POST", "messages/batchDelete", delete, batch_delete, body=shapes.BATCH_DELETE),
    ]


def list_messages(call: Call) -> Json:
    page = listing.page(call)
    return page.envelope(
        "messages", [{"id": each.gmail_id, "threadId": each.gmail_thread_id} for each in page.messages]
    )


def get_message(call: Call) -> Json:
    return resource(call, ids.find(call.box, call.path["id"]), call.query.choice("format", "full"))


def modify(call: Call) -> Json:
    message = ids.find(call.box, call.path["id"])
    add, remove = label_changes(call)
    relabel(call, message, add, remove)
    return reference(message)


def trash(call: Call) -> Json:
    message = ids.find(call.box, call.path["id"])
    to_trash(call, message)
    return reference(message)


def untrash(call: Call) -> Json:
    message = ids.find(call.box, call.path["id"])
    call.box.relabel(message, remove=["TRASH"])
    return reference(message)


def delete_message(call: Call) -> None:
    call.box.delete(ids.find(call.box, call.path["id"]))


def batch_modify(call: Call) -> None:
    """Unknown ids are passed over in silence."""
    add, remove = label_changes(call)
    for message in _named(call):
        relabel(call, message, add, remove)


def batch_delete(call: Call) -> None:
    for message in _named(call):
        call.box.delete(message)


def resource(call: Call, message: Message, form: str) -> Json:
    """A message in one of FORMATS. Raises GoogleError (403) where the token sees headers only."""
    if call.headers_only and form in {"full", "raw"}:
        raise forbidden(f"Metadata scope doesn't allow format {form.upper()}")
    call.entry.touched += 1
    answer = {
        **reference(message),
        "snippet": snippet(message),
        "historyId": str(message.change),
        "internalDate": str(message.date_ms),
        "sizeEstimate": message.size,
    }
    if call.headers_only:
        del answer["snippet"]
    if form == "raw":
        answer["raw"] = urlsafe_b64encode(message.raw).decode("ascii")
    if form == "full":
        answer["payload"] = _part_json(call, message, parsed(message))
    if form == "metadata":
        wanted = {name.lower() for name in call.query.texts("metadataHeaders")}
        whole = parsed(message)
        answer["payload"] = {
            "mimeType": whole.mime_type,
            "headers": _headers([each for each in whole.headers if not wanted or each[0].lower() in wanted]),
        }
    return answer


def reference(message: Message) -> Json:
    """Ids and labels; a message without labels (archived, read) has no labelIds."""
    answer: Json = {"id": message.gmail_id, "threadId": message.gmail_thread_id}
    if message.labels:
        answer["labelIds"] = sorted(message.labels)
    return answer


def label_changes(call: Call) -> tuple[list[str], list[str]]:
    """What the body asks to add and to remove. Raises GoogleError (400)."""
    add, remove = call.body.get("addLabelIds") or [], call.body.get("removeLabelIds") or []
    if not add and not remove:
        raise invalid("No label add or removes specified")
    if set(add) & set(remove):
        raise invalid("Cannot both add and remove the same label")
    if max(len(add), len(remove)) > MAX_LABELS:
        raise invalid(f"Too many labels: at most {MAX_LABELS} can be added or removed")
    for label_id in (*add, *remove):
        label = call.box.labels.get(label_id)
        if label is None or not _settable(label):
            raise invalid(f"Invalid label: {label_id}")
    return add, remove


def relabel(call: Call, message: Message, add: Iterable[str], remove: Iterable[str]) -> None:
    echo = call.world.knobs.history_for_present_labels
    call.box.relabel(message, add=add, remove=remove, echo=echo)


def to_trash(call: Call, message: Message) -> None:
    call.box.relabel(message, add=["TRASH"], remove=["INBOX", "SPAM"])


def _named(call: Call) -> Collection[Message]:
    named = call.body.get("ids") or []
    if not named:
        raise invalid("No message ids specified")
    if len(named) > MAX_IDS:
        raise invalid(f"Too many message ids: at most {MAX_IDS} are allowed")
    found = {each: call.box.by_gid(ids.number(each)) for each in dict.fromkeys(named)}
    return [message for message in found.values() if message is not None]


def _settable(label: Label) -> bool:
    return label.type == "user" or label.id not in _FIXED


def _part_json(call: Call, message: Message, part: Part) -> Json:
    answer: Json = {
        "partId": part.part_id,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": _headers(part.headers),
        "body": _body_json(call, message, part),
    }
    if part.parts:
        answer["parts"] = [_part_json(call, message, each) for each in part.parts]
    return answer


def _body_json(call: Call, message: Message, part: Part) -> Json:
    """Text comes along; files, and text above the knob `google_inline_bytes`, by attachments.get."""
    data = part.content()
    inline = part.is_text and not part.filename and len(data) <= call.world.knobs.google_inline_bytes
    if not data:
        return {"size": 0}
    if inline:
        return {"size": len(data), "data": urlsafe_b64encode(data).decode("ascii")}
    return {"attachmentId": attachments.name(call, message, part), "size": len(data)}


def _headers(headers: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]
