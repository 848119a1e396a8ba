"""How control shows a mailbox and its messages as JSON."""

from __future__ import annotations

from typing import Any

from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.rfc822 import decode


def describe_mailbox(box: Mailbox) -> dict[str, Any]:
    return {
        "address": box.address,
        "provider": box.provider,
        "messages": len(box),
        "unread": box.count(label="UNREAD"),
        "threads": len(box.threads),
        "history_id": box.changes.head,
        "folders": {box.folders.path(folder): box.count(folder=folder.key) for folder in box.folders},
        "labels": {label.name: box.count(label=label.id) for label in box.labels},
    }


def ids(box: Mailbox, message: Message) -> dict[str, Any]:
    return {
        "gmail_id": message.gmail_id,
        "gmail_thread_id": message.gmail_thread_id,
        "graph_id": box.graph_id(message, immutable=False),
        "graph_immutable_id": box.graph_id(message, immutable=True),
        "graph_conversation_id": box.conversation_id(message),
        "message_id": message.head.message_id,
    }


def describe(box: Mailbox, message: Message) -> dict[str, Any]:
    """Everything a test compares: ids, placing, flags and the headers of interest, decoded."""
    folder = box.folders.get(message.folder)
    head = message.head
    return {
        **ids(box, message),
        "folder": box.folders.path(folder) if folder else message.folder,
        "folder_key": message.folder,
        "labels": sorted(message.labels),
        "label_names": sorted(label.name for each in message.labels if (label := box.labels.get(each))),
        "categories": list(message.categories),
        "is_read": message.is_read,
        "is_draft": message.is_draft,
        "date_ms": message.date_ms,
        "header_date_ms": head.date_ms,
        "history_id": message.change,
        "size": message.size,
        "has_attachment": message.has_attachment,
        "subject": decode(head.subject),
        "from": decode(head.sender),
        "to": decode(head.to),
        "cc": decode(head.cc),
        "bcc": decode(head.bcc),
        "references": list(head.references),
    }
