"""Mail folders: listed, read, made, renamed, moved and deleted."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from emulator.microsoft import cursors, errors, ids, options
from emulator.microsoft.calls import READ_BASIC, WRITE, Call, answer, no_content
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import FOLDER_PROPERTIES, Json, folder_json
from emulator.places import Folder, PlaceExistsError

NAMES = {name.lower(): name for name in FOLDER_PROPERTIES}
_KNOWN = {"$select", "$top", "$skip", "$count", "$skiptoken", "$format", "$filter", "$expand"}
_PURPOSE = "folders"


def list_folders(call: Call) -> Response:
    """The folders at the top, or the children of one; hidden ones only with `includeHiddenFolders=true`."""
    options.refuse_unknown(call.query, _KNOWN)
    above = ids.find_folder(call.mailbox, call.keys[0]).key or None if call.keys else None
    hidden = call.query.get("includeHiddenFolders", "").lower() == "true"
    found = [each for each in call.mailbox.folders.children(above) if hidden or not each.hidden]
    found = _named(found, call.query.get("$filter", ""))
    found.sort(key=lambda each: each.name.casefold())
    below = f"('{call.keys[0]}')/childFolders" if call.keys else ""
    return answer(call, _page(call, found), context=f"users('{call.user}')/mailFolders{below}")


def get_folder(call: Call) -> Response:
    return _entity(call, ids.find_folder(call.mailbox, call.keys[0]))


def create_folder(call: Call) -> Response:
    """POST {displayName, isHidden}: 201; 409 where a folder of that name lies there."""
    above = ids.find_folder(call.mailbox, call.keys[0]).key or None if call.keys else None
    values = call.json({"displayName", "isHidden"}, "mailFolder")
    try:
        folder = call.mailbox.folders.create(_name(values), above)
    except PlaceExistsError as error:
        raise _exists() from error
    folder.hidden = values.get("isHidden") is True
    return _entity(call, folder, 201)


def rename_folder(call: Call) -> Response:
    folder = _changeable(call)
    name = _name(call.json({"displayName"}, "mailFolder"))
    try:
        call.mailbox.folders.change(folder, name=name, parent=folder.parent)
    except PlaceExistsError as error:
        raise _exists() from error
    return _entity(call, folder)


def move_folder(call: Call) -> Response:
    """POST move {destinationId}: 201."""
    folder = _changeable(call)
    wanted = call.parameters({"destinationId"}).get("destinationId")
    target = ids.find_folder(call.mailbox, wanted if isinstance(wanted, str) else "")
    try:
        call.mailbox.folders.change(folder, name=folder.name, parent=target.key or None)
    except PlaceExistsError as error:
        raise _exists() from error
    except ValueError as error:
        raise GraphError(400, "ErrorMoveCopyFailed", "The move or copy operation failed.") from error
    return _entity(call, folder, 201)


def delete_folder(call: Call) -> Response:
    call.mailbox.remove_folder(_changeable(call))
    return no_content()


def select(call: Call) -> list[str] | None:
    """The selected properties in their own spelling. Raises GraphError for what folders do not have."""
    wanted = [name.strip() for name in call.query.get("$select", "").split(",") if name.strip()]
    for name in wanted:
        if name.lower() not in NAMES:
            raise errors.bad_uri(
                f"Could not find a property named '{name[:80]}' on type 'Microsoft.OutlookServices.MailFolder'."
            )
    return [NAMES[name.lower()] for name in wanted] or None


def _page(call: Call, found: Sequence[Folder]) -> Json:
    size = options.page_size(call)
    token = call.query.get("$skiptoken", "")
    start = (
        cursors.unseal(call.world, call.mailbox, _PURPOSE, token)
        if token
        else {"s": options.number(call.query, "$skip", 0, low=0)}
    )
    if start is None:
        raise errors.bad_request("The provided skip token is invalid.")
    at = int(start["s"])
    result: Json = {}
    if call.query.get("$count", "").lower() == "true":
        result["@odata.count"] = len(found)
    if at + size < len(found):
        following = cursors.seal(call.world, call.mailbox, _PURPOSE, {"s": at + size})
        result["@odata.nextLink"] = call.url(skiptoken=following, skip=None)
    wanted = select(call)
    result["value"] = [folder_json(call.mailbox, each, wanted) for each in found[at : at + size]]
    return result


def _named(found: list[Folder], text: str) -> list[Folder]:
    """`$filter=displayName eq '…'`, the one that folders are looked up by."""
    if not text:
        return found
    name, _, value = text.partition(" eq ")
    if name.strip().lower() != "displayname" or not value.strip().startswith("'") or not value.strip().endswith("'"):
        raise GraphError(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
    wanted = value.strip()[1:-1].replace("''", "'").casefold()
    return [each for each in found if each.name.casefold() == wanted]


def _entity(call: Call, folder: Folder, status: int = 200) -> Response:
    context = f"users('{call.user}')/mailFolders/$entity"
    return answer(call, folder_json(call.mailbox, folder, select(call)), status, context=context)


def _name(values: Json) -> str:
    name = values.get("displayName")
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise GraphError(400, "ErrorInvalidArgument", "The folder's displayName is missing or not valid.")
    return name


def _changeable(call: Call) -> Folder:
    folder = ids.find_folder(call.mailbox, call.keys[0])
    if folder.well_known or not folder.key:
        raise GraphError(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted or changed.")
    return folder


def _exists() -> GraphError:
    return GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")


RULES = [
    Rule("GET", "me/mailFolders", list_folders, READ_BASIC),
    Rule("POST", "me/mailFolders", create_folder, WRITE),
    Rule("GET", "me/mailFolders/{}", get_folder, READ_BASIC),
    Rule("PATCH", "me/mailFolders/{}", rename_folder, WRITE),
    Rule("DELETE", "me/mailFolders/{}", delete_folder, WRITE),
    Rule("POST", "me/mailFolders/{}/move", move_folder, WRITE),
    Rule("GET", "me/mailFolders/{}/childFolders", list_folders, READ_BASIC),
    Rule("POST", "me/mailFolders/{}/childFolders", create_folder, WRITE),
]
