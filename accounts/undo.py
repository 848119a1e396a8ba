"""Taking things back: every destructive operation leaves an `Undo`, and names who can carry it out.

An app registers a handler for each kind; the page knows nothing but the entry's id, the toast's label
and one URL. Payloads are ids, so that even a bulk deletion of ten thousand rows is one row here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership, Undo


class UnableToUndo(Exception):
    """It is too late, or was taken back before; the text says which, for the reader."""


Handler = Callable[[Membership, dict[str, Any]], str]
_handlers: dict[str, Handler] = {}


def undoes(kind: str) -> Callable[[Handler], Handler]:
    """Registers the function that takes back ``kind``; it answers a sentence for the toast."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def offer(
    membership: Membership, kind: str, label: str, *, lasts: timedelta = timedelta(hours=1), **payload: Any
) -> Undo:
    """Notes that ``membership`` may take this back for a while; ``label`` says what was done."""
    if kind not in _handlers:
        raise LookupError(f"Nobody undoes {kind}: register a handler with @undoes.")
    return Undo.objects.create(
        membership=membership, kind=kind, label=label, payload=payload, expires_at=timezone.now() + lasts
    )


def carry_out(undo: Undo) -> str:
    """Takes it back, once, and answers what to tell. The caller holds the row's lock (`queries.get_undo`).

    Raises `UnableToUndo` where it was taken back already, or its time is over.
    """
    if undo.done_at is not None:
        raise UnableToUndo("This was taken back already.")
    if undo.expires_at <= timezone.now():
        raise UnableToUndo("This can no longer be taken back: its time is over.")
    message = _handlers[undo.kind](undo.membership, undo.payload)
    undo.done_at = timezone.now()
    undo.save(update_fields=["done_at"])
    return message
