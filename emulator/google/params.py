"""Reading what a call carries: query parameters and JSON bodies, each checked against what the method declares."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulator.google.errors import GoogleError, invalid, unbindable
from emulator.google.shapes import Field, Json, Shape

Kind = Literal["text", "texts", "whole", "flag"]
_STANDARD: Mapping[str, tuple[str, ...]] = {
    "$.xgafv": ("1", "2"),
    "alt": ("json", "media", "proto"),
    "prettyPrint": ("true", "false"),
    "access_token": (),
    "oauth_token": (),
    "callback": (),
    "fields": (),
    "key": (),
    "quotaUser": (),
    "uploadType": (),
    "upload_protocol": (),
    "upload_id": (),
}
_HUMP = re.compile(r"_([a-z])")
_MAX_WHOLE = (1 << 32) - 1
_WHOLE = re.compile(r"[0-9]{1,10}")
_LISTS = frozenset({"headers", "parts", "messages"})
"""The fields of a body that hold objects by the list; any other holds one."""


@dataclass(frozen=True, slots=True)
class Param:
    """A query parameter of a method; `choices` are the values of an enum."""

    kind: Kind = "text"
    choices: tuple[str, ...] = ()


TEXT, TEXTS, WHOLE, FLAG = Param(), Param("texts"), Param("whole"), Param("flag")


class Query:
    """The query of a call. Names may be spelt in camelCase or in snake_case, as with any Google API.

    Raises GoogleError for a name that the method has not and for a value of the wrong type.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], params: Mapping[str, Param]) -> None:
        self._values: dict[str, list[str]] = {}
        for given, value in pairs:
            name = given if given in _STANDARD else _HUMP.sub(lambda found: found[1].upper(), given)
            if name not in params and name not in _STANDARD:
                raise unbindable(
                    f'Invalid JSON payload received. Unknown name "{given}": Cannot bind query parameter. '
                    f"Field '{given}' could not be found in request message."
                )
            self._values.setdefault(name, []).append(value)
        for name, values in self._values.items():
            _check(name, values, params.get(name) or Param(choices=_STANDARD[name]))

    def text(self, name: str, default: str = "") -> str:
        """The last value, as Google takes it where one is given twice."""
        values = self._values.get(name)
        return values[-1] if values else default

    def texts(self, name: str) -> list[str]:
        return [value for value in self._values.get(name, []) if value]

    def whole(self, name: str, default: int) -> int:
        return int(self.text(name) or default)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    def choice(self, name: str, default: str) -> str:
        return self.text(name).lower() or default

    def page_size(self, *, default: int = 100, most: int = 500) -> int:
        """maxResults: 0 is refused, more than the most is cut."""
        size = self.whole("maxResults", default) if self.text("maxResults") else default
        if size == 0:
            raise invalid("Invalid maxResults")
        return min(size, most)


def _check(name: str, values: list[str], param: Param) -> None:
    spelt = re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)
    for value in values:
        if param.choices and value.lower() not in {choice.lower() for choice in param.choices}:
            raise unbindable(f"Invalid value at '{spelt}' (TYPE_ENUM), \"{value}\"", spelt)
        if param.kind == "whole" and not (_WHOLE.fullmatch(value) and int(value) <= _MAX_WHOLE):
            raise unbindable(f"Invalid value at '{spelt}' (TYPE_UINT32), \"{value}\"", spelt)
        if param.kind == "flag" and value.lower() not in {"true", "false"}:
            raise unbindable(f"Invalid value at '{spelt}' (TYPE_BOOL), \"{value}\"", spelt)


def read_body(data: bytes, shape: Shape) -> Json:
    """The JSON object of a body, {} where there is none. Raises GoogleError where `shape` does not fit it."""
    if not data.strip():
        return {}
    try:
        values = json.loads(data)
        # A lone surrogate is JSON but no text: nothing could be sent or stored of it.
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise GoogleError(
            400, "Invalid JSON payload received. Expected a JSON object.", "parseError", note="Parse Error"
        ) from error
    if not isinstance(values, dict):
        raise unbindable('Invalid JSON payload received. Unknown name "": Root element must be a message.')
    _fit(values, shape, "")
    return values


def _fit(values: Json, shape: Shape, above: str) -> None:
    at = f" at '{above}'" if above else ""
    for name, value in values.items():
        field = shape.get(name)
        if field is None:
            raise unbindable(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.', above)
        if value is not None:
            _fit_value(value, field, f"{above}.{name}" if above else name)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdigit())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


#: What Google calls each type of field, and what fits it.
_VALUES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("STRING", _is_text),
    "bytes": ("BYTES", lambda value: isinstance(value, str)),
    "whole": ("INT32", _is_whole),
    "flag": ("BOOL", lambda value: isinstance(value, bool)),
    "texts": ("STRING", _are_texts),
}


def _fit_value(value: Any, field: Field, path: str) -> None:
    if isinstance(field, dict):
        many = isinstance(value, list) and path.rpartition(".")[2] in _LISTS
        for each in value if many else [value]:
            if not isinstance(each, dict):
                raise unbindable(f"Invalid value at '{path}' (TYPE_MESSAGE), {json.dumps(each)[:200]}", path)
            _fit(each, field, path)
        return
    kind, fits = _VALUES[field]
    if not fits(value):
        raise unbindable(f"Invalid value at '{path}' (TYPE_{kind}), {json.dumps(value)[:200]}", path)
