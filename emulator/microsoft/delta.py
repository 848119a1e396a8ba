"""Message deltas, one chain a folder: a first round over what is there, then rounds of what changed.

All that a page needs is in its token: the folder, the frozen parameters, and how far it came. The first
round's deltaLink begins at the change log's head of the round's start, so what happens meanwhile comes again
rather than never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from urllib.parse import quote

from starlette.responses import Response

from emulator.changes import Change, ChangeExpiredError, ChangeKind
from emulator.graphids import IdKind
from emulator.http import note
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import cursors, errors, filters, ids, matching, options
from emulator.microsoft.calls import READ_BASIC, Call, answer
from emulator.microsoft.errors import GraphError
from emulator.microsoft.filters import Both, Compare, Moment, Node
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import NAMES, Json, message_json
from emulator.places import Folder

FILTERED_LIMIT = 5_000
"""Messages that a first round with `$filter` gives at most
(https://learn.microsoft.com/graph/api/message-delta).
"""
_KNOWN = {"$select", "$filter", "$orderby", "$top", "$expand", "$deltatoken", "$skiptoken", "$format"}
_CHANGE_TYPES = frozenset({"created", "updated", "deleted"})


@dataclass(frozen=True, slots=True)
class State:
    """What a token carries. `since` is the change that everything up to was told.

    `behind` is the key of the last message of a first round, None in later rounds and at its start; `told`
    counts its messages. `again` are sequences that the next page repeats; `empty` pages still come first.
    """

    select: list[str] | None
    where: str
    order: str
    top: int
    kind: str
    since: int
    first: bool = True
    behind: list[int] | None = None
    told: int = 0
    again: tuple[int, ...] = ()
    empty: int = 0


def message_delta(call: Call) -> Response:
    """GET mailFolders/{}/messages/delta in any spelling."""
    options.refuse_unknown(call.query, _KNOWN | {"$search", "$skip", "$count"})
    folder = ids.find_folder(call.mailbox, call.keys[0])
    if call.world.knobs.graph_mailboxes.get(call.mailbox.address) == "full":
        raise GraphError(403, "ErrorQuotaExceeded", "The mailbox is over its quota.")
    state = _state(call, folder)
    try:
        # Raises where the token is older than the log, in the middle of a first round too.
        changes = call.mailbox.changes.since(state.since, folder=folder.key)
    except ChangeExpiredError as error:
        raise _gone(call, folder, state) from error
    size = options.page_size(call, state.top or options.DEFAULT_PAGE)
    items: list[Json] = []
    if state.empty:
        following, done = replace(state, empty=state.empty - 1), False
    elif state.first:
        items, following, done = _first_round(call, folder, state, size)
    else:
        items, following, done = _later_round(call, folder, state, changes, size)
    return _answer(call, folder, items, following, done=done)


def _state(call: Call, folder: Folder) -> State:
    """From the token, or a fresh one from the parameters, as an empty token has it too."""
    token = call.query.get("$deltatoken") or call.query.get("$skiptoken") or ""
    if not token:
        return _fresh(call)
    values = cursors.unseal(call.world, call.mailbox, _purpose(folder), token)
    if values is None:
        raise GraphError(
            400, "SyncStateInvalid", "The sync state is invalid: the token was not given out for this folder."
        )
    return State(**{**values, "again": tuple(values["again"])})


def _fresh(call: Call) -> State:
    query = call.query
    odd = [name for name in ("$search", "$skip", "$count") if name in query]
    if odd:
        raise errors.bad_query(
            "The following parameters are not supported with change tracking over the 'Messages' resource: "
            f"'{', '.join(odd)}'."
        )
    if query.get("$orderby") and options.read_order(query["$orderby"]) != options.NEWEST_FIRST:
        raise errors.bad_query("Change tracking supports $orderby=receivedDateTime desc alone.")
    _where(query.get("$filter", ""))
    kind = query.get("changeType", "").lower()
    if kind and kind not in _CHANGE_TYPES:
        raise errors.bad_query(f"The changeType '{kind[:40]}' is not supported.")
    selected = options.read_select(call)
    return State(
        select=list(selected) if selected else None,
        where=query.get("$filter", ""),
        order=query.get("$orderby", ""),
        top=options.page_size(call) if "$top" in query else 0,
        kind=kind,
        since=call.mailbox.changes.head,
        empty=call.world.knobs.delta_empty_pages,
    )


def _where(text: str) -> Node | None:
    """Only `receivedDateTime ge` or `gt`; raises GraphError for anything else."""
    if not text:
        return None
    node = filters.parse(text)
    matching.check(node)
    parts = node.parts if isinstance(node, Both) and node.kind == "and" else (node,)
    for part in parts:
        dated = isinstance(part, Compare) and isinstance(part.value, Moment) and part.operator in {"ge", "gt"}
        if not dated or [name.lower() for name in next(filters.paths(part))] != ["receiveddatetime"]:
            raise errors.bad_query("Change tracking supports $filter=receivedDateTime ge and gt alone.")
    return node


def _first_round(call: Call, folder: Folder, state: State, size: int) -> tuple[list[Json], State, bool]:
    mailbox = call.mailbox
    limits = matching.bounds(_where(state.where))
    behind: Key | None = (state.behind[0], state.behind[1]) if state.behind else None
    if state.where:
        size = min(size, FILTERED_LIMIT - state.told)
    found = list(islice(mailbox.walk(folder=folder.key, above=limits.above, below=behind), size + 1))
    more, page = len(found) > size, found[:size]
    note(call.request).touched += len(found)
    items = _repeated(call, state) + [message_json(call, each, state.select) for each in page]
    if state.kind in {"updated", "deleted"}:
        items = []
    told = state.told + len(page)
    done = not more or (bool(state.where) and told >= FILTERED_LIMIT)
    following = replace(
        state,
        first=not done,
        behind=None if done or not page else list(page[-1].key),
        told=told,
        again=_again(call, [each.seq for each in page], done=done),
        empty=call.world.knobs.delta_empty_pages if done else 0,
    )
    return items, following, done


def _later_round(
    call: Call, folder: Folder, state: State, changes: Iterator[Change], size: int
) -> tuple[list[Json], State, bool]:
    """The changes of a page collapsed to one item a message, in the order of their last change."""
    latest: dict[int, list[Change]] = {}
    upto, done = state.since, True
    for change in changes:
        if change.seq not in latest and len(latest) >= size:
            done = False
            break
        note(call.request).touched += 1
        latest[change.seq] = [*latest.pop(change.seq, []), change]
        upto = change.id
    where = _where(state.where)
    told = [_item(call, folder, state, each, where) for each in latest.values()]
    items = _repeated(call, state) + [item for item in told if item is not None]
    following = replace(
        state,
        since=upto,
        again=_again(call, list(latest), done=done),
        empty=call.world.knobs.delta_empty_pages if done else 0,
    )
    return items, following, done


def _item(call: Call, folder: Folder, state: State, changes: list[Change], where: Node | None) -> Json | None:
    """What became of one message in this folder; None where the parameters or knobs keep it quiet."""
    message = _lying_in(call.mailbox, folder, changes[0].seq)
    kind = _kind(changes) if message else "deleted"
    if state.kind not in {"", kind}:
        return None
    if message is None:
        return _removed(call, folder, changes)
    low = matching.bounds(where).above
    if (low is not None and message.key <= low) or _is_silent(call, changes):
        return None
    in_part = kind == "updated" and call.world.knobs.delta_partial_updates
    return message_json(call, message, _changed(changes, state.select) if in_part else state.select)


def _lying_in(mailbox: Mailbox, folder: Folder, seq: int) -> Message | None:
    message = mailbox.get(seq)
    return message if message and message.folder == folder.key else None


def _kind(changes: list[Change]) -> str:
    arrived = any(each.kind is ChangeKind.ADDED or each.moved for each in changes)
    return "created" if arrived else "updated"


def _is_silent(call: Call, changes: list[Change]) -> bool:
    """Whether the message came by a move that its new folder says nothing of."""
    if not (call.prefer.immutable and call.world.knobs.delta_destination_silent):
        return False
    return any(each.moved for each in changes) and all(each.kind is not ChangeKind.ADDED for each in changes)


def _changed(changes: list[Change], select: list[str] | None) -> list[str]:
    """The selected properties that were changed, in the order in which a message has them."""
    changed = {NAMES[name.lower()] for each in changes for name in each.fields if name.lower() in NAMES}
    return [name for name in NAMES.values() if name in changed and (select is None or name in select)]


def _removed(call: Call, folder: Folder, changes: list[Change]) -> Json:
    """Under the id that the message had here: a classic one changes with the folder."""
    leaving = next((each for each in reversed(changes) if each.folder_before == folder.key), changes[-1])
    ids_here = call.mailbox.ids
    item = (
        ids_here.make(IdKind.IMMUTABLE, leaving.seq)
        if call.prefer.immutable
        else ids_here.make(IdKind.MESSAGE, leaving.seq, leaving.moves_before)
    )
    return {"@odata.type": "#microsoft.graph.message", "id": item, "@removed": {"reason": "deleted"}}


def _repeated(call: Call, state: State) -> list[Json]:
    kept = [call.mailbox.get(seq) for seq in state.again]
    return [message_json(call, each, state.select) for each in kept if each is not None]


def _again(call: Call, told: list[int], *, done: bool) -> tuple[int, ...]:
    repeats = call.world.knobs.delta_repeats
    return () if done or not repeats else tuple(told[-repeats:])


def _answer(call: Call, folder: Folder, items: list[Json], state: State, *, done: bool) -> Response:
    token = cursors.seal(call.world, call.mailbox, _purpose(folder), asdict(state))
    name, option = ("@odata.deltaLink", "$deltatoken") if done else ("@odata.nextLink", "$skiptoken")
    context = f"Collection(message){'(' + ','.join(state.select) + ')' if state.select else ''}"
    return answer(call, {name: f"{_address(call, folder)}?{option}={token}", "value": items}, context=context)


def _address(call: Call, folder: Folder) -> str:
    return f"{call.root}/me/mailfolders('{call.mailbox.folder_id(folder)}')/messages/delta"


def _gone(call: Call, folder: Folder, state: State) -> GraphError:
    """410, with the way to start again: the same parameters and an empty token."""
    frozen = {"$select": ",".join(state.select or []), "$filter": state.where, "$orderby": state.order}
    kept = "".join(f"{name}={quote(value, safe='')}&" for name, value in frozen.items() if value)
    code = call.world.knobs.delta_expired_code
    location = f"{_address(call, folder)}?{kept}$deltatoken="
    return GraphError(410, code, "The sync state generation is not found.", {"Location": location})


def _purpose(folder: Folder) -> str:
    return f"delta:{folder.number}"


RULES = [Rule("GET", "me/mailFolders/{}/messages/delta", message_delta, READ_BASIC)]
