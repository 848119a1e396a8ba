"""`$expand` of messages: attachments and single-value extended properties."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emulator.message import Message
from emulator.microsoft import attachments, errors, filters, matching
from emulator.microsoft.calls import READ, Call
from emulator.microsoft.properties import Json

_ITEM = re.compile(r"\s*([\w.]+)\s*(\((?:[^()']|'(?:[^']|'')*'|\([^()]*\))*\))?\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Expansion:
    """A navigation property in lower case, with the filter inside its brackets."""

    name: str
    where: filters.Node | None


def read(text: str) -> list[Expansion]:
    """Raises GraphError for what messages cannot expand."""
    found = []
    at = 0
    while text[at:].strip():
        match = _ITEM.match(text, at)
        if match is None:
            raise errors.bad_request(f"Syntax error at position {at} in '{text[:200]}'.")
        name = match[1].lower()
        if name not in {"attachments", "singlevalueextendedproperties"}:
            raise errors.bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{match[1]}' on type "
                "'microsoft.graph.message'."
            )
        inner = re.search(r"\$filter=(.*)", (match[2] or "")[1:-1], re.IGNORECASE)
        found.append(Expansion(name, filters.parse(inner[1]) if inner else None))
        at = match.end()
    return found


def of(call: Call, message: Message, wanted: list[Expansion]) -> Json:
    result: Json = {}
    for each in wanted:
        if not call.scopes & READ:
            raise errors.access_denied()
        if each.name == "attachments":
            result["attachments"] = [attachments.as_json(call, message, part) for part in attachments.of(message)]
        else:
            kept = [
                dict(member)
                for member in message.extra.get("extended", [])
                if each.where is None or matching.member_fits(member, each.where)
            ]
            if kept:
                result["singleValueExtendedProperties"] = kept
    return result
