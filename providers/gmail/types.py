"""Replies of the Gmail API, as far as we read them: https://developers.google.com/workspace/gmail/api/reference/rest/v1

Numbers of 64 bits come as text. A list without entries is left out, so every key is optional but those of a reference.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class HeaderJson(TypedDict):
    name: str
    value: str


class PayloadJson(TypedDict, total=False):
    """The root part, of which ``format=metadata`` gives the headers that were asked for, decoded (RFC 2047)."""

    headers: list[HeaderJson]


class MessageJson(TypedDict):
    """users.messages: ids alone in lists, labels too in history, more by ``format``. ``internalDate`` is epoch ms."""

    id: str
    threadId: NotRequired[str]
    labelIds: NotRequired[list[str]]
    internalDate: NotRequired[str]
    sizeEstimate: NotRequired[int]
    payload: NotRequired[PayloadJson]
    raw: NotRequired[str]


class MessagesJson(TypedDict, total=False):
    """users.messages.list"""

    messages: list[MessageJson]
    nextPageToken: str


class EventJson(TypedDict):
    """One thing that happened to a message; ``labelIds`` are those that were added or removed."""

    message: MessageJson
    labelIds: NotRequired[list[str]]


class RecordJson(TypedDict, total=False):
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.history/list#History"""

    messagesAdded: list[EventJson]
    messagesDeleted: list[EventJson]
    labelsAdded: list[EventJson]
    labelsRemoved: list[EventJson]


class HistoryJson(TypedDict):
    """users.history.list: ``historyId`` is the mailbox's head on every page."""

    historyId: str
    history: NotRequired[list[RecordJson]]
    nextPageToken: NotRequired[str]


class LabelJson(TypedDict):
    """users.labels; ``type`` is "user" or "system"."""

    id: str
    name: str
    type: NotRequired[str]


class LabelsJson(TypedDict, total=False):
    labels: list[LabelJson]


class AliasJson(TypedDict, total=False):
    """users.settings.sendAs: the primary address has no ``verificationStatus``."""

    sendAsEmail: str
    isPrimary: bool
    verificationStatus: str


class AliasesJson(TypedDict, total=False):
    sendAs: list[AliasJson]
