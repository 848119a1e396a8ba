"""Facts from below that mailboxes act upon: a row in the transaction of the fact, and a task after commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from contacts.signals import addresses_changed
from emailsync import operations
from exclusions.signals import missed_wanted


@receiver(addresses_changed)
def on_addresses_changed(contact_ids: Sequence[int], **_: Any) -> None:
    """What is stored already is linked at once, then the mailboxes are looked through (E5)."""
    operations.note_changes(contact_ids)


@receiver(missed_wanted)
def on_missed_wanted(contact_ids: Sequence[int], **_: Any) -> None:
    """Somebody asked for what was kept out while these contacts were excluded: the same way once more (R12)."""
    operations.note_changes(contact_ids)
