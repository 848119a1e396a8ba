"""The token endpoint: codes and refresh tokens become token pairs, or AADSTS refusals."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.http import base_url, note
from emulator.microsoft import directory
from emulator.microsoft.entra import clients, consents, metadata
from emulator.microsoft.entra.aadsts import AadstsError, raise_ordered
from emulator.tokens import Grant, Pair, TokenError
from emulator.world import World

REFRESH_LIFETIME_S = 90 * 24 * 3600
"""Of a refresh token that is not used; each use gives a new one."""
_CODE_REFUSALS = {
    "unknown": 70000,
    "used": 54005,
    "expired": 70008,
    "client": 70000,
    "redirect": 500112,
    "verifier": 501481,
}
_REFRESH_REFUSALS = {"unknown": 70000, "expired": 700082, "revoked": 50173, "client": 70000}


@dataclass(frozen=True, slots=True)
class Asked:
    """A token request whose client is who it says."""

    request: Request
    tenant: str
    client: str
    form: Mapping[str, str]

    def require(self, name: str) -> str:
        """Raises AadstsError 900144."""
        value = self.form.get(name, "")
        if not value:
            raise AadstsError(900144, detail=name)
        return value


def routes(world: World) -> list[BaseRoute]:
    async def endpoint(request: Request) -> Response:
        try:
            values = await _answer(world, request)
        except AadstsError as error:
            return JSONResponse(error.body(world, request), error.status, headers=_HEADERS)
        return JSONResponse(values, headers=_HEADERS)

    return [Route("/{tenant}/oauth2/v2.0/token", endpoint, methods=["POST"])]


_HEADERS = {"cache-control": "no-store, no-cache", "pragma": "no-cache"}


async def _answer(world: World, request: Request) -> dict[str, Any]:
    tenant = request.path_params["tenant"]
    if not directory.known_tenant(world, tenant):
        raise AadstsError(90002, detail=tenant)
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise AadstsError(900144, detail="grant_type")
    async with request.form() as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    client, secret = _credentials(request, fields)
    asked = Asked(request, tenant, client, fields)
    grant_type = asked.require("grant_type")
    if not client:
        raise AadstsError(900144, detail="client_id")
    clients.require_client(world, client, tenant)
    clients.require_secret(world, client, secret)
    note(request).client = client
    if grant_type == "authorization_code":
        return _by_code(world, asked)
    if grant_type == "refresh_token":
        return _by_refresh(world, asked)
    raise AadstsError(70003, detail=grant_type)


def _by_code(world: World, asked: Asked) -> dict[str, Any]:
    try:
        code = world.tokens.redeem(
            asked.require("code"),
            provider="microsoft",
            client_id=asked.client,
            redirect_uri=asked.require("redirect_uri"),
            verifier=asked.form.get("code_verifier", ""),
        )
    except TokenError as error:
        suberror = "client_mismatch" if error.reason == "client" else None
        raise AadstsError(
            _CODE_REFUSALS.get(error.reason, 70000),
            client=asked.client,
            detail=asked.form.get("redirect_uri", ""),
            suberror=suberror,
        ) from error
    _check_person(world, asked, code.grant)
    wanted = consents.read_scopes(asked.form.get("scope", "")) or sorted(code.grant.scopes)
    scopes = _granted(world, asked, code.grant, wanted)
    pair = world.tokens.issue(
        code.grant,
        lifetime_s=world.knobs.access_token_lifetime_s,
        scopes=scopes,
        refresh=code.offline,
        refresh_lifetime_s=REFRESH_LIFETIME_S,
    )
    return _values(world, asked, pair, nonce=code.nonce)


def _by_refresh(world: World, asked: Asked) -> dict[str, Any]:
    """A new refresh token each time; the old one stays good for its own time."""
    value = asked.require("refresh_token")
    known = world.tokens.find(value)
    if known is not None:
        _check_person(world, asked, known.grant)
    try:
        grant = world.tokens.renewable(value, provider="microsoft", client_id=asked.client).grant
    except TokenError as error:
        suberror = "client_mismatch" if error.reason == "client" else None
        code = _REFRESH_REFUSALS.get(error.reason, 70000)
        raise AadstsError(code, client=asked.client, suberror=suberror) from error
    wanted = consents.read_scopes(asked.form.get("scope", "")) or sorted(grant.scopes)
    pair = world.tokens.issue(
        grant,
        lifetime_s=world.knobs.access_token_lifetime_s,
        # Judged by consent: a client that was allowed more since may use an older token for it.
        scopes=_granted(world, asked, grant, wanted),
        refresh_lifetime_s=REFRESH_LIFETIME_S,
    )
    return _values(world, asked, pair, nonce="")


def _check_person(world: World, asked: Asked, grant: Grant) -> None:
    raise_ordered(world, grant.address, client=asked.client, user=grant.address)
    if not directory.at_home(grant.address, asked.tenant):
        raise AadstsError(50020, user=grant.address, detail=grant.address.rpartition("@")[2])
    note(asked.request).mailbox = grant.address


def _granted(world: World, asked: Asked, grant: Grant, wanted: list[str]) -> frozenset[str]:
    """What the access token may do. Raises AadstsError 65001 for what nobody allowed."""
    allowed = consents.allowed(world, asked.client, grant.address) | consents.graph_only(grant.scopes)
    if ".default" in wanted:
        return allowed | frozenset(consents.OPENID)
    if not consents.graph_only(wanted) <= allowed:
        raise AadstsError(65001, client=asked.client)
    return allowed | (frozenset(wanted) & frozenset(consents.OPENID))


def _values(world: World, asked: Asked, pair: Pair, *, nonce: str) -> dict[str, Any]:
    grant = pair.access.grant
    values: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": _scope_text(asked, pair.access.scopes),
        "expires_in": pair.expires_in,
        "ext_expires_in": pair.expires_in,
        "access_token": pair.access.value,
    }
    if pair.refresh is not None:
        values["refresh_token"] = pair.refresh.value
    if "openid" in pair.access.scopes | grant.scopes:
        values["id_token"] = _id_token(world, asked, grant, nonce)
    if asked.form.get("client_info") == "1":
        who = {"uid": directory.object_id(grant.address), "utid": directory.home_tenant(grant.address)}
        values["client_info"] = urlsafe_b64encode(json.dumps(who).encode()).rstrip(b"=").decode("ascii")
    return values


def _scope_text(asked: Asked, scopes: frozenset[str]) -> str:
    """Each scope as it was asked for, with or without the resource: clients compare the texts."""
    spelled = {
        each[len(consents.RESOURCE) :].lower(): each
        for each in asked.form.get("scope", "").split()
        if each.lower().startswith(consents.RESOURCE)
    }
    return " ".join(spelled.get(each.lower(), each) for each in sorted(scopes) if each != "offline_access")


def _id_token(world: World, asked: Asked, grant: Grant, nonce: str) -> str:
    now_s = world.clock.now_ms() // 1000
    tenant = directory.home_tenant(grant.address)
    pairwise = blake2b(f"{grant.address}:{asked.client}".encode(), digest_size=32).digest()
    claims = {
        "aud": asked.client,
        "iss": metadata.issuer(base_url(asked.request), tenant),
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + world.knobs.access_token_lifetime_s,
        "name": directory.display_name(grant.address),
        "oid": directory.object_id(grant.address),
        "preferred_username": grant.address,
        "email": grant.address,
        "sub": urlsafe_b64encode(pairwise).rstrip(b"=").decode("ascii"),
        "tid": tenant,
        "ver": "2.0",
    }
    return world.keys.sign({**claims, "nonce": nonce} if nonce else claims)


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """From the form, or from HTTP Basic with both halves form-encoded (RFC 6749 section 2.3.1)."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, secret = b64decode(coded).decode().partition(":")
        except ValueError:
            return form.get("client_id", ""), ""
        return unquote_plus(client), unquote_plus(secret)
    return form.get("client_id", ""), form.get("client_secret", "")
