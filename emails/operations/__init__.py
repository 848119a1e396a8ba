"""What users do with stored emails. Each takes the acting member and reaches no further than they can see (R37)."""

from __future__ import annotations

from emails.operations.deleting import delete_emails
from emails.operations.locking import ChangedMeanwhile
from emails.operations.storing import move, store, unstore

__all__ = ["ChangedMeanwhile", "delete_emails", "move", "store", "unstore"]
