"""What makes a message the same message, however many mailboxes saw it (R6)."""

from __future__ import annotations

from hashlib import blake2b

from mailkit.message import Envelope


def of(envelope: Envelope, text: str = "") -> str:
    """32 hexadecimal digits: of Message-ID and From address, or else of From, Date, Subject and ``text``.

    ``text`` counts only where `known_before_body` is false, and white space in it not at all: servers rewrap it.
    """
    sender = envelope.sender
    address = sender.address or sender.name if sender else ""
    if envelope.message_id:
        return _hex("id", envelope.message_id, address)
    sent_at = envelope.sent_at.isoformat() if envelope.sent_at else ""
    return _hex("content", address, sent_at, envelope.subject, "".join(text.split()))


def known_before_body(envelope: Envelope) -> bool:
    """Whether the headers alone decide the fingerprint, because there is a Message-ID among them."""
    return bool(envelope.message_id)


def digest(message_id: str) -> str:
    """32 hexadecimal digits for a Message-ID without brackets, as `mailkit.threads` keys them."""
    return _hex("message", message_id)


def _hex(*parts: str) -> str:
    # NUL parts them: no text of a message has one.
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
