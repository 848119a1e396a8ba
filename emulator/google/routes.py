"""Every address that Google answers at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulator.google import (
    attachments,
    batch,
    call,
    control,
    drafts,
    errors,
    history,
    labels,
    messages,
    profile,
    settings,
    threads,
    uploads,
    watch,
)
from emulator.google.call import Method
from emulator.google.oauth import authorize, identity, token
from emulator.world import World

USER = "/gmail/v1/users/{userId}"
METHODS: tuple[Method, ...] = (
    *messages.methods(),
    *history.methods(),
    *profile.methods(),
    *drafts.methods(),
    *labels.methods(),
    *threads.methods(),
    *attachments.methods(),
    *settings.methods(),
    *watch.methods(),
)
_Handler = Callable[[World, Request], Awaitable[Response]]
_OAUTH: tuple[tuple[str, _Handler, str], ...] = (
    ("/o/oauth2/v2/auth", authorize.show, "GET"),
    ("/o/oauth2/v2/auth", authorize.decide, "POST"),
    ("/o/oauth2/auth", authorize.show, "GET"),
    ("/o/oauth2/auth", authorize.decide, "POST"),
    ("/token", token.exchange, "POST"),
    ("/o/oauth2/token", token.exchange, "POST"),
    ("/oauth2/v4/token", token.exchange, "POST"),
    ("/revoke", token.revoke, "POST"),
    ("/o/oauth2/revoke", token.revoke, "POST"),
    ("/v1/userinfo", identity.userinfo, "GET"),
    ("/v1/userinfo", identity.userinfo, "POST"),
    ("/oauth2/v3/userinfo", identity.userinfo, "GET"),
    ("/oauth2/v2/userinfo", identity.userinfo, "GET"),
    ("/oauth2/v3/certs", identity.jwks, "GET"),
    ("/oauth2/v1/certs", identity.certificates, "GET"),
    ("/.well-known/openid-configuration", identity.configuration, "GET"),
)


def routes(world: World) -> list[BaseRoute]:
    """What app.PARTS takes. Anything else below Google's prefixes is the page of a 404."""
    world.on_change(watch.listener(world))
    gmail = [Route(f"{USER}/{method.path}", call.endpoint(world, method), methods=[method.verb]) for method in METHODS]
    oauth = [Route(path, partial(handler, world), methods=[verb]) for path, handler, verb in _OAUTH]
    answer = partial(batch.answer, world)
    batches = [Route(path, answer, methods=["POST"]) for path in ("/batch", "/batch/gmail/v1")]
    return [*control.routes(world), *gmail, *_uploads(world), *batches, *oauth, *_nowhere()]


def _uploads(world: World) -> list[BaseRoute]:
    """Fixed paths first: PUT goes on with an upload, and must not take `drafts/send` for a draft."""
    methods = sorted((method for method in METHODS if method.media), key=lambda method: "{" in method.path)
    return [
        Route(f"{prefix}{USER}/{method.path}", uploads.endpoint(world, method), methods=[method.verb, "PUT", "DELETE"])
        for method in methods
        for prefix in ("/upload", "/resumable/upload")
    ]


def _nowhere() -> list[BaseRoute]:
    async def nowhere(_request: Request) -> Response:
        return errors.not_found_page()

    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    prefixes = ("/gmail", "/upload", "/resumable", "/batch", "/o/oauth2", "/oauth2")
    return [Route(f"{prefix}/{{rest:path}}", nowhere, methods=every) for prefix in prefixes]
