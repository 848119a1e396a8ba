"""What drf-spectacular cannot see of the API: how one comes in, and every problem that one may be answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from integrations.problems import KINDS, MEDIA_TYPE, TYPE_PREFIX, Kind

Schema = dict[str, Any]
ABOUT: Final = """
The contacts of your account, and every email to and from them.

- **Token.** Make one in Settings, API tokens, and send it as `Authorization: Bearer TOKEN`. It acts as you:
  it sees what you see and may do what you may do, or only read.
- **Pages.** Lists answer `{next, previous, results}`. Follow `next` until it is null; `limit` takes 1 to 200.
- **Errors** are problem details (RFC 9457). Rely on `type` and `status`; `detail` is for people and may change.
- **Once.** A POST with an `Idempotency-Key` that is sent again within 24 hours is not done again.
- **Versions.** Send a contact's `ETag` back in `If-Match`, and nobody's change is overwritten unseen.
- **Limits.** `RateLimit-Remaining` says how many calls are left, `RateLimit-Reset` for how many seconds.
"""
TAGS: Final = {
    "index": "Where to begin.",
    "contacts": "The people your team writes with.",
    "emails": "Every email with your contacts: for whom it is stored, and what is in it.",
    "threads": "Conversations, across all mailboxes of the account.",
    "notes": "What somebody wrote down about a contact.",
    "tags": "Words that contacts carry, the same for the whole account.",
    "filters": "Saved criteria for lists of contacts.",
    "mailboxes": "The connected mailboxes of the token's member.",
    "me": "The member that a token acts as.",
}
METHODS: Final = {"get", "post", "put", "patch", "delete"}
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "What is wrong (RFC 9457). `type` never changes; `detail` is for people.",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "enum": [kind.type for kind in KINDS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong this time, and what to do."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string", "description": "Under which our logs have this request."},
        "errors": {
            "type": "array",
            "description": "Fault by fault: `field` and `pointer` (RFC 6901) in the body, or `parameter` in the URL.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "field": {"type": "string"},
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
#: Name of the response -> its status, what it means.
RESPONSES: Final = {
    "BadRequest": (400, "The body or a query parameter is not right: see `errors`."),
    "Unauthenticated": (401, "The token is missing, malformed, unknown, expired or revoked."),
    "Forbidden": (403, "The token may only read, or its member lacks a right."),
    "NotFound": (404, "No such object exists, or the token's member may not see it."),
    "NotAcceptable": (406, "The Accept header asks for something other than JSON."),
    "Changed": (412, "The object is no longer what If-Match says, or what this call needs it to be."),
    "TooLarge": (413, "The body is larger than 1 MiB."),
    "Unsupported": (415, "The body is not JSON."),
    "Mismatch": (422, "The Idempotency-Key was used for another request."),
    "Throttled": (429, "Too many requests: wait for `Retry-After` seconds."),
    "Failed": (500, "Something went wrong on our side, and nothing was changed."),
}
MEANINGS: Final = {"200": "Here it is.", "201": "It was made."}
SECONDS: Final[Schema] = {"schema": {"type": "integer"}, "description": "Seconds."}
HEADERS: Final[Schema] = {
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "How many calls the window allows."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "How many of them are left."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the next window begins."},
}
IDEMPOTENCY_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of your own making, such as a UUID: sent twice within 24 hours, it is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # Its metaclass is untyped.
    target_class = "integrations.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from Settings, API tokens. It acts as its member, to read or to write.",
        }


class Operation(AutoSchema):
    """One operation; it is described by its `extend_schema` alone, since docstrings are for ourselves."""

    def get_description(self) -> str:  # type: ignore[override]  # As the library's own class has it.
        return ""

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else super().get_tags()


class Generator(SchemaGenerator):
    """Makes the schema once a process: it is the same for everybody, and takes a while."""

    _made: Schema | None = None

    def get_schema(self, request: Any = None, public: bool = False) -> Schema:
        if Generator._made is None or settings.DEBUG:
            Generator._made = super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]  # Untyped library.
        return Generator._made


def add_problems(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Adds to every operation the problems it may answer, the key that makes a POST safe to repeat, and the limits."""
    result["info"]["description"] = ABOUT
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["headers"] = HEADERS
    for name, schema in components["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    components["responses"] = {name: _response(*RESPONSES[name]) for name in RESPONSES}
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                _complete(path, method, operation)
    return result


def _complete(path: str, method: str, operation: Schema) -> None:
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    missing, stale = (operation["responses"].pop(status, None) for status in ("404", "412"))
    for status, response in operation["responses"].items():
        response["description"] = response["description"] or MEANINGS[status]
        response.setdefault("headers", {}).update({name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS})
    for name in _problems(path, method, operation, may_miss=missing is not None, may_be_stale=stale is not None):
        operation["responses"][str(RESPONSES[name][0])] = {"$ref": f"#/components/responses/{name}"}


def _problems(path: str, method: str, operation: Schema, *, may_miss: bool, may_be_stale: bool) -> Iterator[str]:
    yield from ("BadRequest", "Unauthenticated", "NotAcceptable", "Throttled", "Failed")
    if method != "get":
        yield "Forbidden"
    if may_miss or "{" in path:
        yield "NotFound"
    if "requestBody" in operation:
        yield from ("TooLarge", "Unsupported")
    if may_be_stale or any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
        yield "Changed"
    if method == "post":
        yield "Mismatch"


def _example(kind: Kind) -> Schema:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": "What is wrong this time, and what to do.",
        "instance": "/api/v1/contacts/",
        "request_id": "5f0c1ad7e0f84a3f8d2b7c7f5d1c9b42",
    }


def _response(status: int, meaning: str) -> Schema:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    response: Schema = {
        "description": f"{meaning} Types: {', '.join(f'`{TYPE_PREFIX}{kind.code}`' for kind in kinds)}.",
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(kinds[-1])},
        },
    }
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == 429:
        response["headers"] = {"Retry-After": SECONDS}
    return response
