"""The application: control, the providers, and what goes around them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount

from emulator import control, google, microsoft, outside, snapshot
from emulator.generator import load as year
from emulator.middleware import CONTROL, Wire
from emulator.world import World

Part = Callable[[World], Sequence[BaseRoute]]

# Every part of the outside world adds its `routes(world)` here; it may also call `world.on_change` in it.
PARTS: tuple[Part, ...] = (google.routes, microsoft.routes, outside.routes, year.routes)


def create_app(
    world: World, *, snapshot_file: Path | None = None, push_url: str = "", parts: Sequence[Part] = PARTS
) -> Starlette:
    """All of it as one ASGI application. A snapshot file is read at the start, if there is one, and written
    at the end. ``push_url`` is the knob `pubsub_push_url`, whatever the snapshot says of it.

    The start raises snapshot.BadSnapshotError for a file that is none.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if snapshot_file is not None:
            snapshot.load_if_there(world, snapshot_file)
        if push_url:
            world.knobs.pubsub_push_url = push_url
        sending = asyncio.create_task(world.push.run())
        try:
            yield
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
            await world.push.close()
            if snapshot_file is not None:
                snapshot.save(world, snapshot_file)

    app = Starlette(
        routes=[
            *(route for part in parts for route in part(world)),
            # Last, since it answers for everything below its prefix: a part may add a control route of its own.
            Mount(CONTROL, routes=control.routes(world)),
        ],
        middleware=[Middleware(Wire, world=world)],
        exception_handlers={HTTPException: _refuse},
        lifespan=lifespan,
    )
    app.state.snapshot = snapshot_file
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    """For routes of no provider; each provider answers below its own prefixes in its own shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    messages = {
        404: f"no such route: {request.url.path}",
        405: f"{request.method} is not for {request.url.path}",
    }
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": messages.get(status, str(error)), "field": None}, status, headers=headers)
