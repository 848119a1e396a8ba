"""The master list of categories: names with colours, which messages need not keep to."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import NAMESPACE_DNS, uuid5

from starlette.responses import Response

from emulator.microsoft import errors
from emulator.microsoft.calls import SETTINGS, SETTINGS_WRITE, Call, answer, no_content
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json

COLORS = frozenset({"none", *(f"preset{number}" for number in range(25))})
_FIRST = ("Red", "Orange", "Yellow", "Green", "Blue", "Purple")
_FIRST_COLORS = ("preset0", "preset1", "preset3", "preset4", "preset7", "preset8")


def _outlooks_own() -> dict[str, str]:
    return {f"{name} category": color for name, color in zip(_FIRST, _FIRST_COLORS, strict=True)}


@dataclass(slots=True)
class MasterList:
    """Colours by display name, in order."""

    colors: dict[str, str] = field(default_factory=_outlooks_own)


def list_categories(call: Call) -> Response:
    found = [_json(call, name) for name in _list(call).colors]
    return answer(call, {"value": found}, context=_context(call))


def get_category(call: Call) -> Response:
    return answer(call, _json(call, _find(call)), context=f"{_context(call)}/$entity")


def create_category(call: Call) -> Response:
    """POST {displayName, color}: 201; 409 for a name that is there, whatever its case."""
    values = call.json({"displayName", "color"}, "outlookCategory")
    name, color = values.get("displayName"), _color(values)
    if not isinstance(name, str) or not name.strip() or len(name) > 255 or "," in name:
        raise GraphError(400, "ErrorInvalidArgument", "The displayName is missing or not valid.")
    if name.casefold() in {each.casefold() for each in _list(call).colors}:
        raise GraphError(409, "ErrorCategoryAlreadyExists", "A category with the same name already exists.")
    _list(call).colors[name] = color
    return answer(call, _json(call, name), 201, context=f"{_context(call)}/$entity")


def update_category(call: Call) -> Response:
    """The colour alone: a name stays as it was made."""
    name = _find(call)
    values = call.json({"displayName", "color"}, "outlookCategory")
    if values.get("displayName", name) != name:
        raise errors.read_only("displayName")
    _list(call).colors[name] = _color(values)
    return answer(call, _json(call, name), context=f"{_context(call)}/$entity")


def delete_category(call: Call) -> Response:
    del _list(call).colors[_find(call)]
    return no_content()


def _list(call: Call) -> MasterList:
    return call.mailbox.section(MasterList)


def _find(call: Call) -> str:
    found = next((name for name in _list(call).colors if _id(call, name) == call.keys[0].lower()), None)
    if found is None:
        raise errors.item_not_found()
    return found


def _id(call: Call, name: str) -> str:
    return str(uuid5(NAMESPACE_DNS, f"{call.mailbox.address}:{name}"))


def _json(call: Call, name: str) -> Json:
    return {"id": _id(call, name), "displayName": name, "color": _list(call).colors[name]}


def _color(values: Json) -> str:
    color = str(values.get("color", "none")).lower()
    if color not in COLORS:
        raise errors.bad_body("Cannot convert a value of the property 'color' to 'microsoft.graph.categoryColor'.")
    return color


def _context(call: Call) -> str:
    return f"users('{call.user}')/outlook/masterCategories"


_ALL, _ONE = "me/outlook/masterCategories", "me/outlook/masterCategories/{}"
RULES = [
    Rule("GET", _ALL, list_categories, SETTINGS),
    Rule("POST", _ALL, create_category, SETTINGS_WRITE),
    Rule("GET", _ONE, get_category, SETTINGS),
    Rule("PATCH", _ONE, update_category, SETTINGS_WRITE),
    Rule("DELETE", _ONE, delete_category, SETTINGS_WRITE),
]
