"""Admin consent: an administrator allows scopes for everybody of a tenant.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulator.microsoft import directory
from emulator.microsoft.entra import clients, consents, pages
from emulator.microsoft.entra.aadsts import AadstsError
from emulator.world import World


def routes(world: World) -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        try:
            tenant, scopes = _read(world, request)
        except AadstsError as error:
            return pages.failed(world, request, error)
        return pages.render(
            "adminconsent.html",
            client=request.query_params["client_id"],
            tenant=tenant,
            scopes=consents.descriptions(scopes),
            action=f"?{request.url.query}",
        )

    async def decide(request: Request) -> Response:
        try:
            tenant, scopes = _read(world, request)
        except AadstsError as error:
            return pages.failed(world, request, error)
        async with request.form() as form:
            accepted = form.get("decision") == "accept"
        return _decided(world, request, tenant, scopes, accepted=accepted)

    return [
        Route(path, endpoint, methods=[method])
        for path in ("/{tenant}/v2.0/adminconsent", "/{tenant}/adminconsent")
        for endpoint, method in ((page, "GET"), (decide, "POST"))
    ]


def _read(world: World, request: Request) -> tuple[str, list[str]]:
    tenant, query = request.path_params["tenant"], request.query_params
    # A consent is for one organisation, so the common names do not say whose.
    if tenant in directory.ANY_TENANT and not world.mailboxes:
        raise AadstsError(90002, detail=tenant)
    if not directory.known_tenant(world, tenant):
        raise AadstsError(90002, detail=tenant)
    for name in ("client_id", "redirect_uri"):
        if not query.get(name):
            raise AadstsError(900144, detail=name)
    clients.require_client(world, query["client_id"], tenant)
    clients.require_redirect(world, query["client_id"], query["redirect_uri"])
    return _tenant_id(world, tenant), consents.read_scopes(query.get("scope", ".default"))


def _tenant_id(world: World, tenant: str) -> str:
    """For the common names, that of the first organisation there is: its administrator is the one signed in."""
    if tenant in directory.ANY_TENANT:
        return directory.home_tenant(next(iter(world.mailboxes)))
    return directory.tenant_id(tenant) if "." in tenant else tenant


def _decided(world: World, request: Request, tenant: str, scopes: list[str], *, accepted: bool) -> Response:
    query = request.query_params
    back = query["redirect_uri"]
    state = {"state": query["state"]} if query.get("state") else {}
    if not accepted:
        error = AadstsError(65004)
        description = error.description(world, request)
        refused = {"error": error.error, "error_subcode": "cancel", "error_description": description}
        return pages.send_back(back, {"admin_consent": "True", "tenant": tenant, **refused, **state}, "query")
    asked = [name for name, _ in consents.GRAPH_SCOPES.values()] if ".default" in scopes else scopes
    consents.consent_for_all(world, query["client_id"], tenant, asked)
    allowed = " ".join(f"{consents.RESOURCE}{name}" for name in sorted(consents.graph_only(asked)))
    return pages.send_back(back, {"admin_consent": "True", "tenant": tenant, "scope": allowed, **state}, "query")
