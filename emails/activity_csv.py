"""The team's activity as a CSV file, of any length in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import Membership
from contacts.files.writing import MARK, csv_line
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from emails.queries import Wanted, activity
from emails.queries.activity import Deed

HEAD = ["Sent", "Direction", "Subject", "From", "From address", "To", "Team members", "Contacts"]
BATCH = 500


def lines(member: Membership, wanted: Wanted) -> Iterator[str]:
    """The file's lines, newest email first. Runs outside of every scope and opens its own for each batch."""
    yield MARK + csv_line(HEAD)
    cursor: str | None = None
    while True:
        with tenant_scope(member.tenant_id):
            page = activity.activity_page(member, wanted, cursor=cursor, limit=BATCH)
        yield "".join(csv_line(_cells(deed)) for deed in page.items)
        cursor = page.next
        if cursor is None:
            return


def _cells(deed: Deed) -> list[str]:
    email = deed.email
    return [
        timezone.localtime(email.sent_at).isoformat(timespec="seconds"),
        Email.Direction(email.direction).label,
        email.subject,
        email.from_name,
        email.from_address,
        ", ".join(map(str, email.recipients)),
        ", ".join(map(str, deed.brought_by)),
        ", ".join(contact.name for contact in email.contacts),
    ]
