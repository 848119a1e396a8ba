"""Facts about contacts that apps above act upon; receivers only enqueue a task after commit."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with ``contact_ids``: addresses were added to, taken from, or moved between these contacts.
addresses_changed = Signal()
