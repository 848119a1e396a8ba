"""The authorize page: choose an account, allow or refuse, and go back with a code."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulator.http import note
from emulator.microsoft import directory
from emulator.microsoft.entra import clients, consents, pages
from emulator.microsoft.entra.aadsts import AadstsError, raise_ordered
from emulator.tokens import new_grant
from emulator.world import World, WrongProviderError, normal_address

MAX_ACCOUNTS = 50
PROMPTS = frozenset({"", "login", "none", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request whose client and reply address are right."""

    tenant: str
    client: str
    redirect_uri: str
    scopes: list[str]
    state: str
    mode: str
    nonce: str
    challenge: str
    challenge_method: str
    login_hint: str
    prompt: str


def routes(world: World) -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        return _guarded(world, request, lambda asked: _show(world, request, asked))

    async def decide(request: Request) -> Response:
        async with request.form() as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return _guarded(world, request, lambda asked: _decide(world, request, asked, fields))

    path = "/{tenant}/oauth2/v2.0/authorize"
    return [Route(path, page, methods=["GET"]), Route(path, decide, methods=["POST"])]


def _guarded(world: World, request: Request, work: Callable[[Asked], Response]) -> Response:
    """Refusals as the protocol wants them: on a page while the reply address is unsure, back to it after."""
    query = request.query_params
    back, mode, state = query.get("redirect_uri", ""), query.get("response_mode", "query"), query.get("state", "")
    try:
        _require_reply(world, request)
    except AadstsError as error:
        return pages.failed(world, request, error)
    try:
        return work(_read(request))
    except AadstsError as error:
        values = {"error": error.error, "error_description": error.description(world, request)}
        return pages.send_back(back, values | ({"state": state} if state else {}), mode)


def _require_reply(world: World, request: Request) -> None:
    tenant, query = request.path_params["tenant"], request.query_params
    if not directory.known_tenant(world, tenant):
        raise AadstsError(90002, detail=tenant)
    for name in ("client_id", "redirect_uri"):
        if not query.get(name):
            raise AadstsError(900144, detail=name)
    note(request).client = query["client_id"]
    clients.require_client(world, query["client_id"], tenant)
    clients.require_redirect(world, query["client_id"], query["redirect_uri"])


def _read(request: Request) -> Asked:
    query = request.query_params
    for name in ("response_type", "scope"):
        if not query.get(name):
            raise AadstsError(900144, detail=name)
    if query["response_type"] != "code":
        raise AadstsError(700051, detail=query["response_type"])
    mode = query.get("response_mode", "query")
    method = query.get("code_challenge_method", "")
    if mode not in {"query", "form_post"} or method not in {"", "plain", "S256"}:
        raise AadstsError(9002313)
    if query.get("prompt", "") not in PROMPTS:
        raise AadstsError(9002313)
    return Asked(
        tenant=request.path_params["tenant"],
        client=query["client_id"],
        redirect_uri=query["redirect_uri"],
        scopes=consents.read_scopes(query["scope"]),
        state=query.get("state", ""),
        mode=mode,
        nonce=query.get("nonce", ""),
        challenge=query.get("code_challenge", ""),
        challenge_method=method,
        login_hint=query.get("login_hint", "").strip(),
        prompt=query.get("prompt", ""),
    )


def _show(world: World, request: Request, asked: Asked, *, error: str = "", typed: str = "") -> Response:
    """Nobody stays signed in here, so `prompt=none` cannot succeed."""
    if asked.prompt == "none":
        raise AadstsError(50058)
    accounts = sorted(
        address
        for address, mailbox in world.mailboxes.items()
        if mailbox.provider == "microsoft" and directory.at_home(address, asked.tenant)
    )[:MAX_ACCOUNTS]
    hint = typed or asked.login_hint
    return pages.render(
        "authorize.html",
        400 if error else 200,
        client=asked.client,
        scopes=consents.descriptions(asked.scopes),
        accounts=[(address, directory.display_name(address)) for address in accounts],
        hint=hint.lower(),
        chosen=hint.lower() if hint.lower() in accounts else "" if hint else next(iter(accounts), ""),
        error=error,
        action=f"?{request.url.query}",
    )


def _decide(world: World, request: Request, asked: Asked, form: dict[str, str]) -> Response:
    if form.get("decision") != "accept":
        raise AadstsError(65004)
    # Without scripts typing an address does not tick the radio button beside it, so what is typed counts first.
    typed = form.get("other", "").strip() or form.get("account", "")
    try:
        address = normal_address(typed)
    except ValueError:
        return _show(world, request, asked, error="Enter an address such as bob@northwind.example.", typed=typed)
    _require_person(world, asked, address)
    if consents.wants_admin(world, asked.client, address, asked.scopes):
        raise AadstsError(90094, client=asked.client)
    consents.consent(world, asked.client, address, asked.scopes)
    code = world.tokens.authorize(
        new_grant("microsoft", asked.client, address, {*consents.allowed(world, asked.client, address), *asked.scopes}),
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        challenge_method=asked.challenge_method,
        nonce=asked.nonce,
        offline="offline_access" in asked.scopes,
    )
    values = {"code": code.value, "session_state": secrets.token_hex(16)}
    return pages.send_back(asked.redirect_uri, values | ({"state": asked.state} if asked.state else {}), asked.mode)


def _require_person(world: World, asked: Asked, address: str) -> None:
    """Raises AadstsError for people who cannot sign in here."""
    raise_ordered(world, address, client=asked.client, user=address)
    if not directory.at_home(address, asked.tenant):
        raise AadstsError(50020, user=address, detail=address.rpartition("@")[2])
    try:
        world.open(address, "microsoft")
    except WrongProviderError as error:
        raise AadstsError(50034, user=address) from error
