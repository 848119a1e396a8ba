"""What the log-in says of itself: OpenID configuration, keys, and the list of its own host names."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.http import base_url
from emulator.microsoft import directory
from emulator.microsoft.entra.aadsts import AadstsError
from emulator.world import World


def routes(world: World) -> list[BaseRoute]:
    async def configuration(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        if not directory.known_tenant(world, tenant):
            error = AadstsError(90002, detail=tenant)
            return JSONResponse({**error.body(world, request), "error": "invalid_tenant"}, 400)
        return JSONResponse(_configuration(base_url(request), tenant))

    async def keys(_request: Request) -> Response:
        return JSONResponse(world.keys.jwks())

    async def instance(request: Request) -> Response:
        host = request.url.netloc
        place = f"{base_url(request)}/common/v2.0/.well-known/openid-configuration"
        names = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        return JSONResponse({"tenant_discovery_endpoint": place, "api-version": "1.1", "metadata": [names]})

    return [
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{tenant}/discovery/v2.0/keys", keys),
    ]


def issuer(base: str, tenant: str) -> str:
    return f"{base}/{tenant}/v2.0"


def _configuration(base: str, tenant: str) -> dict[str, object]:
    """For the common tenants the issuer is a template, as in Entra's own document."""
    own = "{tenantid}" if tenant in directory.ANY_TENANT else directory.tenant_id(tenant) if "." in tenant else tenant
    root = f"{base}/{tenant}"
    return {
        # msal refuses a token endpoint without https, so it needs an http_client that asks for https as http;
        # the page below is opened by a browser, which has none.
        "token_endpoint": f"https://{root.partition('://')[2]}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer(base, own),
        "request_uri_parameter_supported": False,
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "preferred_username",
            "name",
            "tid",
            "oid",
            "ver",
        ],
        "tenant_region_scope": "EU",
        "msgraph_host": base.partition("://")[2],
    }
