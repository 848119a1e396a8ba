"""The `fields` parameter: a partial response, as https://developers.google.com/gmail/api/guides/performance says.

`a,b/c,d(e,f/g),*`: commas part, a slash goes down, parentheses group, a star takes everything.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.google.errors import GoogleError
from emulator.google.shapes import Json, Shape

Mask = dict[str, "Mask | None"]
"""Names to keep with what to keep of them; None keeps a field whole."""

_TOKEN = re.compile(r"[(),/]|[^(),/\s]+|\s+")
MAX_DEPTH = 20


def parse(text: str, shape: Shape) -> Mask:
    """Raises GoogleError for bad syntax and for fields that `shape` has not."""
    reader = _Reader([token for token in _TOKEN.findall(text) if not token.isspace()], text)
    mask = reader.selection(depth=0)
    if reader.peek() is not None or not mask:
        raise _bad(text)
    _check(mask, shape, "")
    return mask


def apply(value: Any, mask: Mask | None) -> Any:
    """What the mask leaves of an answer; an object left empty stays, as an empty one."""
    if mask is None or "*" in mask:
        return value
    if isinstance(value, list):
        return [apply(each, mask) for each in value]
    if isinstance(value, dict):
        return {name: apply(value[name], inner) for name, inner in mask.items() if name in value}
    return value


class _Reader:
    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 0

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def selection(self, depth: int) -> Mask:
        mask: Mask = {}
        while True:
            name, inner = self._path(depth)
            mask[name] = _merged(mask[name], inner) if name in mask else inner
            if self.peek() != ",":
                return mask
            self._at += 1

    def _path(self, depth: int) -> tuple[str, Mask | None]:
        name = self.peek()
        if name is None or name in "(),/" or depth > MAX_DEPTH:
            raise _bad(self._text)
        self._at += 1
        if self.peek() == "/":
            self._at += 1
            below, inner = self._path(depth + 1)
            return name, {below: inner}
        if self.peek() == "(":
            self._at += 1
            inside = self.selection(depth + 1)
            if self.peek() != ")":
                raise _bad(self._text)
            self._at += 1
            return name, inside
        return name, None


def _merged(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return None
    names = [*one, *(name for name in other if name not in one)]
    return {
        name: _merged(one[name], other[name]) if name in one and name in other else {**other, **one}[name]
        for name in names
    }


def _check(mask: Mask, shape: Shape, above: str) -> None:
    for name, inner in mask.items():
        if name == "*":
            continue
        path = f"{above}{name}"
        below = shape.get(name)
        if below is None or (inner is not None and not isinstance(below, dict)):
            raise _bad(path)
        if inner is not None and isinstance(below, dict):
            _check(inner, below, f"{path}/")


def _bad(path: str) -> GoogleError:
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    violation: Json = {"field": path, "description": description}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return GoogleError(400, "Request contains an invalid argument.", "badRequest", details=details)
