"""The replies as far as they are read, with their vendor pages.

Nothing in a reply is taken on trust: what is missing or of another type than documented reads as empty, so that one
odd message or folder cannot stop a mailbox. Texts come out fit for PostgreSQL and for a header: one line, no NUL, no
lone surrogate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from providers.base import Kind, ProviderError, Recovery

Json = Mapping[str, object]

#: https://learn.microsoft.com/graph/api/resources/message: all that an envelope needs.
MESSAGE = (
    "id,conversationId,parentFolderId,internetMessageId,subject,from,sender,toRecipients,ccRecipients,bccRecipients,"
    "sentDateTime,receivedDateTime,isDraft,categories"
)
#: With the headers as they came, which a listing of hundreds does without: they are most of a message's bytes.
WITH_HEADERS = f"{MESSAGE},internetMessageHeaders"
#: https://learn.microsoft.com/graph/api/resources/mailfolder
FOLDER = "displayName,parentFolderId,isHidden"
#: https://learn.microsoft.com/graph/api/resources/user
PERSON = "displayName,mail,userPrincipalName,proxyAddresses,otherMails"
NEXT, DELTA, REMOVED, ETAG = "@odata.nextLink", "@odata.deltaLink", "@removed", "@odata.etag"

_UNFIT = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+")


def read_object(content: bytes) -> Json:
    """A reply's JSON object. Raises `ProviderError`: such an answer was cut or garbled on its way."""
    try:
        values: object = json.loads(content)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        detail = "Microsoft's answer could not be read."
        raise ProviderError(Kind.API, Recovery.TRANSIENT, detail, code="unreadable")
    return values


def text(values: Json, name: str) -> str:
    """A text, without its control characters."""
    found = values.get(name)
    if not isinstance(found, str):
        return ""
    return (found if found.isprintable() else _UNFIT.sub(" ", found)).strip()


def key(values: Json, name: str) -> str:
    """An id or a link: opaque, so it is either whole or not there."""
    found = values.get(name)
    return found if isinstance(found, str) and found.isascii() and not _UNFIT.search(found) else ""


def texts(values: Json, name: str) -> tuple[str, ...]:
    """A collection of texts."""
    found = values.get(name)
    named = ({"": each} for each in found) if isinstance(found, list) else ()
    return tuple(filter(None, (text(each, "") for each in named)))


def inner(values: Json, name: str) -> Json:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def members(values: Json, name: str = "value") -> Iterator[Json]:
    """The objects of a collection."""
    found = values.get(name)
    return (each for each in found if isinstance(each, dict)) if isinstance(found, list) else iter(())


def moment(values: Json, name: str) -> datetime | None:
    """An Edm.DateTimeOffset, in UTC; Graph writes up to seven digits of a second, Python reads six."""
    found = re.sub(r"(\.\d{6})\d+", r"\1", text(values, name))
    try:
        read = datetime.fromisoformat(found)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """A moment as filters and cursors have it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quoted(name: str) -> str:
    """An id as part of a path."""
    return quote(name, safe="=")
