"""The audit log as a CSV file, of any length in constant memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

from accounts import queries
from accounts.models import AuditEntry
from contacts.files.writing import MARK, csv_line
from crm.lib.pagination import in_batches

HEAD = ["When (UTC)", "Who", "Action", "What", "Object", "Object id", "Details", "Request"]
BATCH = 1_000


def lines(tenant_id: int, criteria: queries.AuditCriteria) -> Iterator[str]:
    """The file's lines, newest entry first. Runs outside of every scope and opens its own."""
    yield MARK + csv_line(HEAD)
    for entries in in_batches(tenant_id, lambda: queries.audit_entries(criteria), order=["-at", "-id"], size=BATCH):
        yield "".join(csv_line(_cells(entry)) for entry in entries)


def _cells(entry: AuditEntry) -> list[str]:
    return [
        entry.at.isoformat(timespec="seconds"),
        entry.actor_name,
        entry.action,
        entry.summary,
        entry.object_type,
        str(entry.object_id or ""),
        json.dumps(entry.details, ensure_ascii=False, sort_keys=True) if entry.details else "",
        entry.request_id,
    ]
