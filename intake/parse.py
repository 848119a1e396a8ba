"""Headers and bytes to values (`mailkit`); whatever comes in, something comes out. Pure."""

from __future__ import annotations

from dataclasses import replace

from mailkit import envelopes, mime
from mailkit.message import Envelope, Failed, Message, Party
from providers.base import Headers


def envelope_of(headers: Headers | None) -> Envelope:
    """What a provider's headers say."""
    return envelopes.read(headers or ())


def message_of(content: bytes) -> Message | Failed:
    """The message, or why it cannot be read."""
    return mime.parse(content)


def together(mime_says: Envelope, provider_says: Envelope | None) -> Envelope:
    """The message's own envelope, and whom only the provider names: an address it resolved, or a header it keeps."""
    if provider_says is None:
        return mime_says
    return replace(
        mime_says,
        message_id=mime_says.message_id or provider_says.message_id,
        parties=_united(mime_says.parties, provider_says.parties),
        bcc=_united(mime_says.bcc, provider_says.bcc),
        subject=mime_says.subject or provider_says.subject,
        sent_at=mime_says.sent_at or provider_says.sent_at,
        references=mime_says.references or provider_says.references,
    )


def _united(some: tuple[Party, ...], more: tuple[Party, ...]) -> tuple[Party, ...]:
    there = {(party.role, party.address) for party in some}
    return (*some, *(party for party in more if party.address and (party.role, party.address) not in there))
