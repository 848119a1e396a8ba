"""The page that breaks things: levers, the clock, the knobs, and what was asked lately."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import Any, Literal, get_args, get_origin, get_type_hints

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulator import knobs
from emulator.knobs import BadKnobError, Knobs
from emulator.outside import pages
from emulator.outside.levers import CLOCK, LEVERS, MAX_TIMES, set_clock
from emulator.requestlog import Entry
from emulator.world import World

_LATEST = 40
# What clients call; the page's own requests would only be in the way.
_API = ("/gmail/", "/graph/", "/upload/", "/batch", "/token", "/o/oauth2", "/revoke", "/oauth2/", "/resumable/")


@dataclass(frozen=True, slots=True)
class Knob:
    """One switch: `choices` where it takes one of a few, `note` from its definition."""

    name: str
    value: str
    choices: tuple[str, ...]
    note: str


def routes(world: World) -> list[Route]:
    return [
        pages.page(world, "/break", show),
        pages.page(world, "/break/lever", pull, ["POST"]),
        pages.page(world, "/break/clock", turn_clock, ["POST"]),
        pages.page(world, "/break/faults", clear_faults, ["POST"]),
        pages.page(world, "/break/knobs", set_knobs, ["POST"]),
    ]


async def show(world: World, request: Request) -> Response:
    return _page(world, done=_told(world, request))


async def pull(world: World, request: Request) -> Response:
    """Pull a lever for a connected mailbox."""
    form = await pages.form_of(request)
    lever = LEVERS.get(pages.text_of(form, "lever"))
    box = world.mailboxes.get(pages.text_of(form, "mailbox").lower())
    times = pages.text_of(form, "times") or "1"
    if lever is None or box is None:
        return _page(world, errors={"mailbox": "Choose a mailbox."})
    if lever.counted and not (times.isdecimal() and len(times) <= 9 and 1 <= int(times) <= MAX_TIMES):
        return _page(world, errors={"times": f"A number from 1 to {MAX_TIMES} is wanted."}, mailbox=box.address)
    return _page(world, done=lever.pull(world, box, int(times)), mailbox=box.address)


async def turn_clock(world: World, request: Request) -> Response:
    name = pages.text_of(await pages.form_of(request), "clock")
    return _page(world, done=set_clock(world, name)) if name in CLOCK else _page(world)


async def clear_faults(world: World, _request: Request) -> Response:
    world.faults.clear()
    return _page(world, done="All calls are answered truly again.")


async def set_knobs(world: World, request: Request) -> Response:
    """All of the knobs at once, or none if one is wrong."""
    form = await pages.form_of(request)
    current = world.knobs.as_dict()
    values: dict[str, object] = {}
    try:
        for name in current.keys() & form.keys():
            values[name] = _value(name, pages.text_of(form, name))
        world.knobs.set(values)
    except BadKnobError as error:
        written = {name: pages.text_of(form, name) for name in form}
        return _page(world, errors={error.name: f"{error}."}, written=written)
    world.push.wake()
    return RedirectResponse("/break?done=knobs#knobs", 303)


def _page(
    world: World,
    *,
    done: str = "",
    errors: Mapping[str, str] | None = None,
    mailbox: str = "",
    written: Mapping[str, str] | None = None,
) -> Response:
    return pages.render(
        world,
        "break.html",
        status=422 if errors else 200,
        tab="break",
        done=done,
        errors=errors or {},
        levers=LEVERS,
        connected=[row for row in pages.directory(world) if row.kind != "outside"],
        mailbox=mailbox,
        clock={name: label for name, (label, _) in CLOCK.items()},
        frozen=world.clock.frozen,
        faults=list(world.faults),
        knobs=_knobs(world.knobs, written or {}),
        requests=_requests(world),
    )


def _told(_world: World, request: Request) -> str:
    return "The knobs are set." if request.query_params.get("done") == "knobs" else ""


def _requests(world: World) -> list[Entry]:
    """The latest calls of clients, newest first."""
    calls = (entry for entry in reversed(list(world.log.find())) if any(each in entry.path for each in _API))
    return list(islice(calls, _LATEST))


def _knobs(current: Knobs, written: Mapping[str, str]) -> list[Knob]:
    hints = get_type_hints(Knobs)
    return [
        Knob(name, written.get(name, _text(value)), _choices(hints[name]), _notes().get(name, ""))
        for name, value in current.as_dict().items()
    ]


def _choices(hint: Any) -> tuple[str, ...]:
    if hint is bool:
        return ("true", "false")
    return get_args(hint) if get_origin(hint) is Literal else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(name: str, text: str) -> object:
    """What the form's text means; numbers, lists and objects are JSON. Raises BadKnobError."""
    hint = get_type_hints(Knobs)[name]
    if hint is str or get_origin(hint) is Literal:
        return text.strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadKnobError(name, f"{name} could not be read as JSON") from error


@cache
def _notes() -> dict[str, str]:
    """The sentences below the knobs in their own source."""
    (body,) = (
        each.body
        for each in ast.parse(inspect.getsource(knobs)).body
        if isinstance(each, ast.ClassDef) and each.name == "Knobs"
    )
    found: dict[str, str] = {}
    for before, node in pairwise(body):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(node, ast.Expr):
            text = str(node.value.value) if isinstance(node.value, ast.Constant) else ""
            found[before.target.id] = " ".join(text.split())
    return found
