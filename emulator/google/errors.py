"""Google's refusals: the JSON body of its APIs, and the HTML page where no API answers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, JSONResponse, Response

from emulator.google.shapes import Json

REALM = 'Bearer realm="https://accounts.google.com/"'
_STATES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
}
_NOT_FOUND_PAGE = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>"
    "<p><b>404.</b> <ins>That’s an error.</ins><p>The requested URL was not found on this server."
)


class GoogleError(Exception):
    """A refusal. `reason` is that of `error.errors[0]`, `state` that of `error.status`.

    `note` replaces the message inside `errors`, `more` adds to that entry, `details` are google.rpc objects.
    """

    def __init__(
        self,
        status: int,
        message: str,
        reason: str,
        *,
        state: str = "",
        domain: str | None = "global",
        note: str = "",
        more: Mapping[str, str] | None = None,
        details: list[Json] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        entry = {"message": note or message, "reason": reason, **(more or {})}
        if domain is not None:
            entry["domain"] = domain
        error: Json = {
            "code": status,
            "message": message,
            "errors": [entry],
            "status": state or _STATES.get(status, "UNKNOWN"),
        }
        if details:
            error["details"] = details
        self.body: Json = {"error": error}
        self._headers = dict(headers or {})

    def response(self) -> Response:
        return JSONResponse(self.body, self.status, headers=self._headers)


def invalid(message: str) -> GoogleError:
    """400 for a value that the method itself refuses."""
    return GoogleError(400, message, "invalidArgument")


def unbindable(message: str, field: str = "") -> GoogleError:
    """400 for a request that does not fit the method's parameters or body at all."""
    violation = {"field": field, "description": message} if field else {"description": message}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return GoogleError(400, message, "invalid", domain=None, details=details)


def not_found() -> GoogleError:
    return GoogleError(404, "Requested entity was not found.", "notFound")


# Refusals of a whole mailbox by their names in the knob `google_mailboxes`: (status, reason, state, domain, message).
_OUT_OF_REACH = {
    "not-enabled": (400, "failedPrecondition", "FAILED_PRECONDITION", "global", "Mail service not enabled"),
    "precondition": (400, "failedPrecondition", "FAILED_PRECONDITION", "global", "Precondition check failed."),
    "domain-policy": (
        *(403, "domainPolicy", "PERMISSION_DENIED", "global"),
        "The domain administrators have disabled Gmail apps.",
    ),
    "not-configured": (
        *(403, "accessNotConfigured", "PERMISSION_DENIED", "usageLimits"),
        "Gmail API has not been used in project 1010101010 before or it is disabled.",
    ),
    "daily-limit": (403, "dailyLimitExceeded", "PERMISSION_DENIED", "usageLimits", "Daily Limit Exceeded"),
}


def out_of_reach(state: str) -> GoogleError:
    """Of a mailbox that the API cannot serve; an unknown state counts as "not-enabled"."""
    status, reason, code, domain, message = _OUT_OF_REACH.get(state, _OUT_OF_REACH["not-enabled"])
    return GoogleError(status, message, reason, state=code, domain=domain)


def forbidden(message: str) -> GoogleError:
    return GoogleError(403, message, "forbidden")


def unauthenticated(*, missing: bool) -> GoogleError:
    """401 without credentials, or with such that are unknown, expired or revoked."""
    if missing:
        message = (
            "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie "
            "or other valid authentication credential. "
            "See https://developers.google.com/identity/sign-in/web/devconsole-project."
        )
        note, reason, challenge, cause = "Login Required.", "required", REALM, "CREDENTIALS_MISSING"
    else:
        message = (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential. "
            "See https://developers.google.com/identity/sign-in/web/devconsole-project."
        )
        note, reason, cause = "Invalid Credentials", "authError", "ACCESS_TOKEN_INVALID"
        challenge = f'{REALM}, error="invalid_token"'
    return GoogleError(
        401,
        message,
        reason,
        note=note,
        more={"location": "Authorization", "locationType": "header"},
        details=[error_info(cause, {"service": "gmail.googleapis.com"})],
        headers={"www-authenticate": challenge},
    )


def scope_insufficient(method: str, wanted: str) -> GoogleError:
    return GoogleError(
        403,
        "Request had insufficient authentication scopes.",
        "insufficientPermissions",
        note="Insufficient Permission",
        details=[
            error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {"service": "gmail.googleapis.com", "method": method}),
        ],
        headers={"www-authenticate": f'{REALM}, error="insufficient_scope", scope="{wanted}"'},
    )


def error_info(reason: str, metadata: Mapping[str, str]) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": dict(metadata),
    }


def not_found_page() -> Response:
    """What answers below a Google host where no method is, or not with that verb."""
    return HTMLResponse(_NOT_FOUND_PAGE, 404)
