"""People as Graph's JSON names them, checked."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.microsoft import errors
from emulator.microsoft.errors import GraphError
from emulator.world import normal_address

MAX_RECIPIENTS = 1000


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str


def read_list(values: object, name: str) -> list[Person]:
    """From `[{"emailAddress": {"address", "name"}}]`. Raises GraphError."""
    if not isinstance(values, list):
        raise errors.bad_body(f"The property '{name}' wants a collection of 'microsoft.graph.recipient'.")
    if len(values) > MAX_RECIPIENTS:
        raise GraphError(400, "ErrorExceededMaxRecipientLimit", "The number of recipients exceeds the limit.")
    return [read(value, name) for value in values]


def read(value: object, name: str) -> Person:
    """From `{"emailAddress": {"address", "name"}}`. Raises GraphError."""
    inner = value.get("emailAddress") if isinstance(value, dict) else None
    address = inner.get("address") if isinstance(inner, dict) else None
    label = inner.get("name") if isinstance(inner, dict) else None
    if not isinstance(address, str) or not isinstance(label, str | None):
        raise errors.bad_body(f"The property '{name}' wants 'microsoft.graph.recipient' with an emailAddress.")
    try:
        normal = normal_address(address)
    except ValueError as error:
        raise GraphError(
            400,
            "ErrorInvalidRecipients",
            f"At least one recipient is not valid., Recipient '{address[:120]}' is not resolved. All recipients must "
            "be resolved before a message can be submitted.",
        ) from error
    return Person(" ".join((label or "").split()), normal)
