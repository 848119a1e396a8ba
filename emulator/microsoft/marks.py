"""What Exchange keeps beside a message's MIME: flag, importance, extended properties."""

from __future__ import annotations

import re

from emulator.microsoft import errors
from emulator.microsoft.errors import GraphError
from emulator.microsoft.properties import Json

_EXTENDED_ID = re.compile(r"\w+ (?:\{[0-9a-fA-F-]{36}\} (?:Name|Id) \S.*|0x[0-9a-fA-F]+)")


def read(values: Json) -> Json:
    """What `message.extra` is to keep of a message's JSON. Raises GraphError."""
    extra: Json = {}
    if "importance" in values:
        extra["importance"] = _one_of(values["importance"], "importance", {"low", "normal", "high"})
    if "inferenceClassification" in values:
        wanted = {"focused", "other"}
        extra["inferenceClassification"] = _one_of(values["inferenceClassification"], "inferenceClassification", wanted)
    if "flag" in values:
        flag = values["flag"] if isinstance(values["flag"], dict) else {}
        status = _one_of(flag.get("flagStatus"), "flagStatus", {"notFlagged", "flagged", "complete"})
        extra["flag"] = {**flag, "flagStatus": status}
    if "singleValueExtendedProperties" in values:
        extra["extended"] = _extended(values["singleValueExtendedProperties"])
    return extra


def _extended(value: object) -> list[Json]:
    found: list[Json] = []
    for each in value if isinstance(value, list) else [None]:
        name, text = (each.get("id"), each.get("value")) if isinstance(each, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(text, str):
            raise errors.bad_body("The property 'singleValueExtendedProperties' wants members with id and value.")
        if not _EXTENDED_ID.fullmatch(name):
            raise GraphError(400, "ErrorInvalidArgument", f"The property id '{name[:80]}' is not valid.")
        found.append({"id": name, "value": text})
    return found


def strings(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise errors.bad_body(f"The property '{name}' wants a collection of strings.")
    return list(dict.fromkeys(value))


def boolean(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise errors.bad_body(f"Cannot convert a value of the property '{name}' to the type 'Edm.Boolean'.")
    return value


def _one_of(value: object, name: str, wanted: set[str]) -> str:
    found = next((each for each in wanted if isinstance(value, str) and each.lower() == value.lower()), None)
    if found is None:
        raise errors.bad_body(f"Cannot convert a value of the property '{name}'.")
    return found
