"""One stored message, as Gmail and as Graph see it at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from emulator.index import Key
from emulator.rfc822 import Head

_ATTACHMENT = re.compile(rb"content-disposition:\s*attachment", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Message:
    """Read freely; change it only through its Mailbox, which keeps indexes and the change log true.

    `seq` counts within the mailbox. `gid` and `thread` are Gmail's ids as integers. `labels` holds Gmail
    label ids, with UNREAD and DRAFT standing for Graph's isRead and isDraft. `folder` is the key of a Folder.
    `moves` counts changes of folder and is part of the classic Graph id. `change` is the id of the message's
    last change: Gmail's historyId, Graph's changeKey. Times are epoch ms: `date_ms` is internalDate and
    receivedDateTime, `created_ms` the moment the emulator got it. `extra` holds what one provider alone
    knows, as JSON values.
    """

    seq: int
    gid: int
    thread: int
    raw: bytes
    head: Head
    date_ms: int
    created_ms: int
    modified_ms: int
    labels: frozenset[str]
    folder: str
    moves: int = 0
    change: int = 0
    categories: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return (self.date_ms, self.seq)

    @property
    def gmail_id(self) -> str:
        return f"{self.gid:016x}"

    @property
    def gmail_thread_id(self) -> str:
        return f"{self.thread:016x}"

    @property
    def is_read(self) -> bool:
        return "UNREAD" not in self.labels

    @property
    def is_draft(self) -> bool:
        return "DRAFT" in self.labels

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def has_attachment(self) -> bool:
        """By a look at the bytes: some part is declared an attachment."""
        return _ATTACHMENT.search(self.raw) is not None
