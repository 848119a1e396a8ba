"""Graph's ids, made from what they name and read back without an index.

They have the look and length of Exchange's (152 characters, URL-safe base64 and therefore case-sensitive),
and a checksum, so that an id that was garbled, lower-cased or belongs to another mailbox reads as no id at
all.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b


class IdKind(Enum):
    """What an id names, with the bytes that give each kind its usual first letters."""

    MESSAGE = b"\x00\x03\x24\x00"  # AAMkA
    IMMUTABLE = b"\x00\x09\x00\x2e"  # AAkALg
    CONVERSATION = b"\x00\x02\x64\x00"  # AAJkA
    FOLDER = b"\x01\x03\x24\x00"  # AQMkA


@dataclass(frozen=True, slots=True)
class Ref:
    """What an id says: `number` is a message's sequence, a thread or a folder's number; `moves` is 0 but for
    MESSAGE.
    """

    kind: IdKind
    number: int
    moves: int


_LENGTHS = {IdKind.MESSAGE: 113, IdKind.IMMUTABLE: 113, IdKind.CONVERSATION: 89, IdKind.FOLDER: 89}
_KINDS = {kind.value: kind for kind in IdKind}
_BOX_END = 52
_BODY_END = _BOX_END + 12
_MAC_END = _BODY_END + 16


class GraphIds:
    """The ids of one mailbox."""

    def __init__(self, address: str, seed: str) -> None:
        self._box = blake2b(f"{seed}:{address}".encode(), digest_size=_BOX_END - 4).digest()

    def make(self, kind: IdKind, number: int, moves: int = 0) -> str:
        head = kind.value + self._box
        body = number.to_bytes(8, "big") + moves.to_bytes(4, "big")
        blob = head + body + blake2b(head + body, digest_size=16).digest()
        return urlsafe_b64encode(blob.ljust(_LENGTHS[kind], b"\0")).decode("ascii")

    def read(self, text: str) -> Ref | None:
        """None when the id is not one of this mailbox: ErrorInvalidIdMalformed or ErrorItemNotFound."""
        try:
            blob = urlsafe_b64decode(text.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            return None
        kind = _KINDS.get(blob[:4])
        if kind is None or len(blob) != _LENGTHS[kind]:
            return None
        ref = Ref(
            kind=kind,
            number=int.from_bytes(blob[_BOX_END : _BOX_END + 8], "big"),
            moves=int.from_bytes(blob[_BOX_END + 8 : _BODY_END], "big"),
        )
        return ref if self.make(kind, ref.number, ref.moves) == text else None
