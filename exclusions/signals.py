"""Facts about the list that apps above act upon; receivers only enqueue a task after commit, or write such a row."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with ``added`` and ``removed``: values of entries that act from now on, or act no more.
changed = Signal()

#: Sent with ``contact_ids``: a user wants the mail of these contacts that was kept out while they were excluded (R12).
missed_wanted = Signal()
