"""Deleting emails for every contact (R17). Rows stay as marks, so that no mailbox brings them back (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.operations import Done
from contacts.operations.outcome import plural
from emails import queries
from emails.models import Email

#: Emails that one act deletes.
MOST: Final = 5_000


def delete_emails(*, actor: Membership, ids: Sequence[int]) -> Done:
    """Deletes those of these emails that the actor can see in full, for every contact; can be undone.

    Of two who delete the same at once, the second is told that it is gone already.
    """
    emails = _held(actor, ids)
    if not emails:
        return Done(0, _nothing(actor, ids))
    label = f"Deleted “{emails[0]}”." if len(emails) == 1 else f"Deleted {plural(len(emails), 'email')}."
    return _delete(actor, emails, label)


def delete_conversations(*, actor: Membership, ids: Sequence[int]) -> Done:
    """The same for the whole conversations that these emails, which a folded list shows, belong to.

    What the actor cannot see in full stays, and is told. Where the email itself is gone already, so was its row:
    then nothing is done to what is left of the conversation, since the actor has not seen it.
    """
    shown = queries.readable_emails(actor).filter(pk__in=ids)
    threads = set(shown.values_list("thread", flat=True))
    whole = queries.visible_emails(actor).filter(thread__in=threads).order_by("-sent_at", "-pk")
    wanted = list(whole.values_list("pk", flat=True)[:MOST])
    emails = _held(actor, wanted)
    if not emails:
        return Done(0, _nothing(actor, ids))
    return _delete(actor, emails, _words(emails, len(wanted) - len(emails)))


@undo.undoes("emails.delete")
def restore_emails(member: Membership, payload: dict[str, Any]) -> str:
    """Brings back what was deleted at once, and nothing else."""
    at = datetime.fromisoformat(payload["at"])
    gone = Email.objects.filter(pk__in=payload["ids"], deleted_at=at).order_by("pk").select_for_update(no_key=True)
    ids = list(gone.values_list("pk", flat=True))
    if not ids:
        raise UnableToUndo("The emails are no longer there.")
    Email.objects.filter(pk__in=ids).update(deleted_at=None)
    audit.record(member, "email.restored", f"restored {plural(len(ids), 'email')}", ids=ids)
    return f"Restored {plural(len(ids), 'email')}."


def _held(actor: Membership, ids: Sequence[int]) -> list[Email]:
    """Those that the actor can see in full, their rows held: in one order, so that two cannot wait for each other."""
    found = queries.readable_emails(actor).filter(pk__in=ids).order_by("pk").defer("text", "search")
    return list(found.select_for_update(of=("self",), no_key=True))


def _delete(actor: Membership, emails: Sequence[Email], label: str) -> Done:
    now = timezone.now()
    gone = [email.pk for email in emails]
    Email.objects.filter(pk__in=gone).update(deleted_at=now)
    one = emails[0] if len(emails) == 1 else None
    # Without the subject: who reads the audit log need not see the email.
    audit.record(actor, "email.deleted", f"deleted {plural(len(gone), 'email')}", on=one, ids=gone)
    return Done(len(gone), label, undo.offer(actor, "emails.delete", label[:200], ids=gone, at=now.isoformat()))


def _words(emails: Sequence[Email], kept: int) -> str:
    threads = len({email.thread_id for email in emails})
    if len(emails) == 1:
        said = f"Deleted “{emails[0]}”."
    elif len(emails) == threads:
        said = f"Deleted {plural(len(emails), 'email')}."
    else:
        said = f"Deleted {plural(len(emails), 'email')} in {plural(threads, 'conversation')}."
    return f"{said} {plural(kept, 'email')} that you cannot read in full stayed." if kept else said


def _nothing(actor: Membership, ids: Sequence[int]) -> str:
    if not ids:
        return "No email was selected."
    if queries.visible_emails(actor).filter(pk__in=ids).exists():
        return "Nothing was deleted: only the subject is shared with you."
    return "Somebody else has deleted it already." if len(ids) == 1 else "Somebody else has deleted them already."
