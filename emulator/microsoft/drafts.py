"""Messages being written: created as JSON or MIME, and changed while they are drafts."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import attachments, errors, ids, letters, marks, writing
from emulator.microsoft.calls import WRITE, Call, answer, require_known
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json, message_json
from emulator.world import World

ALWAYS_WRITABLE = frozenset(
    {"isRead", "categories", "flag", "importance", "inferenceClassification", "singleValueExtendedProperties"}
)
DRAFT_ONLY = frozenset(
    {
        *writing.PEOPLE,
        "subject",
        "body",
        "from",
        "sender",
        "internetMessageId",
        "internetMessageHeaders",
        "isDeliveryReceiptRequested",
        "isReadReceiptRequested",
    }
)


def create(call: Call) -> Response:
    """POST messages, or mailFolders/{}/messages: JSON, or base64 of MIME as text/plain. 201 with the draft."""
    folder = ids.find_folder(call.mailbox, call.keys[0]) if call.keys else None
    key = folder.key if folder and folder.key else "drafts"
    if call.content_type == "text/plain":
        return created(call, store(call.mailbox, letters.from_mime(call.world, call.body, call.mailbox.address), key))
    values = call.json()
    if not values:
        raise errors.bad_request("Empty Payload. JSON content expected.")
    return created(call, store(call.mailbox, writing.written(call.world, call.mailbox, values), key, values))


def store(mailbox: Mailbox, raw: bytes, folder: str, values: Json | None = None) -> Message:
    """A draft in this folder, with the marks of its JSON. Raises GraphError before anything is kept."""
    values = values or {}
    extra = extra_of(values)
    categories = marks.strings(values.get("categories", []), "categories")
    # Mailbox.add makes drafts of what goes to Drafts alone; through Graph it is one in any folder.
    labels = {"DRAFT"} if folder != "drafts" else set()
    message = mailbox.add(raw, folder=folder, labels=labels, categories=categories)
    message.extra.update(extra)
    return message


def extra_of(values: Json) -> Json:
    """What `message.extra` keeps of a new message's JSON. Raises GraphError."""
    extra = marks.read(values)
    if references := attachments.references_in(values.get("attachments", [])):
        extra["references"] = references
    return extra


def update(mailbox: Mailbox, world: World, message: Message, values: Json) -> None:
    """Apply a PATCH. Raises GraphError for what cannot be set, before anything is."""
    require_known(values, writing.KNOWN, "message")
    fields = [name for name in values if "@odata." not in name]
    _require_writable(message, fields)
    raw = writing.with_changes(world, mailbox, message.raw, values) if message.is_draft else message.raw
    categories = message.categories
    if "categories" in values:
        categories = tuple(marks.strings(values["categories"], "categories"))
    labels = _labels(message, values)
    extra = message.extra | _merged(message, marks.read(values))
    if (raw, categories, labels, extra) == (message.raw, message.categories, message.labels, message.extra):
        return
    message.extra.update(extra)
    mailbox.update(message, fields, raw=None if raw == message.raw else raw, categories=categories, labels=labels)


def _require_writable(message: Message, fields: Iterable[str]) -> None:
    writable = ALWAYS_WRITABLE | DRAFT_ONLY if message.is_draft else ALWAYS_WRITABLE
    for name in fields:
        if name not in writable:
            raise errors.read_only(name)


def _labels(message: Message, values: Json) -> frozenset[str]:
    if "isRead" not in values:
        return message.labels
    is_read = marks.boolean(values["isRead"], "isRead")
    return message.labels - {"UNREAD"} if is_read else message.labels | {"UNREAD"}


def _merged(message: Message, extra: Json) -> Json:
    """Extended properties add to those there are; every other mark replaces."""
    if "extended" in extra:
        kept = {each["id"]: each for each in message.extra.get("extended", [])}
        extra["extended"] = list((kept | {each["id"]: each for each in extra["extended"]}).values())
    return extra


def created(call: Call, message: Message) -> Response:
    etag = ids.etag(call.mailbox, message.change)
    values = message_json(call, message)
    context = f"users('{call.user}')/messages/$entity"
    response = answer(call, values, 201, context=context, etag=etag)
    response.headers["location"] = f"{call.root}/users('{call.user}')/messages('{values['id']}')"
    return response


RULES = [
    Rule("POST", "me/messages", create, WRITE),
    Rule("POST", "me/mailFolders/{}/messages", create, WRITE),
]
