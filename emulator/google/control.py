"""Control of what is Google's alone, under /_control/google/: OAuth clients, Pub/Sub topics, send-as addresses."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.control import fields
from emulator.control.fields import BadInputError
from emulator.google.settings import send_as
from emulator.google.state import DEMO_PROJECT, Alias, Client, GmailBox, Google, Topic
from emulator.google.watch import ACCOUNT
from emulator.world import World, normal_address

_PREFIX = "/_control/google"
_ALIAS = {
    "sendAsEmail",
    "displayName",
    "replyToAddress",
    "signature",
    "verificationStatus",
    "isDefault",
    "treatAsAlias",
}


def routes(world: World) -> list[Route]:
    on = partial(fields.route, world)
    return [
        on(f"{_PREFIX}/clients", list_clients, "GET"),
        on(f"{_PREFIX}/clients", add_client),
        on(f"{_PREFIX}/topics", list_topics, "GET"),
        on(f"{_PREFIX}/topics", add_topic),
        on(f"{_PREFIX}/accounts/{{address}}", describe_account, "PUT"),
    ]


async def list_clients(world: World, _request: Request) -> Response:
    return JSONResponse({"clients": [asdict(each) for each in world.section(Google).clients.values()]})


async def add_client(world: World, request: Request) -> Response:
    """{client_id, secret, redirect_uris, project, name}; without redirect_uris any loopback address will do."""
    values = await fields.json_object(request, {"client_id", "secret", "redirect_uris", "project", "name"})
    uris = tuple(fields.strings(values, "redirect_uris")) if "redirect_uris" in values else None
    client = Client(
        client_id=fields.text(values, "client_id"),
        secret=fields.text(values, "secret"),
        project=fields.text(values, "project", DEMO_PROJECT),
        redirect_uris=uris,
        name=fields.text(values, "name", "Postroom"),
    )
    world.section(Google).clients[client.client_id] = client
    return JSONResponse(asdict(client), 201)


async def list_topics(world: World, _request: Request) -> Response:
    return JSONResponse({"topics": [asdict(each) for each in world.section(Google).topics.values()]})


async def add_topic(world: World, request: Request) -> Response:
    """{topic: "projects/P/topics/T", endpoint, audience, subscription, account}: a topic and its push subscription."""
    known = {"topic", "endpoint", "audience", "subscription", "account"}
    values = await fields.json_object(request, known)
    name = fields.text(values, "topic")
    if not (name.startswith("projects/") and "/topics/" in name):
        raise BadInputError("topic", "projects/PROJECT/topics/TOPIC is wanted")
    endpoint = fields.text(values, "endpoint")
    topic = Topic(
        name=name,
        endpoint=endpoint,
        audience=fields.text(values, "audience", endpoint),
        subscription=fields.text(values, "subscription", name.replace("/topics/", "/subscriptions/")),
        account=fields.text(values, "account", ACCOUNT),
    )
    world.section(Google).topics[name] = topic
    return JSONResponse(asdict(topic), 201)


async def describe_account(world: World, request: Request) -> Response:
    """{name, sendAs: [as in the API's SendAs]}: the person's name, and all aliases anew."""
    values = await fields.json_object(request, {"name", "sendAs"})
    box = fields.mailbox(world, request.path_params["address"], "google")
    given = values.get("sendAs", [])
    if not isinstance(given, list):
        raise BadInputError("sendAs", "a list of aliases is wanted")
    aliases = [_alias(each) for each in given]
    state = box.section(GmailBox)
    state.name = fields.text(values, "name", state.name)
    if "sendAs" in values:
        state.aliases = {each.address: each for each in aliases}
    return JSONResponse({"address": box.address, "name": state.name, "sendAs": send_as(box)})


def _alias(values: Any) -> Alias:
    if not isinstance(values, dict) or values.keys() - _ALIAS:
        raise BadInputError("sendAs", f"objects of {', '.join(sorted(_ALIAS))} are wanted")
    try:
        address = normal_address(fields.text(values, "sendAsEmail"))
    except ValueError as error:
        raise BadInputError("sendAsEmail", str(error)) from error
    return Alias(
        address=address,
        name=fields.text(values, "displayName", ""),
        reply_to=fields.text(values, "replyToAddress", ""),
        signature=fields.text(values, "signature", ""),
        verified=fields.text(values, "verificationStatus", "accepted") == "accepted",
        default=fields.flag(values, "isDefault", default=False),
        treat_as_alias=fields.flag(values, "treatAsAlias", default=True),
    )
