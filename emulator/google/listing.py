"""Lists of messages, threads and drafts: labels, query and page token to one page of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from emulator.google import ids
from emulator.google.call import Call
from emulator.google.errors import forbidden, invalid
from emulator.google.params import FLAG, TEXT, TEXTS, WHOLE, Param
from emulator.google.search.filter import EVERYTHING, Filter, with_labels
from emulator.google.search.find import Search
from emulator.google.search.grammar import parse
from emulator.google.search.terms import Scene, compile_query
from emulator.google.shapes import Json
from emulator.message import Message

DRAFT_LIST: Mapping[str, Param] = {"maxResults": WHOLE, "pageToken": TEXT, "q": TEXT, "includeSpamTrash": FLAG}
LIST: Mapping[str, Param] = {**DRAFT_LIST, "labelIds": TEXTS}
_ESTIMATE = 201
_HIDDEN = frozenset({"SPAM", "TRASH"})


@dataclass(frozen=True, slots=True)
class Page:
    """`token` is "" on the last page."""

    messages: list[Message]
    token: str

    def envelope(self, name: str, items: list[Json]) -> Json:
        """The list resource: without items the key is missing, and the total is only ever an estimate."""
        answer: Json = {name: items} if items else {}
        if self.token:
            answer["nextPageToken"] = self.token
        answer["resultSizeEstimate"] = max(len(items), _ESTIMATE) if self.token else len(items)
        return answer


def page(call: Call, *, labels: Iterable[str] = (), keep: Callable[[Search, Message], bool] | None = None) -> Page:
    """The page that the call asks for, newest first. `keep` has the last word on a message. Raises GoogleError."""
    size = call.query.page_size()
    below = ids.read_page_token(call.query.text("pageToken"))
    wanted = frozenset(labels) | frozenset(_asked_labels(call))
    search = Search(
        call.box,
        with_labels(_query(call), wanted),
        below=below,
        hidden=call.query.flag("includeSpamTrash") or bool(wanted & _HIDDEN),
        seen_until_ms=_index_head(call),
    )
    found: list[Message] = []
    for message in search:
        if keep is None or keep(search, message):
            found.append(message)
        if len(found) > size:
            break
    call.entry.touched += search.touched
    return Page(found[:size], ids.page_token(found[size - 1].key) if len(found) > size else "")


def _asked_labels(call: Call) -> list[str]:
    labels = call.query.texts("labelIds")
    for label in labels:
        if call.box.labels.get(label) is None:
            raise invalid(f"Invalid label: {label}")
    return labels


def _query(call: Call) -> Filter:
    text = call.query.text("q")
    if not text.strip():
        return EVERYTHING
    if call.headers_only:
        raise forbidden("Metadata scope does not support 'q' parameter")
    postings = call.state.postings
    postings.refresh(call.box)
    return compile_query(parse(text), Scene(call.box, postings, call.own, call.world.clock.now_ms()))


def _index_head(call: Call) -> int | None:
    """Only queries wait for the search index (knob `search_lag_ms`)."""
    lag_ms = call.world.knobs.search_lag_ms
    return call.world.clock.now_ms() - lag_ms if lag_ms and call.query.text("q").strip() else None
