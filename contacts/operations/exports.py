"""Taking contacts out is everybody's right, and leaves a trace."""

from __future__ import annotations

from accounts import audit
from accounts.models import Membership
from contacts import queries
from contacts.filters import Selection
from contacts.operations.outcome import plural


def record_export(*, actor: Membership, selection: Selection, kind: str) -> int:
    """Notes in the audit log that the selected contacts leave as a file; answers how many they are."""
    count = queries.selected(actor, selection).count()
    audit.record(actor, "contact.exported", f"exported {plural(count, 'contact')} as {kind}", count=count)
    return count
