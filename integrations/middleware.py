"""What holds for every answer below /api/, whoever gives it: a view, a middleware, or Django in distress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from integrations.problems import BY_STATUS, KINDS, MEDIA_TYPE, Problem, response_to
from integrations.throttling import Allowance

ROOT: Final = "/api/"


class ApiMiddleware:
    """Turns error pages into problems, and tells how many calls are left.

    Stands before all that may fail: a request refused for its Host header, and a database that is away,
    speak RFC 9457 as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(ROOT):
            return response
        if response.status_code >= 400 and response.get("Content-Type") != MEDIA_TYPE:
            response = _as_problem(request, response.status_code)
        # What a token may see is its own; it may be kept, but not shown again without asking us.
        response.setdefault("Cache-Control", "private, no-cache")
        allowance: Allowance | None = getattr(request, "allowance", None)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response[name] = value
        return response


def _as_problem(request: HttpRequest, status: int) -> HttpResponse:
    kind = BY_STATUS.get(status, KINDS["internal" if status >= 500 else "bad-request"])
    return response_to(request, Problem(kind, f"{kind.title}. The server's log has more under the request_id."))
