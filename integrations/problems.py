"""Every error of the API in one shape: RFC 9457 problem details.

`KINDS` is the whole list of problems there are; `docs/api.md` explains them to integrators. `problem_of` is
the one table from exceptions, ours and the libraries', to problems.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Final

import structlog
from django.core import exceptions as django_exceptions
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from rest_framework import exceptions, permissions
from rest_framework.settings import api_settings

from accounts.http import TenantRequest
from crm.lib.pagination import BadCursor
from crm.lib.rest import InvalidParameters, PreconditionFailed

log = structlog.get_logger("integrations.problems")
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:postroom:problem:"


@dataclass(frozen=True)
class Kind:
    """A sort of problem: ``code`` ends its type, a URN that never changes."""

    code: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return TYPE_PREFIX + self.code


KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind("malformed-json", 400, "The body is not JSON"),
        Kind("invalid", 400, "Some fields are not right"),
        Kind("invalid-parameters", 400, "Some query parameters are not right"),
        Kind("bad-cursor", 400, "The cursor does not fit this list"),
        Kind("bad-idempotency-key", 400, "The Idempotency-Key cannot be used"),
        Kind("bad-request", 400, "The request cannot be understood"),
        Kind("token-missing", 401, "A token is needed"),
        Kind("token-malformed", 401, "The Authorization header holds no token"),
        Kind("token-unknown", 401, "The token is not known"),
        Kind("token-expired", 401, "The token has expired"),
        Kind("token-revoked", 401, "The token was revoked"),
        Kind("member-deactivated", 401, "The token's member is deactivated"),
        Kind("read-only-token", 403, "The token may only read"),
        Kind("forbidden", 403, "A right is missing"),
        Kind("not-found", 404, "There is nothing here"),
        Kind("method-not-allowed", 405, "The method is not allowed here"),
        Kind("not-acceptable", 406, "The answer has no such format"),
        Kind("changed-meanwhile", 412, "The object has changed meanwhile"),
        Kind("too-large", 413, "The body is too large"),
        Kind("unsupported-media-type", 415, "The body has another format"),
        Kind("idempotency-mismatch", 422, "The Idempotency-Key was used for something else"),
        Kind("throttled", 429, "Too many requests"),
        Kind("internal", 500, "Something went wrong on our side"),
        Kind("unavailable", 503, "Postroom is not available"),
    )
}
#: What an error that came from elsewhere (a middleware, Django itself) is, by its status.
BY_STATUS: Final = {kind.status: kind for kind in reversed(KINDS.values())} | {
    400: KINDS["bad-request"],
    403: KINDS["forbidden"],
}


@dataclass(frozen=True)
class Problem:
    """One problem: what is wrong this time, in ``detail`` with its remedy, and field by field in ``errors``."""

    kind: Kind
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(exceptions.APIException):
    """Raise it to answer a problem from anywhere below an API view."""

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.problem = Problem(KINDS[code], detail, headers=headers or {})
        super().__init__(detail, code)


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler: answers the problem, and sees to it that a failed request changes nothing."""
    request: TenantRequest = context["request"]._request
    problem = problem_of(exc)
    if problem.kind.status >= 500:
        log.error("api.failed", path=request.path, exc_info=exc)
        # For those who listen to Django's own failures: error trackers, and the test client.
        got_request_exception.send(sender=type(context["view"]), request=request)
    # TenantMiddleware undoes what a failed request has written; a failed read, only the token's last use.
    if request.method not in permissions.SAFE_METHODS:
        request.failed = True
    headers = {"WWW-Authenticate": exc.auth_header} if hasattr(exc, "auth_header") else {}
    return response_to(request, problem, headers)


def response_to(request: HttpRequest, problem: Problem, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem as a response to ``request``."""
    body: dict[str, Any] = {
        "type": problem.kind.type,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": request.path,
        "request_id": structlog.contextvars.get_contextvars().get("request", ""),
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    return JsonResponse(
        body, status=problem.kind.status, content_type=MEDIA_TYPE, headers={**(headers or {}), **problem.headers}
    )


# --- From exceptions to problems ----------------------------------------------------------------


@singledispatch
def problem_of(exc: Exception) -> Problem:
    """What an exception is to the caller; one that nobody expected tells nothing of our inside (S2)."""
    return Problem(
        KINDS["internal"], "It is logged under this answer's request_id, and nothing was changed. Try again later."
    )


@problem_of.register
def _(exc: exceptions.APIException) -> Problem:
    return Problem(BY_STATUS.get(exc.status_code, KINDS["internal"]), str(exc.detail))


@problem_of.register
def _(exc: Refused) -> Problem:
    return exc.problem


@problem_of.register
def _(exc: exceptions.ParseError) -> Problem:
    return Problem(KINDS["malformed-json"], f"{exc.detail}. Send one JSON object, in UTF-8.")


@problem_of.register
def _(exc: exceptions.ValidationError) -> Problem:
    return Problem(KINDS["invalid"], "Nothing was saved: see errors, one entry a fault.", list(body_errors(exc.detail)))


@problem_of.register
def _(exc: InvalidParameters) -> Problem:
    errors = [{"parameter": path[0] if path else "", "detail": text} for path, text in flatten(exc.detail)]
    return Problem(KINDS["invalid-parameters"], "See errors, one entry a parameter.", errors)


@problem_of.register
def _(exc: BadCursor) -> Problem:
    return Problem(KINDS["bad-cursor"], str(exc), [{"parameter": "cursor", "detail": str(exc)}])


@problem_of.register
def _(exc: exceptions.NotAuthenticated) -> Problem:
    return Problem(
        KINDS["token-missing"],
        "Send the header Authorization: Bearer TOKEN. Make a token in Settings, API tokens.",
    )


@problem_of.register(django_exceptions.PermissionDenied)
@problem_of.register(exceptions.PermissionDenied)
def _(exc: Exception) -> Problem:
    kind = KINDS.get(getattr(getattr(exc, "detail", None), "code", ""), KINDS["forbidden"])
    return Problem(kind, str(exc) or "You may not do this.")


@problem_of.register(Http404)
@problem_of.register(exceptions.NotFound)
def _(exc: Exception) -> Problem:
    # One sentence for "not there" and "not yours": which of them it is, is nobody's business (S1).
    return Problem(KINDS["not-found"], "No such object exists, or it is not visible to this token's member.")


@problem_of.register
def _(exc: PreconditionFailed) -> Problem:
    return Problem(KINDS["changed-meanwhile"], str(exc.detail))


@problem_of.register
def _(exc: exceptions.NotAcceptable) -> Problem:
    return Problem(KINDS["not-acceptable"], "Answers are application/json: ask for that, or for */*, in Accept.")


@problem_of.register
def _(exc: exceptions.UnsupportedMediaType) -> Problem:
    return Problem(KINDS["unsupported-media-type"], "Send JSON, and say so: Content-Type: application/json.")


@problem_of.register
def _(exc: exceptions.Throttled) -> Problem:
    wait = max(1, math.ceil(getattr(exc, "wait", None) or 1))
    return Problem(
        KINDS["throttled"],
        f"Try again in {wait} second{'s' if wait > 1 else ''}, and slow down: see the RateLimit headers.",
        headers={"Retry-After": str(wait)},
    )


@problem_of.register
def _(exc: django_exceptions.RequestDataTooBig) -> Problem:
    return Problem(KINDS["too-large"], "Send less at once.")


@problem_of.register(django_exceptions.SuspiciousOperation)
@problem_of.register(UnreadablePostError)
def _(exc: Exception) -> Problem:
    return Problem(KINDS["bad-request"], "The request broke off, or holds something that no honest client sends.")


# --- Field by field -----------------------------------------------------------------------------


def body_errors(detail: Any) -> Iterator[dict[str, str]]:
    """The faults of a JSON body: ``field`` in dots, ``pointer`` as RFC 6901, section 6, writes it in a fragment."""
    for path, text in flatten(detail):
        pointer = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
        yield {"field": ".".join(path), "pointer": f"#{pointer}", "detail": text}


def flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path and sentence of each leaf of DRF's nested error lists and dictionaries."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from flatten(inner, path if name == api_settings.NON_FIELD_ERRORS_KEY else (*path, str(name)))
    elif isinstance(detail, list | tuple):
        # A list of sentences belongs to the field itself, a list of anything else to the field's items.
        nested = any(isinstance(inner, Mapping | list | tuple) for inner in detail)
        for number, inner in enumerate(detail):
            yield from flatten(inner, (*path, str(number)) if nested else path)
    else:
        yield path, str(detail)
