"""The audit log as a CSV file, of any length in constant memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

from accounts import queries
from accounts.models import AuditEntry
from crm.lib.pagination import keyset_page
from crm.lib.tenancy import tenant_scope

HEAD = ["When (UTC)", "Who", "Action", "What", "Object", "Object id", "Details", "Request"]
CHUNK = 1_000


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, line: str) -> str:
        return line


def lines(tenant_id: int, criteria: queries.AuditCriteria) -> Iterator[str]:
    """The file's lines, newest entry first. Runs outside of every scope and opens one for each thousand rows.

    A response is streamed after its request's scope has ended, and no transaction shall wait for a slow reader.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEAD)
    cursor = None
    while True:
        with tenant_scope(tenant_id):
            page = keyset_page(queries.audit_entries(criteria), order=["-at", "-id"], cursor=cursor, limit=CHUNK)
        yield "".join(writer.writerow(_cells(entry)) for entry in page.items)
        cursor = page.next
        if cursor is None:
            return


def _cells(entry: AuditEntry) -> list[str]:
    cells = [
        entry.at.isoformat(timespec="seconds"),
        entry.actor_name,
        entry.action,
        entry.summary,
        entry.object_type,
        str(entry.object_id or ""),
        json.dumps(entry.details, ensure_ascii=False, sort_keys=True) if entry.details else "",
        entry.request_id,
    ]
    return [harmless(cell) for cell in cells]


def harmless(cell: str) -> str:
    """The cell as text: spreadsheets would calculate what begins like a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
