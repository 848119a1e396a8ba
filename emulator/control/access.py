"""Tokens without a browser, and their end: expired or revoked."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.tokens import new_grant
from emulator.world import World

DEFAULT_CLIENT = "postroom-demo"


def routes(world: World) -> list[Route]:
    on = partial(fields.route, world)
    return [
        on("/tokens", give_tokens),
        on("/expire-token", expire_token),
        on("/revoke", revoke),
        on("/expire-history", expire_history),
    ]


async def give_tokens(world: World, request: Request) -> Response:
    """{address, provider, scopes (list, or text parted by blanks), client_id, lifetime_s} answers a token
    pair.
    """
    values = await fields.json_object(request, {"address", "provider", "scopes", "client_id", "lifetime_s"})
    kind = fields.provider(values)
    if kind is None:
        raise BadInputError("provider", "google or microsoft is wanted")
    scopes = values.get("scopes", [])
    wanted = scopes.split() if isinstance(scopes, str) else fields.strings(values, "scopes")
    if not wanted:
        raise BadInputError("scopes", "at least one scope is wanted")
    box = fields.mailbox(world, fields.text(values, "address"), kind)
    client_id = fields.text(values, "client_id", DEFAULT_CLIENT)
    grant = new_grant(kind, client_id, box.address, wanted)
    lifetime_s = fields.integer(values, "lifetime_s", world.knobs.access_token_lifetime_s, low=1)
    pair = world.tokens.issue(grant, lifetime_s=lifetime_s)
    return JSONResponse(
        {
            "access_token": pair.access.value,
            "refresh_token": pair.refresh.value if pair.refresh else None,
            "expires_in": pair.expires_in,
            "token_type": "Bearer",
            "scope": " ".join(wanted),
            "client_id": client_id,
        },
        201,
    )


async def expire_token(world: World, request: Request) -> Response:
    """{token} ends that one; {address} the address's access tokens, with {"refresh": true} its refresh tokens
    too.
    """
    values = await fields.json_object(request, {"address", "token", "refresh"})
    token = fields.text(values, "token", "")
    if token:
        return JSONResponse({"expired": world.tokens.expire(value=token)})
    box = fields.mailbox(world, fields.text(values, "address"))
    kinds = ("access", "refresh") if fields.flag(values, "refresh", default=False) else ("access",)
    return JSONResponse({"expired": world.tokens.expire(address=box.address, kinds=kinds)})


async def revoke(world: World, request: Request) -> Response:
    """{token} withdraws the grant behind it; {address} every grant of the address."""
    values = await fields.json_object(request, {"address", "token"})
    token = fields.text(values, "token", "")
    if token:
        return JSONResponse({"revoked": int(world.tokens.revoke(token))})
    box = fields.mailbox(world, fields.text(values, "address"))
    return JSONResponse({"revoked": world.tokens.revoke_address(box.address)})


async def expire_history(world: World, request: Request) -> Response:
    """{address}: every cursor given out so far becomes too old (Gmail 404, Graph 410)."""
    values = await fields.json_object(request, {"address"})
    box = fields.mailbox(world, fields.text(values, "address"))
    return JSONResponse({"history_id": box.changes.expire()})
