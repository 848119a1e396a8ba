"""The door of Graph: token, path, scope, mailbox and budget are checked here, in this order, for every call."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Sequence
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.http import PART, bearer, note
from emulator.mailbox import Mailbox
from emulator.microsoft import directory, errors, sending
from emulator.microsoft.calls import ROOT, USER, Call, read_prefer, read_query, short_scopes
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import NoSuchSegmentError, Paths, Place, Rule
from emulator.quota import Refusal
from emulator.tokens import Token, TokenError
from emulator.world import World, WrongProviderError

MAX_BODY = 4 * 1024 * 1024
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]

_TOKEN_MESSAGES = {
    "unknown": "IDX14100: JWT is not well formed, there are no dots (.).",
    "expired": "Lifetime validation failed, the token is expired.",
    "revoked": "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
    "TokenIssuedBeforeRevocationTimestamp",
}
# RFC 7235's challenge as Graph words it, with the id of Graph itself as the client.
_CHALLENGE = (
    'Bearer realm="", authorization_uri="{base}/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)
# {"access_token":{"nbf":{"essential":true,"value":"0"}}} in base64: sign in again, nothing older will do.
_CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIwIn19fQ=="

_STATES = {
    "not-enabled": GraphError(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox."),
    "soft-deleted": GraphError(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    ),
    "moving": GraphError(
        503, "ErrorMailboxMoveInProgress", "Mailbox move in progress. Try again later.", {"Retry-After": "30"}
    ),
    "unavailable": GraphError(
        503, "ErrorMailboxStoreUnavailable", "The mailbox database is temporarily unavailable.", {"Retry-After": "30"}
    ),
}


def routes(world: World, rules: Sequence[Rule]) -> list[BaseRoute]:
    """One route for all of v1.0: Starlette's own know neither keys in brackets nor paths without case."""
    paths = Paths(rules)

    async def endpoint(request: Request) -> Response:
        try:
            response = await _serve(world, paths, request)
        except GraphError as error:
            response = refusal(world, request, error)
        response.headers["request-id"] = _request_id(request)
        response.headers["client-request-id"] = request.headers.get("client-request-id", _request_id(request))
        return response

    return [Route(f"{ROOT}/{{path:path}}", endpoint, methods=METHODS)]


def refusal(world: World, request: Request, error: GraphError) -> Response:
    request_id = _request_id(request)
    body = error.body(
        date=world.clock.now().strftime("%Y-%m-%dT%H:%M:%S"),
        request_id=request_id,
        client_request_id=request.headers.get("client-request-id", request_id),
    )
    return JSONResponse(body, error.status, headers=error.headers)


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body; 413 where it is longer than `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise errors.too_large()
        chunks.append(chunk)
    return b"".join(chunks)


async def _serve(world: World, paths: Paths, request: Request) -> Response:
    token = _authenticate(world, request)
    entry = note(request)
    entry.subject, entry.client, entry.mailbox = token.grant.subject, token.grant.client_id, token.grant.address
    place, rule = _route(paths, request)
    _authorise(world, place, rule, token)
    entry.units = rule.units
    mailbox = _open(world, token.grant.address, mail=rule.scopes != USER)
    call = Call(
        world=world,
        request=request,
        token=token,
        mailbox=mailbox,
        prefer=read_prefer(request.headers.getlist("prefer")),
        query=read_query(request.scope["query_string"].decode("latin-1")),
        body=await read_body(request),
        keys=place.keys,
        folder=place.folder,
    )
    sending.settle(world, mailbox)
    return await _within_budget(call, rule)


async def _within_budget(call: Call, rule: Rule) -> Response:
    """A batch itself costs nothing: its parts do."""
    if rule.units == 0:
        return await _answered(call, rule)
    by_app = call.world.knobs.graph_concurrency_scope == "app"
    client = call.token.grant.client_id
    slot = call.world.quota.admit(call.mailbox.address, "microsoft", rule.units, scope=client if by_app else "")
    if isinstance(slot, Refusal):
        raise _throttled(slot)
    with slot:
        await call.world.pause()
        return await _answered(call, rule)


async def _answered(call: Call, rule: Rule) -> Response:
    result = rule.handler(call)
    response = await result if isinstance(result, Awaitable) else result
    if call.applied:
        response.headers["preference-applied"] = ", ".join(call.applied)
    return response


def _authenticate(world: World, request: Request) -> Token:
    value = bearer(request)
    base = str(request.base_url).rstrip("/")
    challenge = _CHALLENGE.format(base=base)
    if value is None:
        raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.", {"WWW-Authenticate": challenge})
    try:
        return world.tokens.verify(value, "microsoft")
    except TokenError as error:
        if error.reason == "revoked":
            challenge += f', error="insufficient_claims", claims="{_CLAIMS}"'
        elif error.reason == "expired":
            challenge += ', error="invalid_token", error_description="The token is expired."'
        message = _TOKEN_MESSAGES.get(error.reason, "Access token validation failure.")
        raise GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge}) from error


def _route(paths: Paths, request: Request) -> tuple[Place, Rule]:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    below = raw.decode("ascii", "replace")[len(ROOT) :]
    try:
        place = paths.find(below)
    except NoSuchSegmentError as error:
        raise errors.bad_request(f"Resource not found for the segment '{error.segment[:80]}'.") from error
    rule = place.node.rules.get(request.method)
    if rule is None:
        raise GraphError(
            405,
            "BadRequest",
            "Specified HTTP method is not allowed for the request target.",
            {"Allow": ", ".join(sorted(place.node.rules))},
        )
    if rule.units == 0 and request.scope.get(PART):
        raise errors.bad_request("A batch request cannot contain another batch request.")
    return place, rule


def _authorise(world: World, place: Place, rule: Rule, token: Token) -> None:
    """Delegated permissions: enough scopes, and one's own mailbox alone."""
    if rule.scopes and not rule.scopes & short_scopes(token.scopes):
        if rule.scopes == USER:
            raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        raise errors.access_denied()
    own = {
        token.grant.address,
        directory.object_id(token.grant.address),
        *directory.aliases(world, token.grant.address),
    }
    if not place.user or place.user.casefold() in own:
        return
    known = {name for address in world.mailboxes for name in (address, directory.object_id(address))}
    if place.user.casefold() in known:
        raise errors.access_denied()
    raise GraphError(404, "ErrorInvalidUser", f"The requested user '{place.user[:120]}' is invalid.")


def _open(world: World, address: str, *, mail: bool) -> Mailbox:
    """The mailbox of the token; `mail` says that the call is about mail and not about the person alone."""
    state = _STATES.get(world.knobs.graph_mailboxes.get(address, ""))
    if mail and state is not None:
        raise GraphError(state.status, state.code, state.message, dict(state.headers))
    try:
        return world.open(address, "microsoft")
    except WrongProviderError as error:
        raise _STATES["not-enabled"] from error


def _throttled(refused: Refusal) -> GraphError:
    seconds = str(math.ceil(refused.retry_after_ms / 1000))
    if refused.reason == "concurrency":
        message = "Application is over its MailboxConcurrency limit."
        return GraphError(429, "ApplicationThrottled", message, {"Retry-After": seconds})
    return GraphError(429, "TooManyRequests", "Too many requests. Please retry later.", {"Retry-After": seconds})


def _request_id(request: Request) -> str:
    """One id for the answer's header and its body."""
    if not hasattr(request.state, "request_id"):
        request.state.request_id = str(uuid4())
    return str(request.state.request_id)
