"""Whether mail comes in or goes out (R4)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from mailkit.message import Envelope


def direction(envelope: Envelope, own: Collection[str]) -> Literal["in", "out"]:
    """``out`` when the sender is one of ``own``, which are normalised addresses; otherwise ``in``."""
    sender = envelope.sender
    return "out" if sender is not None and sender.address and sender.address in own else "in"
