"""Deleting emails for every contact (R17). Rows stay as marks, so that no mailbox brings them back (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.operations import Done
from contacts.operations.outcome import plural
from emails import queries
from emails.models import Email


def delete_emails(*, actor: Membership, ids: Sequence[int]) -> Done:
    """Deletes those of these emails that the actor can see in full, for every contact; can be undone.

    Of two who delete the same at once, the second is told that it is gone already.
    """
    # Held in one order, so that two bulk deletions cannot wait for each other.
    found = queries.readable_emails(actor).filter(pk__in=ids).order_by("pk").defer("text", "search")
    emails = list(found.select_for_update(of=("self",), no_key=True))
    if not emails:
        return Done(0, _nothing(ids))
    now = timezone.now()
    gone = [email.pk for email in emails]
    Email.objects.filter(pk__in=gone).update(deleted_at=now)
    one = emails[0] if len(emails) == 1 else None
    # Without the subject: who reads the audit log need not see the email.
    audit.record(actor, "email.deleted", f"deleted {plural(len(gone), 'email')}", on=one, ids=gone)
    label = f"Deleted “{one}”." if one else f"Deleted {plural(len(gone), 'email')}."
    return Done(len(gone), label, undo.offer(actor, "emails.delete", label[:200], ids=gone, at=now.isoformat()))


@undo.undoes("emails.delete")
def restore_emails(member: Membership, payload: dict[str, Any]) -> str:
    """Brings back what `delete_emails` took away."""
    at = datetime.fromisoformat(payload["at"])
    gone = Email.objects.filter(pk__in=payload["ids"], deleted_at=at).order_by("pk").select_for_update(no_key=True)
    ids = list(gone.values_list("pk", flat=True))
    if not ids:
        raise UnableToUndo("The emails are no longer there.")
    Email.objects.filter(pk__in=ids).update(deleted_at=None)
    audit.record(member, "email.restored", f"restored {plural(len(ids), 'email')}", ids=ids)
    return f"Restored {plural(len(ids), 'email')}."


def _nothing(ids: Sequence[int]) -> str:
    if not ids:
        return "No email was selected."
    return "Somebody else has deleted it already." if len(ids) == 1 else "Somebody else has deleted them already."
