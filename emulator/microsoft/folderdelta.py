"""The delta of the folder tree: folders made, renamed, moved and deleted."""

from __future__ import annotations

from starlette.responses import Response

from emulator.changes import ChangeExpiredError
from emulator.graphids import IdKind
from emulator.microsoft import cursors, folders, options
from emulator.microsoft.calls import READ_BASIC, Call, answer
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json, folder_json

_PURPOSE = "delta:folders"
_KNOWN = {"$select", "$top", "$deltatoken", "$skiptoken", "$format"}


def folder_delta(call: Call) -> Response:
    """GET mailFolders/delta; pages count on in a list that a change makes anew, so a folder may come twice."""
    options.refuse_unknown(call.query, _KNOWN)
    state = _state(call)
    since, at = int(state["since"]), int(state["at"])
    try:
        call.mailbox.changes.since(max(since, call.mailbox.changes.floor) if state["first"] else since)
    except ChangeExpiredError as error:
        location = f"{_address(call)}?$deltatoken="
        code = call.world.knobs.delta_expired_code
        raise GraphError(410, code, "The sync state generation is not found.", {"Location": location}) from error
    head = call.mailbox.changes.head
    found = _changed(call, since, first=bool(state["first"]), select=state["select"])
    size = options.page_size(call, options.MAX_PAGE)
    done = at + size >= len(found)
    following = (
        {"since": head, "at": 0, "first": False, "select": state["select"]} if done else {**state, "at": at + size}
    )
    token = cursors.seal(call.world, call.mailbox, _PURPOSE, following)
    name, option = ("@odata.deltaLink", "$deltatoken") if done else ("@odata.nextLink", "$skiptoken")
    values = {name: f"{_address(call)}?{option}={token}", "value": found[at : at + size]}
    return answer(call, values, context="Collection(mailFolder)")


def _state(call: Call) -> Json:
    token = call.query.get("$deltatoken") or call.query.get("$skiptoken") or ""
    if not token:
        return {"since": call.mailbox.changes.head, "at": 0, "first": True, "select": folders.select(call)}
    found = cursors.unseal(call.world, call.mailbox, _PURPOSE, token)
    if found is None:
        raise GraphError(400, "SyncStateInvalid", "The sync state is invalid: the token was not given out for folders.")
    return found


def _changed(call: Call, since: int, *, first: bool, select: list[str] | None) -> list[Json]:
    mailbox = call.mailbox
    there = [folder_json(mailbox, each, select) for each in mailbox.folders if first or each.change > since]
    if first:
        return there
    gone = [
        {
            "@odata.type": "#microsoft.graph.mailFolder",
            "id": mailbox.ids.make(IdKind.FOLDER, number),
            "@removed": {"reason": "deleted"},
        }
        for change, number in mailbox.folders.removed
        if change > since
    ]
    return [*there, *gone]


def _address(call: Call) -> str:
    return f"{call.root}/me/mailfolders/delta"


RULES = [Rule("GET", "me/mailFolders/delta", folder_delta, READ_BASIC)]
