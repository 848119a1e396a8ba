"""Who somebody is: id_token, userinfo, the keys to check signatures by, and the OpenID configuration."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulator.google.scopes import EMAIL, PROFILE
from emulator.google.shapes import Json
from emulator.google.state import Client, GmailBox
from emulator.http import base_url, bearer, note
from emulator.mailbox import Mailbox
from emulator.tokens import Pair, Token, TokenError
from emulator.world import World

ISSUER = "https://accounts.google.com"
ID_TOKEN_LIFETIME_S = 3600


def display_name(box: Mailbox) -> str:
    """The name that control set, else one made of the address."""
    local = box.address.partition("@")[0]
    return box.section(GmailBox).name or " ".join(local.replace(".", " ").replace("_", " ").split()).title()


def id_token(world: World, client: Client, pair: Pair, nonce: str) -> str:
    """OpenID Connect Core section 2; `at_hash` is its section 3.1.3.6."""
    now_s = world.clock.now_ms() // 1000
    digest = sha256(pair.access.value.encode()).digest()[:16]
    claims: Json = {
        "iss": ISSUER,
        "azp": client.client_id,
        "aud": client.client_id,
        "iat": now_s,
        "exp": now_s + ID_TOKEN_LIFETIME_S,
        "at_hash": urlsafe_b64encode(digest).decode().rstrip("="),
        **_claims(world, pair.access),
    }
    if nonce:
        claims["nonce"] = nonce
    return world.keys.sign(claims)


async def userinfo(world: World, request: Request) -> Response:
    """GET or POST with a token that has openid, email or profile."""
    try:
        token = world.tokens.verify(bearer(request) or request.query_params.get("access_token", ""), "google")
    except TokenError:
        body = {"error": "invalid_request", "error_description": "Invalid Credentials"}
        challenge = f'Bearer realm="{ISSUER}/", error="invalid_request"'
        return JSONResponse(body, 401, headers={"www-authenticate": challenge})
    entry = note(request)
    entry.mailbox, entry.subject, entry.client = token.grant.address, token.grant.subject, token.grant.client_id
    if not token.scopes & {"openid", EMAIL, PROFILE}:
        body = {"error": "access_denied", "error_description": "Request had insufficient authentication scopes."}
        return JSONResponse(body, 403)
    claims = _claims(world, token)
    if request.url.path.endswith("/v2/userinfo"):
        renamed = {"sub": "id", "email_verified": "verified_email"}
        claims = {renamed.get(name, name): value for name, value in claims.items()}
    return JSONResponse(claims)


async def jwks(world: World, _request: Request) -> Response:
    return JSONResponse(world.keys.jwks())


async def certificates(world: World, _request: Request) -> Response:
    return JSONResponse(world.keys.x509_map())


async def configuration(_world: World, request: Request) -> Response:
    """The endpoints, at this address; the issuer stays Google's, since the tokens carry it."""
    root = base_url(request)
    return JSONResponse(
        {
            "issuer": ISSUER,
            "authorization_endpoint": f"{root}/o/oauth2/v2/auth",
            "token_endpoint": f"{root}/token",
            "userinfo_endpoint": f"{root}/v1/userinfo",
            "revocation_endpoint": f"{root}/revoke",
            "jwks_uri": f"{root}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    )


def _claims(world: World, token: Token) -> Json:
    address = token.grant.address
    claims: Json = {"sub": token.grant.subject}
    if EMAIL in token.scopes:
        claims |= {"email": address, "email_verified": True, "hd": address.rpartition("@")[2]}
    if PROFILE in token.scopes:
        name = display_name(world.mailbox(address))
        claims |= {"name": name, "given_name": name.partition(" ")[0], "family_name": name.rpartition(" ")[2]}
    return claims
