"""Whether a message fits a `$filter`, and which of the mailbox's indexes spares looking at the others."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from emulator.graphids import IdKind
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import errors
from emulator.microsoft.filters import Both, Compare, Function, Literals, Moment, Node, Not, Path, Some, paths
from emulator.microsoft.properties import NAMES, PROPERTIES, View, sent_ms

EXTENDED = "singlevalueextendedproperties"
_DATES: dict[str, Callable[[Message], int]] = {
    "receiveddatetime": lambda message: message.date_ms,
    "sentdatetime": sent_ms,
    "createddatetime": lambda message: message.created_ms,
    "lastmodifieddatetime": lambda message: message.modified_ms,
}
# Exchange keeps no restriction on these: seen as "contains one or more invalid nodes".
_UNFILTERABLE = frozenset(
    {"body", "uniquebody", "bodypreview", "internetmessageheaders", "weblink", "changekey", "conversationindex"}
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Keys strictly between which all that fits by date lies."""

    above: Key | None = None
    below: Key | None = None


def check(node: Node) -> None:
    """Raises GraphError for properties that messages do not have, or that cannot be filtered on."""
    for path in paths(node):
        name = path[0].lower()
        if name != EXTENDED and name not in NAMES:
            raise errors.bad_property(path[0])
        if name in _UNFILTERABLE:
            raise errors.GraphError(
                400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes."
            )


def fits(view: View, node: Node) -> bool:
    match node:
        case Both(parts=parts, kind="and"):
            return all(fits(view, part) for part in parts)
        case Both(parts=parts):
            return any(fits(view, part) for part in parts)
        case Not(part=part):
            return not fits(view, part)
        case Some():
            return _some(view, node)
        case Compare(path=path, value=value):
            return _compares(_value(view, path, value), node.operator, value)
        case Function(path=path):
            return _calls(_value(view, path, ""), node)


def bounds(node: Node | None) -> Bounds:
    """From the dates that every match has to keep to; sequences start at 1, so (ms, 0) stands before all of a
    moment.
    """
    found = Bounds()
    for part in _conjuncts(node):
        if not isinstance(part, Compare) or not isinstance(part.value, Moment):
            continue
        if [name.lower() for name in part.path] != ["receiveddatetime"]:
            continue
        ms = part.value.ms
        match part.operator:
            case "ge" | "gt" | "eq":
                low = (ms + (part.operator == "gt"), 0)
                found = replace(found, above=low if found.above is None else max(found.above, low))
        match part.operator:
            case "le" | "lt" | "eq":
                high = (ms + (part.operator != "lt"), 0)
                found = replace(found, below=high if found.below is None else min(found.below, high))
    return found


def named(mailbox: Mailbox, node: Node | None) -> list[Message] | None:
    """The few messages that a Message-ID or a conversation names; None where the filter names none."""
    for part in _conjuncts(node):
        if not isinstance(part, Compare) or part.operator != "eq" or not isinstance(part.value, str):
            continue
        name = part.path[0].lower()
        if name == "internetmessageid":
            return mailbox.by_message_id(part.value)
        if name == "conversationid":
            ref = mailbox.ids.read(part.value)
            return mailbox.in_thread(ref.number) if ref is not None and ref.kind is IdKind.CONVERSATION else []
    return None


def _conjuncts(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Both) and node.kind == "and":
        for part in node.parts:
            yield from _conjuncts(part)
    elif node is not None:
        yield node


def _value(view: View, path: Path, compared: Literals) -> Any:
    name = path[0].lower()
    if name in _DATES and isinstance(compared, Moment):
        return _DATES[name](view.message)
    if name not in NAMES:
        raise errors.bad_property(path[0])
    return _inside(PROPERTIES[NAMES[name]](view), path[1:])


def _inside(value: Any, path: Path) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = next((each for key, each in value.items() if key.lower() == name.lower()), None)
    return value


def _compares(have: Any, operation: str, want: Literals) -> bool:
    wanted = want.ms if isinstance(want, Moment) else want
    if isinstance(have, str) and isinstance(wanted, str):
        have, wanted = have.casefold(), wanted.casefold()
    if operation in {"eq", "ne"}:
        return (have == wanted) is (operation == "eq")
    try:
        return _COMPARE[operation](have, wanted)
    except TypeError:
        return False


def _calls(have: Any, node: Function) -> bool:
    if not isinstance(have, str):
        return False
    text, wanted = have.casefold(), node.value.casefold()
    if node.name == "contains":
        return wanted in text
    return text.startswith(wanted) if node.name == "startswith" else text.endswith(wanted)


def _some(view: View, node: Some) -> bool:
    members = (
        view.message.extra.get("extended", [])
        if node.path[0].lower() == EXTENDED
        else _value(view, node.path, None) or []
    )
    if not isinstance(members, list):
        raise errors.bad_request(f"The property '{'/'.join(node.path)}' is no collection.")
    part = node.part
    if part is None:
        return bool(members)
    found = (member_fits(member, part, node.variable) for member in members)
    return all(found) if node.every else any(found)


def member_fits(member: Any, node: Node, variable: str = "") -> bool:
    """A member of a collection; without a variable, paths begin with its properties."""
    match node:
        case Both(parts=parts, kind="and"):
            return all(member_fits(member, part, variable) for part in parts)
        case Both(parts=parts):
            return any(member_fits(member, part, variable) for part in parts)
        case Not(part=part):
            return not member_fits(member, part, variable)
        case Compare(path=path, value=value) if not variable or path[0] == variable:
            return _compares(_inside(member, path[1:] if variable else path), node.operator, value)
        case Function(path=path) if not variable or path[0] == variable:
            return _calls(_inside(member, path[1:] if variable else path), node)
    raise errors.bad_request(f"The range variable '{variable}' is not used as a collection filter wants it.")
