"""Gmail's ids on the wire: hexadecimal messages and threads, page tokens, drafts, attachment tokens."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import blake2b

from emulator.google.errors import invalid, not_found
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message

_HEX = re.compile(r"[0-9a-fA-F]{1,16}")
_DATE_OFFSET = 1 << 45
_ATTACHMENT_PREFIX = "ANGjdJ"
_ATTACHMENT_LENGTH = 240


def number(text: str, message: str = "Invalid id value") -> int:
    """A hexadecimal id below 2^63. Raises GoogleError (400) for anything else."""
    if not _HEX.fullmatch(text) or (value := int(text, 16)) >= 1 << 63:
        raise invalid(message)
    return value


def find(box: Mailbox, text: str) -> Message:
    """Raises GoogleError: 400 for no id at all, 404 for one that names nothing here."""
    message = box.by_gid(number(text))
    if message is None:
        raise not_found()
    return message


def page_token(key: Key) -> str:
    """A page goes on below this key. Decimal, and bound to nothing, as Gmail's."""
    return str((key[0] + _DATE_OFFSET) << 32 | key[1])


def read_page_token(text: str) -> Key | None:
    """None for the first page. Raises GoogleError (400)."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 40):
        raise invalid("Invalid pageToken")
    value = int(text)
    return (value >> 32) - _DATE_OFFSET, value & 0xFFFFFFFF


def attachment_id(box: Mailbox, message: Message, part_id: str) -> str:
    """Another one at each call for the same part, as Gmail's: whoever keeps them will see."""
    named = f"{message.gid:x} {part_id} {box.dice.hex(16)}"
    sealed = f"{named} {_seal(box, named)}".encode()
    return _ATTACHMENT_PREFIX + urlsafe_b64encode(sealed.ljust(_ATTACHMENT_LENGTH, b" ")).decode().rstrip("=")


def read_attachment_id(box: Mailbox, message: Message, text: str) -> str:
    """The part's id. Raises GoogleError (400) for one that is not of this message."""
    try:
        body = text.removeprefix(_ATTACHMENT_PREFIX)
        named, _, seal = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("ascii").strip().rpartition(" ")
    except (Error, ValueError) as error:
        raise invalid("Invalid attachment token") from error
    gid, _, rest = named.partition(" ")
    if not text.startswith(_ATTACHMENT_PREFIX) or seal != _seal(box, named) or gid != f"{message.gid:x}":
        raise invalid("Invalid attachment token")
    return rest.rpartition(" ")[0]


def _seal(box: Mailbox, named: str) -> str:
    return blake2b(f"{box.address} {named}".encode(), digest_size=8).hexdigest()
