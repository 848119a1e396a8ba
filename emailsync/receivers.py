"""Facts from below that mailboxes act upon; each is a task after commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from contacts.signals import addresses_changed
from crm.lib.queue import enqueue
from emailsync import tasks


@receiver(addresses_changed)
def on_addresses_changed(contact_ids: Sequence[int], **_: Any) -> None:
    """What is stored already is linked at once, then the mailboxes are looked through (E5)."""
    enqueue(tasks.match_contacts, contact_ids=list(contact_ids))
