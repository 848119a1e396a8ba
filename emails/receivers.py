"""Facts from below that decide who sees which email."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from contacts.signals import addresses_changed
from emails.operations.remembering import remember_addresses


@receiver(addresses_changed)
def on_addresses_changed(contact_ids: Sequence[int], **_: Any) -> None:
    """At once, in the transaction of the change: a task would leave time for mail to be shown."""
    remember_addresses(contact_ids)
