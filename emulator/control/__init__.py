"""The hand that moves the world: every route under /_control. For tests and the demo, never for a product."""

from __future__ import annotations

from starlette.routing import BaseRoute

from emulator.control import access, behaviour, bulk, mail
from emulator.world import World


def routes(world: World) -> list[BaseRoute]:
    """The table of README.md, in its order."""
    return [*mail.routes(world), *access.routes(world), *behaviour.routes(world), *bulk.routes(world)]
