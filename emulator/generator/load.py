"""The seeded year put into a world, from the command line or by `POST /_control/seed`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.generator.people import TEAM
from emulator.generator.placing import Copy
from emulator.generator.year import DEMO, stream
from emulator.mailbox import Mailbox, Provider
from emulator.message import Message
from emulator.middleware import CONTROL
from emulator.world import World

DEMO_MESSAGES = 1_600
"""Which gives Alice about 900 and Bob about 700."""
_MOST = 2_000_000
_AT_A_TIME = 200


def routes(world: World) -> list[Route]:
    return [fields.route(world, f"{CONTROL}/seed", seed)]


async def seed(world: World, request: Request) -> Response:
    """{messages, seed, mailboxes: {address: provider}, outside} loads a year of mail that ends now.

    Other calls are answered meanwhile. Without mailboxes they are the demo's two.
    """
    values = await fields.json_object(request, {"messages", "seed", "mailboxes", "outside"})
    count = fields.integer(values, "messages", DEMO_MESSAGES, high=_MOST)
    number = fields.integer(values, "seed", world.seed)
    mailboxes = _mailboxes(world, values.get("mailboxes", dict(DEMO)))
    outside = fields.flag(values, "outside", default=False)
    copies = stream(number, count, end=world.clock.now(), mailboxes=mailboxes, outside=outside)
    loaded = 0
    loader = Loader(world)
    for loaded, copy in enumerate(copies, start=1):
        loader.put(copy)
        if loaded % _AT_A_TIME == 0:
            await asyncio.sleep(0)
    return JSONResponse({"loaded": loaded}, 201)


def load_demo(world: World, count: int = DEMO_MESSAGES) -> int:
    """The demo's mail, with the copies of the people outside; answers how many were put in."""
    for person in TEAM:
        world.mailbox(person.address)
    return load(world, stream(world.seed, count, end=world.clock.now(), outside=True))


def load(world: World, copies: Iterable[Copy]) -> int:
    loader = Loader(world)
    return sum(1 for _ in map(loader.put, copies))


class Loader:
    """Makes the labels and folders that are missing, and remembers them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._labels: dict[tuple[str, str], str] = {}
        self._folders: dict[tuple[str, str], str] = {}

    def put(self, copy: Copy) -> Message:
        world = self._world
        box = world.open(copy.address, copy.provider) if copy.provider else world.mailbox(copy.address)
        return box.add(
            copy.raw,
            folder=self._folder(box, copy.folder) if copy.folder else None,
            labels=[self._label(box, name) for name in copy.labels],
            read=copy.read,
            date_ms=copy.date_ms,
        )

    def _label(self, box: Mailbox, name: str) -> str:
        key = (box.address, name)
        if key not in self._labels:
            self._labels[key] = (box.labels.get(name) or box.labels.named(name) or box.labels.create(name)).id
        return self._labels[key]

    def _folder(self, box: Mailbox, path: str) -> str:
        key = (box.address, path)
        if key not in self._folders:
            self._folders[key] = box.folders.at(path).key
        return self._folders[key]


def _mailboxes(world: World, value: object) -> Mapping[str, Provider]:
    if not isinstance(value, dict) or not value:
        raise BadInputError("mailboxes", "an object of addresses and providers is wanted")
    found: dict[str, Provider] = {}
    for address, name in value.items():
        kind = fields.provider({"mailboxes": name}, "mailboxes")
        if kind is None:
            raise BadInputError("mailboxes", "google or microsoft is wanted")
        found[fields.mailbox(world, address, kind).address] = kind
    return found
