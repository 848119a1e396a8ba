"""The discovery document that google-api-python-client ships: turned to the emulator, and into JSON Schema.

Every answer that the client reads in these tests passes through `CheckedRequest`, so an answer with a field
too many, or of another type than Google's, fails the test that got it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
from googleapiclient.http import HttpRequest
from jsonschema import Draft202012Validator

Json = dict[str, Any]
PATTERNS = {"uint64": r"^\d+$", "int64": r"^-?\d+$", "byte": r"^[A-Za-z0-9_-]*={0,2}$"}
KEPT = ("type", "enum", "$ref")


@cache
def document() -> Json:
    path = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "gmail.v1.json"
    read: Json = json.loads(path.read_text())
    return read


def at(url: str) -> Json:
    """The document for an emulator: methods, batches and uploads all follow the root."""
    return {**document(), "rootUrl": f"{url}/", "baseUrl": f"{url}/"}


@cache
def methods() -> dict[str, Json]:
    """Every method of the API by its id."""
    found: dict[str, Json] = {}
    waiting = [document()]
    while waiting:
        resource = waiting.pop()
        found |= {method["id"]: method for method in resource.get("methods", {}).values()}
        waiting.extend(resource.get("resources", {}).values())
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    """For a resource by its name; nothing that the document does not name is allowed."""
    schemas = {each: _schema(schema) for each, schema in document()["schemas"].items()}
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas})


def check(method_id: str, answer: Any) -> None:
    response = methods()[method_id].get("response")
    if response is None:
        assert answer == "", f"{method_id} answers nothing, not {answer!r}"
    else:
        validator(response["$ref"]).validate(answer)


class CheckedRequest(HttpRequest):  # type: ignore[misc]  # The client has no types.
    """A request whose answer is checked, alone and in a batch."""

    def __init__(self, http: Any, postproc: Any, *args: Any, **named: Any) -> None:
        def checked(response: Any, content: Any) -> Any:
            answer = postproc(response, content)
            if "fields=" not in self.uri:
                check(str(self.methodId), answer)
            return answer

        super().__init__(http, checked, *args, **named)


def _schema(given: Json) -> Json:
    schema = {key: value for key, value in given.items() if key in KEPT}
    if "$ref" in schema:
        schema["$ref"] = f"#/$defs/{schema['$ref']}"
    if given.get("format") in PATTERNS:
        schema["pattern"] = PATTERNS[given["format"]]
    if given.get("type") == "object":
        schema["properties"] = {name: _schema(each) for name, each in given.get("properties", {}).items()}
        schema["additionalProperties"] = False
    if "items" in given:
        schema["items"] = _schema(given["items"])
    return schema
