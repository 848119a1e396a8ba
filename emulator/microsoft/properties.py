"""The properties of a message as Graph names and shapes them, each worked out only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from emulator.clock import from_ms
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import content, ids
from emulator.microsoft.calls import Call, Prefer
from emulator.places import Folder
from emulator.rfc822 import Address, addresses, decode, fields

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """A message as one caller sees it."""

    mailbox: Mailbox
    message: Message
    prefer: Prefer

    @property
    def content(self) -> content.Content:
        return content.read(self.message.raw)

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in fields(self.message.raw) if key.lower() == wanted), "")


def moment(epoch_ms: int) -> str:
    """Whole seconds in UTC, although Exchange keeps and compares finer ones."""
    return from_ms(epoch_ms).isoformat(timespec="seconds").replace("+00:00", "Z")


def recipient(person: Address) -> Json:
    return {"emailAddress": {"name": person.name or person.address, "address": person.address}}


def recipients(value: str) -> list[Json]:
    return [recipient(person) for person in addresses(value)]


def importance(view: View) -> str:
    given = view.message.extra.get("importance") or view.header("Importance").lower()
    if given in {"low", "normal", "high"}:
        return str(given)
    return {"1": "high", "2": "high", "4": "low", "5": "low"}.get(view.header("X-Priority")[:1], "normal")


def sent_ms(message: Message) -> int:
    return message.date_ms if message.head.date_ms is None else message.head.date_ms


def has_attachments(view: View) -> bool:
    return bool(view.message.extra.get("references")) or view.content.has_attachments


def _one(value: str) -> Json | None:
    return next(iter(recipients(value)), None)


def _sender(view: View) -> Json | None:
    return _one(view.header("Sender")) or _one(view.message.head.sender)


def _body(view: View) -> Json:
    kind, text = view.content.body(view.prefer.body, unsafe=view.prefer.unsafe_html)
    return {"contentType": kind, "content": text}


def _unique_body(view: View) -> Json:
    body = _body(view)
    return {**body, "content": content.unique(body["content"])}


def _message_id(view: View) -> str | None:
    found = view.message.head.message_id
    return f"<{found}>" if found else None


def _flag(view: View) -> Json:
    return dict(view.message.extra.get("flag", {"flagStatus": "notFlagged"}))


def _parent(view: View) -> str:
    folder = view.mailbox.folders.get(view.message.folder)
    return ids.folder_id(view.mailbox, folder or ids.ROOT_FOLDER)


def _web_link(view: View) -> str:
    item = view.mailbox.graph_id(view.message, immutable=False)
    return f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"


def _internet_headers(view: View) -> list[Json]:
    return [{"name": name, "value": value} for name, value in fields(view.message.raw)]


PROPERTIES: dict[str, Callable[[View], Any]] = {
    "id": lambda view: view.mailbox.graph_id(view.message, immutable=view.prefer.immutable),
    "createdDateTime": lambda view: moment(view.message.created_ms),
    "lastModifiedDateTime": lambda view: moment(view.message.modified_ms),
    "changeKey": lambda view: ids.change_key(view.mailbox, view.message.change),
    "categories": lambda view: list(view.message.categories),
    "receivedDateTime": lambda view: moment(view.message.date_ms),
    "sentDateTime": lambda view: moment(sent_ms(view.message)),
    "hasAttachments": has_attachments,
    "internetMessageId": _message_id,
    "subject": lambda view: decode(view.message.head.subject),
    "bodyPreview": lambda view: view.content.preview,
    "importance": importance,
    "parentFolderId": _parent,
    "conversationId": lambda view: view.mailbox.conversation_id(view.message),
    "conversationIndex": lambda view: ids.conversation_index(view.message),
    "isDeliveryReceiptRequested": lambda view: bool(view.header("Return-Receipt-To")) or None,
    "isReadReceiptRequested": lambda view: bool(view.header("Disposition-Notification-To")),
    "isRead": lambda view: view.message.is_read,
    "isDraft": lambda view: view.message.is_draft,
    "webLink": _web_link,
    "inferenceClassification": lambda view: view.message.extra.get("inferenceClassification", "focused"),
    "body": _body,
    "sender": _sender,
    "from": lambda view: _one(view.message.head.sender),
    "toRecipients": lambda view: recipients(view.message.head.to),
    "ccRecipients": lambda view: recipients(view.message.head.cc),
    "bccRecipients": lambda view: recipients(view.message.head.bcc),
    "replyTo": lambda view: recipients(view.header("Reply-To")),
    "flag": _flag,
    "uniqueBody": _unique_body,
    "internetMessageHeaders": _internet_headers,
}
ON_REQUEST = frozenset({"uniqueBody", "internetMessageHeaders"})
"""Given only where `$select` names them."""
NOT_BASIC = frozenset({"body", "bodyPreview", "uniqueBody"})
"""What the scope Mail.ReadBasic leaves out (permissions reference: body, preview, attachments, extended
properties).
"""
NAMES = {name.lower(): name for name in PROPERTIES}
USUAL = tuple(name for name in PROPERTIES if name not in ON_REQUEST)


def message_json(call: Call, message: Message, selected: Iterable[str] | None = None) -> Json:
    """With `id` and `@odata.etag` always, and else the usual properties or the selected ones."""
    view = View(call.mailbox, message, call.prefer)
    names = USUAL if selected is None else tuple(selected)
    hidden = (
        frozenset()
        if "mail.readbasic" not in call.scopes or call.scopes & {"mail.read", "mail.readwrite"}
        else NOT_BASIC
    )
    head = {"@odata.etag": ids.etag(call.mailbox, message.change), "id": PROPERTIES["id"](view)}
    if call.prefer.body and "body" in names:
        applied = f'outlook.body-content-type="{call.prefer.body}"'
        call.applied += [applied] if applied not in call.applied else []
    return head | {name: PROPERTIES[name](view) for name in names if name not in hidden}


FOLDER_PROPERTIES: dict[str, Callable[[Mailbox, Folder], Any]] = {
    "id": ids.folder_id,
    "displayName": lambda _mailbox, folder: folder.name,
    "parentFolderId": lambda mailbox, folder: ids.folder_id(
        mailbox, mailbox.folders.get(folder.parent or "") or ids.ROOT_FOLDER
    ),
    "childFolderCount": lambda mailbox, folder: len(mailbox.folders.children(folder.key or None)),
    "unreadItemCount": lambda mailbox, folder: sum(1 for _ in mailbox.walk(labels=["UNREAD"], folder=folder.key)),
    "totalItemCount": lambda mailbox, folder: mailbox.count(folder=folder.key),
    "isHidden": lambda _mailbox, folder: folder.hidden,
}


def folder_json(mailbox: Mailbox, folder: Folder, selected: Iterable[str] | None = None) -> Json:
    """With `id` always, and else every property or the selected ones."""
    names = FOLDER_PROPERTIES if selected is None else ("id", *selected)
    return {name: FOLDER_PROPERTIES[name](mailbox, folder) for name in names}
