"""How the services behave: faults, quotas, knobs, the clock, the request log, notifications."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.faults import Fault
from emulator.knobs import BadKnobError
from emulator.quota import PROFILES, Profile
from emulator.requestlog import CAPACITY, as_dict
from emulator.world import World

_FAULT_FIELDS = {
    "path",
    "method",
    "times",
    "after",
    "status",
    "body",
    "headers",
    "delay_ms",
    "cut_after",
    "commit",
}
_CLOCK_FIELDS = {"now", "advance_ms", "frozen"}
MAX_DELAY_MS = 600_000


def routes(world: World) -> list[Route]:
    on = partial(fields.route, world)
    return [
        on("/health", health, "GET"),
        on("/faults", list_faults, "GET"),
        on("/faults", add_fault),
        on("/faults", clear_faults, "DELETE"),
        on("/quota", read_quota, "GET"),
        on("/quota", set_quota),
        on("/knobs", read_knobs, "GET"),
        on("/knobs", set_knobs),
        on("/clock", read_clock, "GET"),
        on("/clock", set_clock),
        on("/requests", read_requests, "GET"),
        on("/requests", clear_requests, "DELETE"),
        on("/flush", flush),
    ]


async def health(world: World, _request: Request) -> Response:
    return JSONResponse({"status": "ok", "mailboxes": len(world.mailboxes), "seed": world.seed})


async def list_faults(world: World, _request: Request) -> Response:
    return JSONResponse({"faults": [_fault_json(fault) for fault in world.faults]})


async def add_fault(world: World, request: Request) -> Response:
    """See faults.Fault; `body` may be text or any JSON value."""
    values = await fields.json_object(request, _FAULT_FIELDS)
    fault = Fault(
        path=fields.text(values, "path"),
        method=fields.text(values, "method", "*").upper(),
        times=fields.integer(values, "times", 1),
        after=fields.integer(values, "after", 0),
        status=fields.integer(values, "status", 500, low=200, high=599) if "status" in values else None,
        body=_fault_body(values.get("body", "")),
        headers=_fault_headers(values.get("headers", {})),
        delay_ms=fields.integer(values, "delay_ms", 0, high=MAX_DELAY_MS),
        cut_after=fields.integer(values, "cut_after", 0, low=-1) if "cut_after" in values else None,
        commit=fields.flag(values, "commit", default=False),
    )
    if fault.status is None and fault.cut_after is None and not fault.delay_ms:
        raise BadInputError("status", "one of status, cut_after and delay_ms is wanted")
    return JSONResponse(_fault_json(world.faults.add(fault)), 201)


async def clear_faults(world: World, _request: Request) -> Response:
    world.faults.clear()
    return Response(status_code=204)


async def read_quota(world: World, request: Request) -> Response:
    """Profiles in force; with ?address= also what its meter stands at."""
    address = request.query_params.get("address")
    answer: dict[str, Any] = {name: asdict(profile) for name, profile in world.quota.default.items()}
    if address:
        box = fields.mailbox(world, address)
        answer = {
            "profile": asdict(world.quota.profile(box.address, box.provider or "google")),
            "meter": asdict(world.quota.meter(box.address)),
        }
    return JSONResponse(answer)


async def set_quota(world: World, request: Request) -> Response:
    """{profile} or {units, window_ms, concurrency}, for {address}, for {provider}, or for all."""
    known = {"profile", "units", "window_ms", "concurrency", "address", "provider"}
    values = await fields.json_object(request, known)
    name = fields.text(values, "profile", "")
    if name and name not in PROFILES:
        raise BadInputError("profile", f"one of {', '.join(PROFILES)} is wanted")
    profile = PROFILES.get(name) or Profile(
        units=fields.integer(values, "units", 0),
        window_ms=fields.integer(values, "window_ms", 60_000, low=1),
        concurrency=fields.integer(values, "concurrency", 0),
    )
    address = fields.mailbox(world, fields.text(values, "address")).address if "address" in values else None
    world.quota.set(profile, address=address, provider=fields.provider(values))
    return JSONResponse(asdict(profile))


async def read_knobs(world: World, _request: Request) -> Response:
    return JSONResponse(world.knobs.as_dict())


async def set_knobs(world: World, request: Request) -> Response:
    """{name: value, …}: all of them, or none if one is wrong."""
    values = await fields.json_object(request, set(world.knobs.as_dict()))
    try:
        world.knobs.set(values)
    except BadKnobError as error:
        raise BadInputError(error.name, str(error)) from error
    world.push.wake()
    return JSONResponse(world.knobs.as_dict())


async def read_clock(world: World, _request: Request) -> Response:
    now = world.clock.now()
    return JSONResponse({"now": now.isoformat(), "now_ms": world.clock.now_ms(), "frozen": world.clock.frozen})


async def set_clock(world: World, request: Request) -> Response:
    """{now: ms or ISO 8601}, {advance_ms}, {frozen: bool}: frozen first, advanced last."""
    values = await fields.json_object(request, _CLOCK_FIELDS)
    advance_ms = fields.integer(values, "advance_ms", 0, low=-(10**14), high=10**14)
    frozen = fields.flag(values, "frozen", default=world.clock.frozen)
    now_ms = fields.moment(values, "now")
    if frozen and not world.clock.frozen:
        world.clock.freeze()
    elif not frozen:
        world.clock.unfreeze()
    if now_ms is not None:
        world.clock.set(now_ms)
    world.clock.advance(advance_ms)
    return await read_clock(world, request)


async def read_requests(world: World, request: Request) -> Response:
    """Oldest first. Query: mailbox, path (a part of it), method, limit (the newest so many)."""
    query = request.query_params
    limit = fields.integer(query, "limit", CAPACITY, low=1, high=CAPACITY)
    found = list(
        world.log.find(
            mailbox=query.get("mailbox", "").lower(),
            path=query.get("path", ""),
            method=query.get("method", "").upper(),
        )
    )
    return JSONResponse({"requests": [as_dict(entry) for entry in found[-limit:]], "dropped": world.log.dropped})


async def clear_requests(world: World, _request: Request) -> Response:
    world.log.clear()
    return Response(status_code=204)


async def flush(world: World, _request: Request) -> Response:
    """Send every waiting notification now and answer when that is done."""
    return JSONResponse(asdict(await world.push.flush()))


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {**asdict(fault), "body": fault.body.decode("utf-8", "replace")}


def _fault_body(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _fault_headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise BadInputError("headers", "an object of texts is wanted")
    try:
        for text in (*value, *value.values()):
            text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise BadInputError("headers", "headers are Latin-1") from error
    return value
