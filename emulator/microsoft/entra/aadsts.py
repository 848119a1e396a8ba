"""Refusals of Entra by their AADSTS codes.

Clients are told to branch on `error` and `suberror`; codes and texts are for people
(https://learn.microsoft.com/entra/identity-platform/reference-error-codes). The pairing of code and suberror is
partly known from practice alone: knob `aadsts_suberrors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.requests import Request

from emulator.http import base_url
from emulator.world import World


@dataclass(frozen=True, slots=True)
class Refusal:
    error: str
    text: str
    suberror: str = ""
    status: int = 400


_GRANT = "invalid_grant"
TABLE = {
    50011: Refusal(
        "invalid_request",
        "The redirect URI '{detail}' specified in the request does not match the redirect URIs configured for the "
        "application '{client}'.",
    ),
    50020: Refusal(_GRANT, "User account '{user}' from identity provider '{detail}' does not exist in this tenant."),
    50034: Refusal(_GRANT, "The user account {user} does not exist in the directory."),
    50057: Refusal(_GRANT, "The user account is disabled."),
    50058: Refusal("login_required", "A silent sign-in request was sent but no user is signed in."),
    50076: Refusal(
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "use multi-factor authentication to access '{client}'.",
        "basic_action",
    ),
    50079: Refusal("interaction_required", "The user must enroll in multi-factor authentication.", "basic_action"),
    50158: Refusal("interaction_required", "External security challenge was not satisfied.", "additional_action"),
    50173: Refusal(
        _GRANT,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have "
        "changed or reset their password.",
        "bad_token",
    ),
    50196: Refusal(_GRANT, "The server terminated an operation because it encountered a client request loop."),
    53000: Refusal("interaction_required", "The device is not in the required device state.", "message_only"),
    53003: Refusal("interaction_required", "Access has been blocked by Conditional Access policies.", "message_only"),
    54005: Refusal(
        _GRANT,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing "
        "refresh token.",
    ),
    65001: Refusal(
        _GRANT,
        "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive "
        "authorization request for this user and resource.",
        "consent_required",
    ),
    65004: Refusal("access_denied", "User declined to consent to access the app."),
    70000: Refusal(_GRANT, "Provided grant is invalid or malformed."),
    70003: Refusal("unsupported_grant_type", "The app requested an unsupported grant type '{detail}'."),
    70008: Refusal(_GRANT, "The provided authorization code or refresh token has expired due to inactivity."),
    70011: Refusal("invalid_scope", "The provided value for the input parameter 'scope' is not valid: {detail}."),
    70043: Refusal(
        _GRANT,
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        "token_expired",
    ),
    90002: Refusal(
        "invalid_request", "Tenant '{detail}' not found. Check to make sure you have the correct tenant ID."
    ),
    90033: Refusal("temporarily_unavailable", "A transient error has occurred. Please try again.", status=503),
    90094: Refusal("access_denied", "Administrator consent is required for the permissions requested by '{client}'."),
    500112: Refusal(
        "invalid_client",
        "The reply address '{detail}' does not match the reply address provided when requesting Authorization code.",
        status=401,
    ),
    501481: Refusal(
        _GRANT, "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    ),
    700016: Refusal(
        "unauthorized_client", "Application with identifier '{client}' was not found in the directory '{detail}'."
    ),
    700051: Refusal("unsupported_response_type", "The response_type '{detail}' is not enabled for the application."),
    700082: Refusal(
        _GRANT,
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
        "bad_token",
    ),
    700084: Refusal(
        _GRANT,
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed lifetime.",
        "bad_token",
    ),
    900144: Refusal("invalid_request", "The request body must contain the following parameter: '{detail}'."),
    7000215: Refusal(
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID, for a secret added to app '{client}'.",
        status=401,
    ),
    7000218: Refusal(
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    ),
    7000222: Refusal("invalid_client", "The provided client secret keys for app '{client}' are expired.", status=401),
    9002313: Refusal("invalid_request", "Invalid request. Request is malformed or invalid."),
}


class AadstsError(Exception):
    """A refusal by its code; `client`, `user` and `detail` fill its text."""

    def __init__(
        self, code: int, *, client: str = "", user: str = "", detail: str = "", suberror: str | None = None
    ) -> None:
        super().__init__(f"AADSTS{code}")
        self.code = code
        self.refusal = TABLE.get(code, Refusal(_GRANT, "The request was refused."))
        self.suberror = self.refusal.suberror if suberror is None else suberror
        self.text = self.refusal.text.format(client=client[:80], user=user[:80], detail=detail[:200])

    @property
    def error(self) -> str:
        return self.refusal.error

    @property
    def status(self) -> int:
        return self.refusal.status

    def body(self, world: World, request: Request) -> dict[str, Any]:
        """The JSON of the token endpoint."""
        trace, correlation = str(uuid4()), request.headers.get("client-request-id") or str(uuid4())
        stamp = world.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
        values = {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {stamp}",
            "error_codes": [self.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{base_url(request)}/error?code={self.code}",
        }
        suberror = world.knobs.aadsts_suberrors.get(str(self.code), self.suberror)
        return {**values, "suberror": suberror} if suberror else values

    def description(self, world: World, request: Request) -> str:
        return str(self.body(world, request)["error_description"])


def raise_ordered(world: World, *names: str, client: str = "", user: str = "") -> None:
    """Raise what the knob `aadsts` orders for an address or client id."""
    for name in names:
        code = world.knobs.aadsts.get(name, "").upper().removeprefix("AADSTS")
        if code.isdecimal():
            raise AadstsError(int(code), client=client, user=user)
