"""Reading control's input: every bad field is a 400 that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.clock import parse_moment
from emulator.mailbox import Mailbox, Provider
from emulator.message import Message
from emulator.places import Label
from emulator.world import World, WrongProviderError

Handler = Callable[[World, Request], Awaitable[Response]]
MAX_BODY = 64 * 1024 * 1024
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class BadInputError(Exception):
    """`field` is wrong, as `message` says; the answer has `status`."""

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.status = status


def route(world: World, path: str, handler: Handler, method: str = "POST") -> Route:
    """`handler(world, request)` at `path`; its BadInputError becomes `{"error", "field"}`."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(world, request)
        except BadInputError as error:
            return JSONResponse({"error": error.message, "field": error.field}, error.status)

    return Route(path, endpoint, methods=[method])


async def body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise BadInputError("body", f"more than {MAX_BODY} bytes", 413)
        chunks.append(chunk)
    return b"".join(chunks)


async def json_object(request: Request, known: set[str]) -> dict[str, Any]:
    """The JSON object of the body, {} where there is none; a member that is not `known` is refused."""
    data = await body(request)
    try:
        values = json.loads(data or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadInputError("body", f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise BadInputError("body", "a JSON object is wanted")
    for name in values.keys() - known:
        raise BadInputError(name, f"unknown; known are {', '.join(sorted(known))}")
    return values


def text(values: Mapping[str, Any], field: str, default: str | None = None) -> str:
    value = values.get(field, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BadInputError(field, "a text is wanted")
    return value


def strings(values: Mapping[str, Any], field: str) -> list[str]:
    """A list of texts, or one text parted by commas."""
    value = values.get(field, [])
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise BadInputError(field, "a list of texts is wanted")
    return value


def integer(values: Mapping[str, Any], field: str, default: int, *, low: int = 0, high: int = 1 << 53) -> int:
    value = values.get(field, default)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise BadInputError(field, f"a whole number from {low} to {high} is wanted")
    return value


def flag(values: Mapping[str, Any], field: str, default: bool) -> bool:
    value = values.get(field, default)
    if isinstance(value, str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    if not isinstance(value, bool):
        raise BadInputError(field, "true or false is wanted")
    return value


def moment(values: Mapping[str, Any], field: str) -> int | None:
    """Epoch ms; None where the field is missing."""
    value = values.get(field)
    if value is None:
        return None
    try:
        return parse_moment(str(value))
    except ValueError as error:
        raise BadInputError(field, "epoch milliseconds or ISO 8601 are wanted") from error


def provider(values: Mapping[str, Any], field: str = "provider") -> Provider | None:
    match values.get(field):
        case None | "":
            return None
        case "google":
            return "google"
        case "microsoft":
            return "microsoft"
        case _:
            raise BadInputError(field, "google or microsoft is wanted")


def mailbox(world: World, address: str, kind: Provider | None = None) -> Mailbox:
    try:
        return world.mailbox(address) if kind is None else world.open(address, kind)
    except ValueError as error:
        raise BadInputError("address", str(error)) from error
    except WrongProviderError as error:
        raise BadInputError("provider", str(error), 409) from error


def message(box: Mailbox, message_id: str) -> Message:
    """By Gmail id, by either Graph id, or by Message-ID with its brackets."""
    found = box.by_graph_id(message_id)
    if found is None and message_id.startswith("<"):
        found = next(iter(box.by_message_id(message_id)), None)
    if found is None:
        try:
            found = box.by_gid(int(message_id, 16))
        except ValueError:
            found = None
    if found is None:
        raise BadInputError("id", f"{box.address} has no message {message_id[:200]!r}", 404)
    return found


def folder_key(box: Mailbox, name: str) -> str:
    """By Graph id, well-known name or path of names; a path that is missing is made."""
    known = box.folder_by_graph_id(name)
    try:
        return (known or box.folders.at(name)).key
    except ValueError as error:
        raise BadInputError("folder", str(error)) from error


def label_ids(box: Mailbox, names: list[str]) -> list[str]:
    """By id or name; a name that is missing is made."""
    return [_label(box, name).id for name in names]


def _label(box: Mailbox, name: str) -> Label:
    return box.labels.get(name) or box.labels.named(name) or box.labels.create(name)
