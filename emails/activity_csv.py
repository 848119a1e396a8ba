"""The team's activity as a CSV file, of any length in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import Membership
from contacts.files.writing import MARK, csv_line
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from emails.queries import Wanted, activity

HEAD = ["Sent", "Direction", "Subject", "From", "From address", "To", "Team members", "Contacts"]
BATCH = 500


def lines(member: Membership, wanted: Wanted) -> Iterator[str]:
    """The file's lines, newest email first. Runs outside of every scope and opens its own for each batch."""
    yield MARK + csv_line(HEAD)
    cursor: str | None = None
    while True:
        with tenant_scope(member.tenant_id):
            page = activity.activity_page(member, wanted, cursor=cursor, limit=BATCH)
        yield "".join(csv_line(_cells(email)) for email in page.items)
        cursor = page.next
        if cursor is None:
            return


def _cells(email: Email) -> list[str]:
    named = [party.name or party.address for party in email.named]  # type: ignore[attr-defined]  # By `for_lists`.
    stored_for = [link.contact.name for link in email.shown_links]  # type: ignore[attr-defined]  # By `for_lists`.
    brought_by = [str(one) for one in email.brought_by]  # type: ignore[attr-defined]  # By `bring_members`.
    return [
        timezone.localtime(email.sent_at).isoformat(timespec="seconds"),
        email.get_direction_display(),
        email.subject,
        email.from_name,
        email.from_address,
        ", ".join(named),
        ", ".join(brought_by),
        ", ".join(stored_for),
    ]
