"""Opaque page and state tokens: all that a page needs, sealed, so that garbage and strangers' tokens are told.

Nothing is kept on the server's side for them; Graph says only that they are opaque.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from emulator.mailbox import Mailbox
from emulator.world import World

_SEAL = 12


def seal(world: World, mailbox: Mailbox, purpose: str, values: dict[str, Any]) -> str:
    """`values` as a token for this mailbox and purpose ("list", or a folder's delta)."""
    blob = json.dumps(values, separators=(",", ":")).encode()
    return urlsafe_b64encode(_mark(world, mailbox, purpose, blob) + blob).rstrip(b"=").decode("ascii")


def unseal(world: World, mailbox: Mailbox, purpose: str, token: str) -> dict[str, Any] | None:
    """None for whatever this mailbox never gave out for that purpose."""
    try:
        blob = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
    mark, rest = blob[:_SEAL], blob[_SEAL:]
    if not compare_digest(mark, _mark(world, mailbox, purpose, rest)):
        return None
    values = json.loads(rest)
    return values if isinstance(values, dict) else None


def _mark(world: World, mailbox: Mailbox, purpose: str, blob: bytes) -> bytes:
    key = f"{world.seed}:{mailbox.address}:{purpose}".encode()
    return blake2b(blob, key=blake2b(key).digest(), digest_size=_SEAL).digest()
