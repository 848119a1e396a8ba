"""What a conversation is found by: the Message-IDs that its messages have or refer to (RFC 5322, section 3.6.4)."""

from __future__ import annotations

from mailkit.fingerprint import digest
from mailkit.message import Envelope


def keys(envelope: Envelope, fingerprint: str) -> tuple[str, ...]:
    """Digests of 32 hexadecimal digits, without doubles: the message's own first, then those of its references.

    Its own is that of its Message-ID, or ``fingerprint`` where it has none. Messages that share a key are one thread.
    """
    own = digest(envelope.message_id) if envelope.message_id else fingerprint
    return tuple(dict.fromkeys([own, *map(digest, envelope.references)]))
