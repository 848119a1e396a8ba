"""Facts from below that the list acts upon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from contacts.signals import addresses_changed
from exclusions import operations


@receiver(addresses_changed)
def on_addresses_changed(contact_ids: Sequence[int], **_: Any) -> None:
    """At once, in the transaction of the change: a task would leave time for mail to slip in."""
    operations.follow_switches(contact_ids)
