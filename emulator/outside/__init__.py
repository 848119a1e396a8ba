"""The page of the outside world: a simple web mail for every mailbox that there is, and levers to break things.

Works without scripts. Mail is shown in a sandboxed frame under a policy of its own, so hostile mail runs
nothing here either.
"""

from __future__ import annotations

from starlette.routing import Route

from emulator.outside import boxes, breaking, pages, trying, writing
from emulator.world import World


def routes(world: World) -> list[Route]:
    return [
        *boxes.routes(world),
        *writing.routes(world),
        *trying.routes(world),
        *breaking.routes(world),
        pages.asset("/outside.css", "outside.css"),
        pages.asset("/outside.svg", "outside.svg"),
    ]
