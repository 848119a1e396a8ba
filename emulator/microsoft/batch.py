"""`$batch`: up to 20 calls in one, each with its own answer (https://learn.microsoft.com/graph/json-batching)."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from emulator.http import Answer, subrequest
from emulator.microsoft import errors
from emulator.microsoft.calls import ROOT, Call, answer
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json

MAX_PARTS = 20
_FIELDS = {"id", "method", "url", "headers", "body", "dependsOn"}
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Part:
    """`after` are the ids that have to succeed first."""

    id: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    after: tuple[str, ...]


async def run(call: Call) -> Response:
    """Parts without an order start together, so that more than four for one mailbox can meet its limit."""
    parts = _read(call)
    answers: dict[str, Json] = {}
    waiting = list(parts)
    while waiting:
        ready = [part for part in waiting if all(each in answers for each in part.after)]
        waiting = [part for part in waiting if part not in ready]
        results = await asyncio.gather(*(_answer(call, part, answers) for part in ready))
        answers.update({part.id: result for part, result in zip(ready, results, strict=True)})
    return answer(call, {"responses": list(answers.values())})


async def _answer(call: Call, part: Part, before: Mapping[str, Json]) -> Json:
    if any(before[each]["status"] >= 400 for each in part.after):
        error = GraphError(424, "FailedDependency", "A request that this one depends on has failed.")
        return {
            "id": part.id,
            "status": 424,
            "headers": {},
            "body": error.body(date="", request_id="", client_request_id=""),
        }
    headers = {"authorization": call.request.headers.get("authorization", ""), **part.headers}
    found = await subrequest(call.request, part.method, ROOT + part.url, headers=headers.items(), body=part.body)
    return {"id": part.id, "status": found.status, "headers": _headers(found), **_body(call, found)}


def _headers(found: Answer) -> dict[str, str]:
    return {
        "-".join(word.capitalize() for word in name.split("-")): value
        for name, value in found.headers.items()
        if name != "content-length"
    }


def _body(call: Call, found: Answer) -> Json:
    """JSON as it is; anything else as a string, of base64 or (knob `batch_mime`) of the text itself."""
    if not found.body:
        return {}
    if "json" in found.headers.get("content-type", ""):
        return {"body": json.loads(found.body)}
    if call.world.knobs.batch_mime == "text":
        return {"body": found.body.decode("utf-8", "replace")}
    return {"body": b64encode(found.body).decode("ascii")}


def _read(call: Call) -> list[Part]:
    """All the parts, or, where one of them is wrong, a refusal of the whole batch."""
    given = call.json({"requests"}).get("requests")
    if not isinstance(given, list) or not given:
        raise errors.bad_request("Invalid batch payload format.")
    if len(given) > MAX_PARTS:
        raise errors.bad_request(f"Number of batch request steps exceeds the max value of {MAX_PARTS}.")
    parts: list[Part] = []
    for each in given:
        part = _part(each)
        if part.id.casefold() in {other.id.casefold() for other in parts}:
            raise errors.bad_request(f"Request Id has duplicates : {part.id}")
        # What a part depends on has to stand before it, which leaves no room for circles.
        if not set(part.after) <= {other.id for other in parts}:
            raise errors.bad_request(f"Invalid dependency for request Id : {part.id}")
        parts.append(part)
    return parts


def _part(given: object) -> Part:
    if not isinstance(given, dict) or given.keys() - _FIELDS:
        raise errors.bad_request("Invalid batch payload format.")
    name = given.get("id")
    if not isinstance(name, str) or not name:
        raise errors.bad_request("Request id is missing or is no string.")
    method, url = _method(name, given.get("method")), _url(name, given.get("url"))
    headers, after = _given_headers(name, given.get("headers") or {}), _after(name, given.get("dependsOn") or [])
    return Part(name, method, url, headers, _content(name, given, headers), after)


def _method(name: str, value: object) -> str:
    if not isinstance(value, str) or value.upper() not in _METHODS:
        raise errors.bad_request(f"The method of request {name} is missing or not supported.")
    return value.upper()


def _url(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or "://" in value:
        raise errors.bad_request(f"Invalid request url : {name}: a relative one is wanted.")
    return f"/{value.lstrip('/')}"


def _given_headers(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise errors.bad_request(f"The headers of request {name} are not an object of strings.")
    return value


def _after(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise errors.bad_request(f"Invalid dependency for request Id : {name}")
    return tuple(value)


def _content(name: str, given: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    """JSON again, or the bytes or text of a string."""
    if given.get("body") is None:
        return b""
    kind = next((value for key, value in headers.items() if key.lower() == "content-type"), "")
    if not kind:
        raise errors.bad_request(f"Write request id : {name} does not contain Content-Type header or body.")
    body = given["body"]
    if "json" in kind.lower():
        return json.dumps(body).encode()
    if not isinstance(body, str):
        raise errors.bad_request(f"The body of request {name} is no string.")
    if kind.lower().startswith("text/plain"):
        return body.encode()  # As a message's MIME has it: base64 to the part itself.
    try:
        return b64decode(body, validate=True)
    except ValueError as error:
        raise errors.bad_request(f"The body of request {name} is not base64.") from error


RULES = [Rule("POST", "$batch", run, units=0)]
