"""Much at once: loading a mailbox, saving the world, starting it anew."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator import snapshot
from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.mailbox import Mailbox
from emulator.world import World

_NDJSON_FIELDS = {"address", "raw", "folder", "labels", "date", "read", "provider"}
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
MAX_LINE = 100 * 1024 * 1024


def routes(world: World) -> list[Route]:
    on = partial(fields.route, world)
    return [
        on("/load", load),
        on("/snapshot", save_snapshot),
        on("/reset", reset),
    ]


async def load(world: World, request: Request) -> Response:
    """Many messages in one request, dated by their Date headers unless they say otherwise.

    ?format=ndjson (usual): a line a message, {"address", "raw": base64, "folder" or "labels", "date", "read",
    "provider"}, where the query may give address, folder and provider for all. ?format=mbox (mboxrd): all go
    to ?address=. What came before a bad line stays loaded; the error names the line.
    """
    form = request.query_params.get("format", "ndjson")
    if form not in {"ndjson", "mbox"}:
        raise BadInputError("format", "ndjson or mbox is wanted")
    loaded = await (_load_mbox if form == "mbox" else _load_ndjson)(world, request)
    return JSONResponse({"loaded": loaded}, 201)


async def save_snapshot(world: World, request: Request) -> Response:
    """Write the file that `--snapshot` named."""
    path = getattr(request.app.state, "snapshot", None)
    if not isinstance(path, Path):
        raise BadInputError("snapshot", "the emulator was started without --snapshot", 409)
    snapshot.save(world, path)
    return JSONResponse({"saved": str(path), "bytes": path.stat().st_size})


async def reset(world: World, request: Request) -> Response:
    """Empty the world: mailboxes, tokens, faults, log, knobs, quota and clock. {seed} takes another seed."""
    values = await fields.json_object(request, {"seed"})
    world.reset(fields.integer(values, "seed", world.seed))
    return Response(status_code=204)


async def _load_ndjson(world: World, request: Request) -> int:
    loaded = 0
    number = 0
    async for line in _lines(request):
        number += 1
        if line.strip():
            try:
                _load_line(world, request, line)
            except BadInputError as error:
                raise BadInputError(error.field, f"line {number}: {error.message}", error.status) from error
            loaded += 1
    return loaded


def _load_line(world: World, request: Request, line: bytes) -> None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError("body", f"not JSON: {error}") from error
    if not isinstance(values, dict) or values.keys() - _NDJSON_FIELDS:
        raise BadInputError("body", f"an object of {', '.join(sorted(_NDJSON_FIELDS))} is wanted")
    values = {**request.query_params, **values}
    box = fields.mailbox(world, fields.text(values, "address"), fields.provider(values))
    try:
        raw = b64decode(fields.text(values, "raw"), validate=True)
    except ValueError as error:
        raise BadInputError("raw", "base64 is wanted") from error
    labels = fields.label_ids(box, fields.strings(values, "labels"))
    folder = fields.folder_key(box, fields.text(values, "folder")) if "folder" in values else None
    date_ms = fields.moment(values, "date")
    box.add(
        raw,
        folder=folder if folder or labels else "inbox",
        labels=labels,
        read=fields.flag(values, "read", default=True),
        date_ms=date_ms,
        header_date=date_ms is None,
    )


async def _load_mbox(world: World, request: Request) -> int:
    query = request.query_params
    box = fields.mailbox(world, fields.text(query, "address"), fields.provider(query))
    folder = fields.folder_key(box, query.get("folder", "inbox"))
    read = fields.flag(query, "read", default=True)
    loaded = 0
    lines: list[bytes] = []
    async for line in _lines(request):
        if line.startswith(b"From ") and (not lines or not lines[-1].strip()):
            loaded += _store_mbox(box, lines, folder, read)
            lines = []
        lines.append(line)
    return loaded + _store_mbox(box, lines, folder, read)


def _store_mbox(box: Mailbox, lines: list[bytes], folder: str, read: bool) -> int:
    """One message with its From line and the empty line behind it; nothing before the first From line."""
    if not lines or not lines[0].startswith(b"From "):
        return 0
    raw = _QUOTED_FROM.sub(rb"\1", b"".join(lines[1:-1] if not lines[-1].strip() else lines[1:]))
    box.add(raw, folder=folder, read=read, header_date=True)
    return 1


async def _lines(request: Request) -> AsyncIterator[bytes]:
    """The body by lines with their ends, without holding all of it."""
    rest: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        for piece in _LINE.findall(chunk):
            rest.append(piece)
            size += len(piece)
            if size > MAX_LINE:
                raise BadInputError("body", f"a line of more than {MAX_LINE} bytes", 413)
            if piece.endswith(b"\n"):
                yield b"".join(rest)
                rest, size = [], 0
    if rest:
        yield b"".join(rest)
