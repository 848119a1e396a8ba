"""Entra ID's log-in: metadata, the pages that people see, and the token endpoint."""

from __future__ import annotations

from starlette.routing import BaseRoute

from emulator.microsoft.entra import adminconsent, authorize, metadata, token
from emulator.world import World


def routes(world: World) -> list[BaseRoute]:
    """Below /{tenant}/, as at login.microsoftonline.com."""
    return [
        *metadata.routes(world),
        *authorize.routes(world),
        *adminconsent.routes(world),
        *token.routes(world),
    ]
