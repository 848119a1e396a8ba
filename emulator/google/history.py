"""history.list: what happened since a cursor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from emulator.changes import Change, ChangeExpiredError, ChangeKind
from emulator.google import scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.errors import invalid, not_found
from emulator.google.params import TEXT, WHOLE, Param
from emulator.google.shapes import Json

TYPES = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")
_DAY_MS = 86_400_000
_DIGITS = re.compile(r"[0-9]+")


def methods() -> list[Method]:
    query = {
        "startHistoryId": TEXT,
        "historyTypes": Param("texts", TYPES),
        "labelId": TEXT,
        "maxResults": WHOLE,
        "pageToken": TEXT,
    }
    return [Method("history.list", "GET", "history", scopes.READ_HEADERS, list_history, query, answer=shapes.HISTORIES)]


def list_history(call: Call) -> Json:
    """A page holds up to maxResults changes before any filter, so a filtered one may come without `history`.

    Raises GoogleError: 404 for a cursor that is too old or was never given out, 400 for none.
    """
    size, cursor = call.query.page_size(), call.query.text("startHistoryId")
    if not cursor:
        raise invalid("Missing required parameter: startHistoryId")
    label = _label(call)
    changes = list(islice(_since(call, _start(cursor, call.query.text("pageToken"))), size + 1))
    call.entry.touched += len(changes)
    types = set(call.query.texts("historyTypes")) or set(TYPES)
    records = [_record(change, types) for change in changes[:size] if not label or label in _labels(change)]
    answer: Json = {"historyId": str(call.box.changes.head)}
    if filled := [record for record in records if len(record) > 2]:
        answer["history"] = filled
    if len(changes) > size:
        answer["nextPageToken"] = str(changes[size - 1].id)
    return answer


def _label(call: Call) -> str:
    label = call.query.text("labelId")
    if label and call.box.labels.get(label) is None:
        raise invalid(f"Invalid label: {label}")
    return label


def _start(cursor: str, token: str) -> int:
    """The number of the change behind which the page begins."""
    if token and not _DIGITS.fullmatch(token):
        raise invalid("Invalid pageToken")
    start = token or cursor
    if not _DIGITS.fullmatch(start) or len(start) > 20:
        raise not_found()
    return int(start)


def _since(call: Call, start: int) -> Iterator[Change]:
    try:
        oldest = next(call.box.changes.since(start), None)
        changes = call.box.changes.since(start)
    except ChangeExpiredError as error:
        raise not_found() from error
    kept_ms = call.world.knobs.google_history_days * _DAY_MS
    if oldest is not None and kept_ms and oldest.at_ms < call.world.clock.now_ms() - kept_ms:
        raise not_found()
    return changes


def _labels(change: Change) -> frozenset[str]:
    return change.labels | change.labels_removed


def _record(change: Change, types: set[str]) -> Json:
    """Only the id and `messages` where no wanted type is in it."""
    record: Json = {"id": str(change.id), "messages": [_message(change, with_labels=False)]}
    makers: tuple[tuple[str, str, Callable[[Change], list[Json]]], ...] = (
        ("messageAdded", "messagesAdded", _added),
        ("messageDeleted", "messagesDeleted", _deleted),
        ("labelAdded", "labelsAdded", _labels_added),
        ("labelRemoved", "labelsRemoved", _labels_removed),
    )
    for kind, key, entries in makers:
        if kind in types and (made := entries(change)):
            record[key] = made
    return record


def _added(change: Change) -> list[Json]:
    return [{"message": _message(change)}] if change.kind is ChangeKind.ADDED else []


def _deleted(change: Change) -> list[Json]:
    return [{"message": _message(change)}] if change.kind is ChangeKind.DELETED else []


def _labels_added(change: Change) -> list[Json]:
    told = change.kind is ChangeKind.CHANGED and change.labels_added
    return [{"message": _message(change), "labelIds": sorted(change.labels_added)}] if told else []


def _labels_removed(change: Change) -> list[Json]:
    told = change.kind is ChangeKind.CHANGED and change.labels_removed
    return [{"message": _message(change), "labelIds": sorted(change.labels_removed)}] if told else []


def _message(change: Change, *, with_labels: bool = True) -> Json:
    answer: Json = {"id": f"{change.gid:016x}", "threadId": f"{change.thread:016x}"}
    if with_labels and change.labels:
        answer["labelIds"] = sorted(change.labels)
    return answer
