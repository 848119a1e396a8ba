"""Who calls the API: a program with a token, which acts as its member and within its scope. No sessions, so no CSRF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import operations, queries
from accounts.http import TenantRequest
from accounts.models import ApiToken, TokenScope, User
from integrations.problems import Refused
from integrations.throttling import count_outside

if TYPE_CHECKING:  # rest_framework.views imports this module: it needs the classes that settings name.
    from rest_framework.views import APIView

#: ``Bearer`` and a key as `accounts.operations.create_token` makes it.
CREDENTIALS: Final = re.compile(rf"bearer +({operations.TOKEN_PREFIX}[\w-]{{43}}) *", re.IGNORECASE | re.ASCII)
CHALLENGE: Final = 'Bearer realm="Postroom"'
RENEW: Final = "Make a new one in Settings, API tokens."


class TokenAuthentication(BaseAuthentication):
    """Takes the token that `accounts.middleware` has found, or says what is wrong with the one that was sent."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's person and the token; None without an Authorization header. Raises `Refused` or `Throttled`."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        token = cast("TenantRequest", request._request).api_token
        if token is None:
            count_outside(request._request)
            raise refusal(header)
        operations.note_token_use(token)
        return token.membership.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 without any token asks for, in WWW-Authenticate (RFC 6750, section 3)."""
        return CHALLENGE


def refusal(header: str) -> Refused:
    """Why this Authorization header opens nothing, and what to do."""
    credentials = CREDENTIALS.fullmatch(header)
    if credentials is None:
        return _refused("token-malformed", "Write Authorization: Bearer TOKEN; a token begins with prm_.")
    token = queries.refused_token(credentials[1])
    if token is None:
        return _refused("token-unknown", f"No token is like this one: compare it with what you stored. {RENEW}")
    if token.revoked_at is not None:
        return _refused("token-revoked", f"It was revoked on {token.revoked_at:%Y-%m-%d}. {RENEW}")
    if token.expires_at is not None and token.expires_at <= timezone.now():
        return _refused("token-expired", f"It expired on {token.expires_at:%Y-%m-%d}. {RENEW}")
    return _refused("member-deactivated", "Ask the owner or an admin of the account to let the member in again.")


def _refused(code: str, detail: str) -> Refused:
    challenge = f'{CHALLENGE}, error="invalid_token", error_description="{detail}"'
    return Refused(code, detail, headers={"WWW-Authenticate": challenge})


class HasScope(BasePermission):
    """Lets a token in; one that may only read, to read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            count_outside(request._request)
            return False
        if request.method in SAFE_METHODS or token.scope == TokenScope.WRITE:
            return True
        raise Refused(
            "read-only-token",
            "Make a token with the scope Read and write for this.",
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="write"'},
        )
