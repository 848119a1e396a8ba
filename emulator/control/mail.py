"""Mailboxes and their messages: put in, sent, read, moved, labelled, deleted."""

from __future__ import annotations

from functools import partial
from itertools import islice

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.control.views import describe, describe_mailbox, ids
from emulator.delivery import UndeliverableError, complete, deliver
from emulator.world import World


def routes(world: World) -> list[Route]:
    on = partial(fields.route, world)
    return [
        on("/mailboxes", list_mailboxes, "GET"),
        on("/mailboxes/{address}", read_mailbox, "GET"),
        on("/mailboxes/{address}", name_mailbox, "PUT"),
        on("/mailboxes/{address}/messages", put_message),
        on("/mailboxes/{address}/messages", list_messages, "GET"),
        on("/mailboxes/{address}/messages/{id}", read_message, "GET"),
        on("/mailboxes/{address}/messages/{id}/raw", read_raw, "GET"),
        on("/deliver", send),
        on("/move", move),
        on("/delete", delete),
        on("/label", label),
        on("/truth", truth, "GET"),
    ]


async def list_mailboxes(world: World, _request: Request) -> Response:
    boxes = [describe_mailbox(box) for _, box in sorted(world.mailboxes.items())]
    return JSONResponse({"mailboxes": boxes})


async def read_mailbox(world: World, request: Request) -> Response:
    return JSONResponse(describe_mailbox(fields.mailbox(world, request.path_params["address"])))


async def name_mailbox(world: World, request: Request) -> Response:
    values = await fields.json_object(request, {"provider"})
    box = fields.mailbox(world, request.path_params["address"], fields.provider(values))
    return JSONResponse(describe_mailbox(box))


async def put_message(world: World, request: Request) -> Response:
    """A message appears in one mailbox as if delivered, with nothing added but a missing Date and Message-ID.

    Query: folder (inbox) or labels, read (false), date (now; `header` takes the Date header), provider.
    """
    raw = await fields.body(request)
    if not raw.strip():
        raise BadInputError("body", "a raw RFC 5322 message is wanted")
    query = request.query_params
    box = fields.mailbox(world, request.path_params["address"], fields.provider(query))
    labels = fields.label_ids(box, fields.strings(query, "labels"))
    folder = fields.folder_key(box, query["folder"]) if "folder" in query else None
    header_date = query.get("date") == "header"
    date_ms = None if header_date else fields.moment(query, "date")
    message = box.add(
        complete(world, raw, box.address),
        folder=folder if folder or labels else "inbox",
        labels=labels,
        read=fields.flag(query, "read", default=bool(labels)),
        date_ms=date_ms,
        header_date=header_date,
    )
    return JSONResponse(ids(box, message), 201)


async def list_messages(world: World, request: Request) -> Response:
    """Newest first. Query: folder, label, limit (100)."""
    query = request.query_params
    box = fields.mailbox(world, request.path_params["address"])
    folder = fields.folder_key(box, query["folder"]) if "folder" in query else None
    labels = fields.label_ids(box, fields.strings(query, "label"))
    limit = fields.integer(query, "limit", 100, low=1, high=100_000)
    found = islice(box.walk(labels=labels, folder=folder), limit)
    return JSONResponse({"messages": [describe(box, message) for message in found]})


async def read_message(world: World, request: Request) -> Response:
    box = fields.mailbox(world, request.path_params["address"])
    return JSONResponse(describe(box, fields.message(box, request.path_params["id"])))


async def read_raw(world: World, request: Request) -> Response:
    box = fields.mailbox(world, request.path_params["address"])
    message = fields.message(box, request.path_params["id"])
    return Response(message.raw, media_type="message/rfc822")


async def send(world: World, request: Request) -> Response:
    """Deliver the raw body to all its recipients. Query: sender (From), recipients (To, Cc and Bcc)."""
    raw = await fields.body(request)
    query = request.query_params
    recipients = fields.strings(query, "recipients") or None
    try:
        outcome = deliver(world, raw, sender=query.get("sender", ""), recipients=recipients)
    except UndeliverableError as error:
        raise BadInputError(error.field, str(error)) from error
    copies = {address: ids(world.mailbox(address), message) for address, message in outcome.copies.items()}
    return JSONResponse({"message_id": outcome.message_id, "copies": copies}, 201)


async def move(world: World, request: Request) -> Response:
    values = await fields.json_object(request, {"address", "id", "folder"})
    box = fields.mailbox(world, fields.text(values, "address"))
    message = fields.message(box, fields.text(values, "id"))
    box.move(message, fields.folder_key(box, fields.text(values, "folder")))
    return JSONResponse(describe(box, message))


async def delete(world: World, request: Request) -> Response:
    values = await fields.json_object(request, {"address", "id"})
    box = fields.mailbox(world, fields.text(values, "address"))
    box.delete(fields.message(box, fields.text(values, "id")))
    return Response(status_code=204)


async def label(world: World, request: Request) -> Response:
    values = await fields.json_object(request, {"address", "id", "add", "remove"})
    box = fields.mailbox(world, fields.text(values, "address"))
    message = fields.message(box, fields.text(values, "id"))
    add = fields.label_ids(box, fields.strings(values, "add"))
    remove = fields.label_ids(box, fields.strings(values, "remove"))
    box.relabel(message, add=add, remove=remove)
    return JSONResponse(describe(box, message))


async def truth(world: World, request: Request) -> Response:
    """Every message of a mailbox, oldest first, for a test to compare with what a product made of it."""
    box = fields.mailbox(world, fields.text(request.query_params, "address"))
    messages = [describe(box, message) for message in box.walk(newest_first=False)]
    return JSONResponse({"address": box.address, "provider": box.provider, "messages": messages})
