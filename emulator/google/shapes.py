"""The resources of Gmail v1 by their fields: what a body may carry and what a `fields` mask may name.

From the reference, https://developers.google.com/workspace/gmail/api/reference/rest. A leaf tells its type.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Shape = dict[str, "Field"]
Field = str | Shape
"""A leaf ("text", "bytes", "whole", "flag", "texts") or the shape of an object or of a list's items."""

HEADER: Shape = {"name": "text", "value": "text"}
PART_BODY: Shape = {"attachmentId": "text", "size": "whole", "data": "bytes"}
PART: Shape = {"partId": "text", "mimeType": "text", "filename": "text", "headers": HEADER, "body": PART_BODY}
PART["parts"] = PART
MESSAGE: Shape = {
    "id": "text",
    "threadId": "text",
    "labelIds": "texts",
    "snippet": "text",
    "historyId": "text",
    "internalDate": "text",
    "payload": PART,
    "sizeEstimate": "whole",
    "raw": "bytes",
}
PROFILE: Shape = {"emailAddress": "text", "messagesTotal": "whole", "threadsTotal": "whole", "historyId": "text"}
MESSAGES: Shape = {"messages": MESSAGE, "nextPageToken": "text", "resultSizeEstimate": "whole"}
THREAD: Shape = {"id": "text", "snippet": "text", "historyId": "text", "messages": MESSAGE}
THREADS: Shape = {"threads": THREAD, "nextPageToken": "text", "resultSizeEstimate": "whole"}
DRAFT: Shape = {"id": "text", "message": MESSAGE}
DRAFTS: Shape = {"drafts": DRAFT, "nextPageToken": "text", "resultSizeEstimate": "whole"}
LABEL: Shape = {
    "id": "text",
    "name": "text",
    "messageListVisibility": "text",
    "labelListVisibility": "text",
    "type": "text",
    "messagesTotal": "whole",
    "messagesUnread": "whole",
    "threadsTotal": "whole",
    "threadsUnread": "whole",
    "color": {"textColor": "text", "backgroundColor": "text"},
}
LABELS: Shape = {"labels": LABEL}
LABEL_CHANGE: Shape = {"message": MESSAGE, "labelIds": "texts"}
HISTORY: Shape = {
    "id": "text",
    "messages": MESSAGE,
    "messagesAdded": {"message": MESSAGE},
    "messagesDeleted": {"message": MESSAGE},
    "labelsAdded": LABEL_CHANGE,
    "labelsRemoved": LABEL_CHANGE,
}
HISTORIES: Shape = {"history": HISTORY, "nextPageToken": "text", "historyId": "text"}
WATCH: Shape = {"topicName": "text", "labelIds": "texts", "labelFilterAction": "text", "labelFilterBehavior": "text"}
WATCHING: Shape = {"historyId": "text", "expiration": "text"}
SEND_AS: Shape = {
    "sendAsEmail": "text",
    "displayName": "text",
    "replyToAddress": "text",
    "signature": "text",
    "isPrimary": "flag",
    "isDefault": "flag",
    "treatAsAlias": "flag",
    "smtpMsa": {"host": "text", "port": "whole", "username": "text", "password": "text", "securityMode": "text"},
    "verificationStatus": "text",
}
SEND_AS_LIST: Shape = {"sendAs": SEND_AS}
MODIFY: Shape = {"addLabelIds": "texts", "removeLabelIds": "texts"}
BATCH_MODIFY: Shape = {"ids": "texts", **MODIFY}
BATCH_DELETE: Shape = {"ids": "texts"}
NOTHING: Shape = {}
