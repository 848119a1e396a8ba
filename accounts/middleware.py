"""Opens the scope of the tenant that a request belongs to, before any view or authentication runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import operations, queries
from accounts.http import TenantRequest
from accounts.models import ApiToken, Membership
from crm.lib.tenancy import tenant_scope

TENANT_KEY = "tenant"
API = "/api/"
View = TypeVar("View", bound=Callable[..., Any])


class TenantMiddleware:
    """Finds the member by session or token, and runs the rest of the request in their tenant's scope.

    The scope is the request's transaction (belt 2): a view that raises, or a response that says so
    by its status 500, rolls it back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: TenantRequest) -> HttpResponse:
        token, memberships = (None, []) if _is_marked(request, "outside_tenants") else self._find(request)
        membership = memberships[0] if memberships else None
        request.api_token = token
        request.membership = membership
        request.other_memberships = memberships[1:]
        if membership is None:
            return self.get_response(request)
        # The request's log line is written after the scope has ended.
        structlog.contextvars.bind_contextvars(tenant=membership.tenant_id, member=membership.pk)
        if token is None:
            operations.note_presence(membership)
        # Programs read UTC; people their own time.
        with timezone.override("UTC" if token else membership.user.timezone):
            if _is_marked(request, "between_scopes") and not (token and request.method == "POST"):
                return self.get_response(request)
            return self._within_scope(request, membership.tenant_id)

    def _within_scope(self, request: HttpRequest, tenant_id: int) -> HttpResponse:
        with tenant_scope(tenant_id):
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "failed", False):
                transaction.set_rollback(True)
            return response

    def process_exception(self, request: TenantRequest, exception: Exception) -> None:
        """Django turns exceptions into responses below us: remember that there was one."""
        request.failed = True

    def _find(self, request: HttpRequest) -> tuple[ApiToken | None, list[Membership]]:
        """The token of a program, and the memberships, the one that the request is about first.

        A token counts below /api/ alone, where its scope is enforced, and a session everywhere else.
        """
        if request.path_info.startswith(API):
            scheme, _, key = request.headers.get("Authorization", "").partition(" ")
            token = queries.token_by_key(key.strip()) if scheme.lower() == "bearer" else None
            return token, [token.membership] if token else []
        if not request.user.is_authenticated:
            return None, []
        chosen = request.session.get(TENANT_KEY)
        return None, sorted(queries.memberships_of(request.user), key=lambda found: found.tenant_id != chosen)


def outside_tenants(view: View) -> View:
    """Marks a view that works across tenants (switching, accepting an invitation): it opens its own scopes."""
    view.outside_tenants = True  # type: ignore[attr-defined]
    return view


def between_scopes(view: View) -> View:
    """Marks a member's view that talks to the network (E1): it opens a scope before and another after, by itself.

    A program's POST has one all the same: its ``Idempotency-Key`` is taken in it.
    """
    view.between_scopes = True  # type: ignore[attr-defined]
    return view


def _is_marked(request: HttpRequest, mark: str) -> bool:
    try:
        return getattr(resolve(request.path_info).func, mark, False)
    except Resolver404:
        return False


class SessionActivityMiddleware(UserSessionsMiddleware):
    """Keeps "last seen" in the list of sessions true to the minute, rather than write on every request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and not cache.add(f"session-seen:{key}", 1, timeout=60):
            return self.get_response(request)
        return super().__call__(request)
