"""A call to Gmail on its way to its handler: who asks, in which mailbox, for what, and whether that may be."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from emulator.google import mask, quota
from emulator.google.errors import GoogleError, error_info, forbidden, out_of_reach, scope_insufficient, unauthenticated
from emulator.google.params import Param, Query, read_body
from emulator.google.scopes import headers_only
from emulator.google.shapes import NOTHING, Json, Shape
from emulator.google.state import GmailBox
from emulator.http import bearer, note
from emulator.mailbox import Mailbox
from emulator.requestlog import Entry
from emulator.tokens import Token, TokenError
from emulator.world import World, WrongProviderError

MAX_JSON = 5 * 1024 * 1024
Handler = Callable[["Call"], Json | None]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the API. `id` is the discovery document's without "gmail.users.", `path` is below the user.

    `handler` answers the resource, or None for an empty 204. `media` says that it takes uploads as well.
    """

    id: str
    verb: str
    path: str
    scopes: frozenset[str]
    handler: Handler
    query: Mapping[str, Param] = field(default_factory=dict)
    body: Shape = field(default_factory=dict)
    answer: Shape = field(default_factory=lambda: NOTHING)
    media: bool = False


@dataclass(slots=True)
class Call:
    """What a handler gets. `media` is the uploaded message, None where there was no upload."""

    world: World
    box: Mailbox
    token: Token
    path: Mapping[str, str]
    query: Query
    entry: Entry
    body: Json = field(default_factory=dict)
    media: bytes | None = None

    @property
    def state(self) -> GmailBox:
        return self.box.section(GmailBox)

    @property
    def own(self) -> frozenset[str]:
        """The addresses that the mailbox may send as."""
        return frozenset({self.box.address, *(each.address for each in self.state.aliases.values() if each.verified)})

    @property
    def headers_only(self) -> bool:
        return headers_only(self.token.scopes)


def endpoint(world: World, method: Method) -> Callable[[Request], Awaitable[Response]]:
    """The plain form of a method: JSON in, JSON out."""

    async def handle(request: Request) -> Response:
        try:
            call = prepare(world, method, request)
            call.body = read_body(await read(request, MAX_JSON), method.body)
            return await perform(method, call)
        except GoogleError as error:
            return error.response()

    return handle


def prepare(
    world: World,
    method: Method,
    request: Request,
    *,
    token: str = "",
    query: str | None = None,
    path: Mapping[str, str] | None = None,
) -> Call:
    """Everything that is refused before the work: credentials, scopes, parameters, whose mailbox it is.

    A later part of an upload brings token, query and path from its beginning. Raises GoogleError.
    """
    asked = request.url.query if query is None else query
    pairs = parse_qsl(asked, keep_blank_values=True)
    named = dict(pairs)
    granted = _authenticate(
        world, token or bearer(request) or named.get("access_token") or named.get("oauth_token") or ""
    )
    entry = note(request)
    entry.subject, entry.client = granted.grant.subject, granted.grant.client_id
    entry.mailbox = granted.grant.address
    if not granted.scopes & method.scopes:
        raise scope_insufficient(f"gmail.users.{method.id}", " ".join(sorted(method.scopes)))
    parameters = Query(pairs, method.query)
    _check_standard(parameters, method)
    given = dict(request.path_params if path is None else path)
    if given.pop("userId").lower() not in {"me", granted.grant.address}:
        raise forbidden(f"Delegation denied for {granted.grant.address}")
    return Call(world, _open(world, granted.grant.address), granted, given, parameters, entry)


async def perform(method: Method, call: Call) -> Response:
    """Pay for the call, do it, answer it. Raises GoogleError."""
    cost = quota.units(call.world, call.box.address, method.id)
    call.entry.units = cost
    with quota.admit(call.world, call.box.address, cost):
        await call.world.pause()
        result = method.handler(call)
    if result is None:
        return Response(status_code=204)
    return _rendered(call, method, result)


async def read(request: Request, most: int) -> bytes:
    """The body. Raises GoogleError (413) past `most` bytes, without reading on."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise GoogleError(413, f"Request payload size exceeds the limit: {most} bytes.", "uploadTooLarge")
        chunks.append(chunk)
    return b"".join(chunks)


def _authenticate(world: World, value: str) -> Token:
    if not value:
        raise unauthenticated(missing=True)
    try:
        return world.tokens.verify(value, "google")
    except TokenError as error:
        raise unauthenticated(missing=False) from error


def _open(world: World, address: str) -> Mailbox:
    if state := world.knobs.google_mailboxes.get(address):
        raise out_of_reach(state)
    try:
        return world.open(address, "google")
    except WrongProviderError as error:
        raise out_of_reach("not-enabled") from error


def _check_standard(query: Query, method: Method) -> None:
    """The parameters that every method has. No API key is known here, so each one is a wrong one."""
    if query.text("key"):
        details = [error_info("API_KEY_INVALID", {"service": "gmail.googleapis.com"})]
        message = "API key not valid. Please pass a valid API key."
        raise GoogleError(400, message, "badRequest", details=details)
    if query.choice("alt", "json") != "json":
        raise GoogleError(400, f"Unsupported response format: {query.text('alt')}", "badRequest")
    if query.text("fields"):
        mask.parse(query.text("fields"), method.answer)


def _rendered(call: Call, method: Method, result: Json) -> Response:
    if fields := call.query.text("fields"):
        result = mask.apply(result, mask.parse(fields, method.answer))
    indent = 2 if call.query.text("prettyPrint") == "true" else None
    text = json.dumps(result, ensure_ascii=False, indent=indent, separators=(",", ": " if indent else ":"))
    return Response(text.encode("utf-8", "replace"), media_type="application/json; charset=UTF-8")
