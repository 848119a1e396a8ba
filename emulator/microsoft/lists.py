"""Pages of messages: found by the cheapest index, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from emulator.http import note
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import cursors, errors, expansions, matching, search
from emulator.microsoft.calls import Call, Prefer
from emulator.microsoft.options import NEWEST_FIRST, Options, Order
from emulator.microsoft.properties import NAMES, PROPERTIES, Json, View, message_json
from emulator.places import Folder

SEARCH_LIMIT = 1000
"""No more results of one $search, however many pages are asked for."""
_PURPOSE = "list"
_PLAIN = Prefer()


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and what the next one begins after; None at the end."""

    messages: list[Message]
    next_token: dict[str, Any] | None


def page(call: Call, folder: Folder | None, options: Options) -> Json:
    """`value` with its `@odata.nextLink` and count, for one folder or the whole mailbox."""
    scan = Scan(call, folder.key if folder else None, options)
    found = scan.page(_read_token(call, options.token))
    result: Json = {}
    if options.count:
        result["@odata.count"] = scan.count()
    if found.next_token is not None:
        token = cursors.seal(call.world, call.mailbox, _PURPOSE, found.next_token)
        result["@odata.nextLink"] = call.url(skiptoken=token, skip=None)
    expand = expansions.read(options.expand)
    result["value"] = [
        message_json(call, each, options.select) | expansions.of(call, each, expand) for each in found.messages
    ]
    return result


@dataclass(frozen=True, slots=True)
class Scan:
    """A look through a folder (by key) or all of the mailbox; the log entry counts what it touches."""

    call: Call
    folder: str | None
    options: Options

    def page(self, start: dict[str, Any]) -> Found:
        """By date it goes on behind a key, so that no page costs more; by another order it counts on."""
        options = self.options
        if options.order[0].path == ("receiveddatetime",) and len(options.order) == 1 and options.search is None:
            return self._by_date(start)
        seen = int(start.get("s", options.skip))
        wanted = self._wanted({})
        if options.search is not None:
            wanted = islice(wanted, SEARCH_LIMIT)
        ordered = wanted if options.order == NEWEST_FIRST else iter(self._sorted(wanted))
        messages = list(islice(ordered, seen, seen + options.size + 1))
        more = len(messages) > options.size
        return Found(messages[: options.size], {"s": seen + options.size} if more else None)

    def count(self) -> int:
        if self.options.where is None and self.options.search is None:
            return self.call.mailbox.count(folder=self.folder)
        return sum(1 for _ in self._wanted({}))

    def _by_date(self, start: dict[str, Any]) -> Found:
        size = self.options.size
        skip = 0 if start else self.options.skip
        messages = list(islice(self._wanted(start), skip, skip + size + 1))
        if len(messages) <= size:
            return Found(messages, None)
        return Found(messages[:size], {"k": list(messages[size - 1].key)})

    def _wanted(self, start: dict[str, Any]) -> Iterator[Message]:
        entry = note(self.call.request)
        where, words = self.options.where, self.options.search
        for message in self._candidates(start):
            entry.touched += 1
            view = View(self.call.mailbox, message, _PLAIN)
            if (where is None or matching.fits(view, where)) and (words is None or search.fits(view, words)):
                yield message

    def _candidates(self, start: dict[str, Any]) -> Iterator[Message]:
        """Behind the key of `start`; the few that a Message-ID names, or those between the filter's dates."""
        first = self.options.order[0]
        newest_first = first.descending or first.path != ("receiveddatetime",)
        behind: Key | None = (start["k"][0], start["k"][1]) if "k" in start else None
        few = matching.named(self.call.mailbox, self.options.where)
        if few is not None:
            here = sorted((each for each in few if self.folder in {None, each.folder}), key=_key, reverse=newest_first)
            return (each for each in here if behind is None or _is_behind(each.key, behind, newest_first=newest_first))
        limits = matching.bounds(self.options.where)
        above, below = limits.above, limits.below
        if newest_first:
            below = min(filter(None, (below, behind)), default=None)
        else:
            above = max(filter(None, (above, behind)), default=None)
        return self.call.mailbox.walk(folder=self.folder, above=above, below=below, newest_first=newest_first)

    def _sorted(self, messages: Iterable[Message]) -> list[Message]:
        """By each property in turn; what is missing comes first."""
        found = list(messages)
        for each in reversed(self.options.order):
            found.sort(key=partial(_sort_value, self.call.mailbox, each), reverse=each.descending)
        return found


def _is_behind(key: Key, other: Key, *, newest_first: bool) -> bool:
    return key < other if newest_first else key > other


def _key(message: Message) -> Key:
    return message.key


def _sort_value(mailbox: Mailbox, by: Order, message: Message) -> str:
    value: Any = PROPERTIES[NAMES[by.path[0]]](View(mailbox, message, _PLAIN))
    for name in by.path[1:]:
        members = value if isinstance(value, dict) else {}
        value = next((each for key, each in members.items() if key.lower() == name), None)
    return "" if value is None else str(value).casefold()


def _read_token(call: Call, token: str) -> dict[str, Any]:
    if not token:
        return {}
    found = cursors.unseal(call.world, call.mailbox, _PURPOSE, token)
    if found is None:
        raise errors.bad_request("The provided skip token is invalid.")
    return found
