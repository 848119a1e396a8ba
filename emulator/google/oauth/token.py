"""The token endpoint and revocation, with the refusals of Google's.

https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulator.google import scopes
from emulator.google.oauth.identity import id_token
from emulator.google.shapes import Json
from emulator.google.state import Client, Google
from emulator.tokens import Pair, TokenError
from emulator.world import World

_FRESH = {"cache-control": "no-cache, no-store, max-age=0, must-revalidate", "pragma": "no-cache"}


class OAuthError(Exception):
    """RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status, headers=_FRESH)


async def exchange(world: World, request: Request) -> Response:
    """POST: a code or a refresh token for an access token."""
    try:
        form = await _form(request)
        grant_type = form.get("grant_type", "")
        if grant_type not in {"authorization_code", "refresh_token"}:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        client = _client(world, request, form)
        issue = _redeem if grant_type == "authorization_code" else _refresh
        return JSONResponse(issue(world, client, form), headers=_FRESH)
    except OAuthError as error:
        return error.response()


async def revoke(world: World, request: Request) -> Response:
    """POST with `token` in query or form: ends all that the person allowed this client."""
    value = request.query_params.get("token") or (await _form(request)).get("token", "")
    if not value:
        return OAuthError("invalid_request", "Required parameter is missing: token").response()
    token = world.tokens.find(value)
    if token is None or token.grant.provider != "google" or token.revoked or token.grant.revoked:
        return JSONResponse({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
    for each in (token, *world.tokens.held("google", token.grant.client_id, token.grant.address)):
        each.grant.revoked = True
    return JSONResponse({})


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _client(world: World, request: Request, form: Mapping[str, str]) -> Client:
    """By HTTP Basic (RFC 6749 section 2.3.1: both parts are form-encoded) or by form fields."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(credentials)
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not client_id:
        raise OAuthError("invalid_request", "Could not determine client ID from request.")
    client = world.section(Google).clients.get(client_id)
    if client is None:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not secret:
        raise OAuthError("invalid_request", "client_secret is missing.")
    if not compare_digest(secret.encode(), client.secret.encode()):
        raise OAuthError("invalid_client", "Unauthorized", 401)
    return client


def _basic(credentials: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (Error, ValueError) as error:
        raise OAuthError("invalid_client", "Unauthorized", 401) from error
    return unquote_plus(client_id), unquote_plus(secret)


def _redeem(world: World, client: Client, form: Mapping[str, str]) -> Json:
    if not form.get("code"):
        raise OAuthError("invalid_request", "Missing required parameter: code")
    verifier = form.get("code_verifier", "")
    try:
        code = world.tokens.redeem(
            form["code"],
            provider="google",
            client_id=client.client_id,
            redirect_uri=form.get("redirect_uri", ""),
            verifier=verifier,
        )
    except TokenError as error:
        raise _refused_code(error, verifier) from error
    pair = world.tokens.issue(
        code.grant,
        lifetime_s=world.knobs.access_token_lifetime_s,
        refresh=code.offline,
        refresh_lifetime_s=world.knobs.google_refresh_lifetime_s or None,
    )
    return _answer(world, client, pair, nonce=code.nonce)


def _refused_code(error: TokenError, verifier: str) -> OAuthError:
    match error.reason:
        case "redirect":
            return OAuthError("redirect_uri_mismatch", "Bad Request")
        case "verifier":
            return OAuthError("invalid_grant", "Invalid code verifier." if verifier else "Missing code verifier.")
        case "client":
            return OAuthError("unauthorized_client", "Unauthorized", 401)
        case "unknown":
            return OAuthError("invalid_grant", "Malformed auth code.")
        case _:
            return OAuthError("invalid_grant", "Bad Request")


def _refresh(world: World, client: Client, form: Mapping[str, str]) -> Json:
    """Google does not rotate: the answer has no refresh token."""
    if not form.get("refresh_token"):
        raise OAuthError("invalid_request", "Missing required parameter: refresh_token")
    wanted = scopes.canonical(form.get("scope", ""))
    try:
        pair = world.tokens.refresh(
            form["refresh_token"],
            provider="google",
            client_id=client.client_id,
            lifetime_s=world.knobs.access_token_lifetime_s,
            scopes=wanted or None,
        )
    except TokenError as error:
        raise _refused_refresh(error) from error
    return _answer(world, client, pair, refreshed=form["refresh_token"])


def _refused_refresh(error: TokenError) -> OAuthError:
    match error.reason:
        case "expired" | "revoked":
            return OAuthError("invalid_grant", "Token has been expired or revoked.")
        case "client":
            return OAuthError("unauthorized_client", "Unauthorized", 401)
        case "scope":
            return OAuthError("invalid_scope", "Bad Request")
        case _:
            return OAuthError("invalid_grant", "Bad Request")


def _answer(world: World, client: Client, pair: Pair, *, nonce: str = "", refreshed: str = "") -> Json:
    """`refresh_token_expires_in` comes with grants that end by themselves (knob `google_refresh_lifetime_s`)."""
    answer: Json = {
        "access_token": pair.access.value,
        "expires_in": pair.expires_in,
        "scope": " ".join(sorted(pair.access.scopes)),
        "token_type": "Bearer",
    }
    renewal = pair.refresh or world.tokens.find(refreshed)
    if pair.refresh:
        answer["refresh_token"] = pair.refresh.value
    if renewal and renewal.expires_ms is not None:
        answer["refresh_token_expires_in"] = max(0, (renewal.expires_ms - world.clock.now_ms()) // 1000)
    if "openid" in pair.access.scopes:
        answer["id_token"] = id_token(world, client, pair, nonce)
    return answer
