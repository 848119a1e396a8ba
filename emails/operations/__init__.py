"""What users do with stored emails. Each takes the acting member and reaches no further than they can see (R37)."""

from __future__ import annotations

from emails.operations.creating import create_and_store, give_address_and_store
from emails.operations.deleting import delete_emails
from emails.operations.locking import ChangedMeanwhile, Excluded
from emails.operations.storing import move, store, unstore

__all__ = [
    "ChangedMeanwhile",
    "Excluded",
    "create_and_store",
    "delete_emails",
    "give_address_and_store",
    "move",
    "store",
    "unstore",
]
