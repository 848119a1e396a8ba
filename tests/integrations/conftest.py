"""What the tests of the API share."""

from __future__ import annotations

from typing import Any, Protocol

from integrations.schema import Generator

MEDIA_TYPE = "application/problem+json"


class Answer(Protocol):
    """What a test client's response has, for our purpose."""

    status_code: int

    @property
    def headers(self) -> Any: ...
    def json(self) -> Any: ...


def problem(response: Answer, status: int, code: str) -> dict[str, Any]:
    """The problem that the response is; fails unless it is whole and of this kind."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, response.headers["Content-Type"]) == (status, MEDIA_TYPE)
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= body.keys()
    assert (body["status"], body["type"]) == (status, f"urn:postroom:problem:{code}")
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


def schema() -> dict[str, Any]:
    """The OpenAPI schema, as /api/schema/ answers it."""
    made: dict[str, Any] = Generator().get_schema(public=True)  # type: ignore[no-untyped-call]  # Untyped library.
    return made
