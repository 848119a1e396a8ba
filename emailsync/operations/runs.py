"""Beginning walks (E3, E4, E5, E8). A worker finds what was begun by its row; the task sent is a hint."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from crm.lib.queue import enqueue
from emailsync import queries
from emailsync.models import ChangedContacts, Mailbox, Run
from emailsync.schedule import DAILY
from intake import operations as intake

Kind = Run.Kind
#: How far back the daily check looks (E8).
CHECKED = timedelta(days=7)
#: Changes of contacts that one task takes on.
MOST_CHANGES = 100


def begin_history(mailbox: Mailbox) -> Run | None:
    """The walk through the history that was chosen at connect, up to now; None where none was."""
    if mailbox.history_days == 0:
        return None
    return _begin(mailbox, Kind.HISTORY, queries.searchable_addresses(mailbox.member), since=_since(mailbox))


def begin_preview(mailbox: Mailbox) -> Run:
    """Counts what `begin_history` would store, and for whom; stores nothing. One that runs already is begun anew."""
    _cancel_running(mailbox, Kind.PREVIEW)
    days = mailbox.history_days
    since = None if days is None else timezone.now() - timedelta(days=days)
    return _begin(mailbox, Kind.PREVIEW, queries.searchable_addresses(mailbox.member), since=since)


def count_again(*, mailbox: Mailbox, history_days: int | None) -> None:
    """Another stretch of history (R21), chosen before the start: the preview is begun anew. Later it does nothing."""
    waiting = Mailbox.objects.select_for_update().filter(pk=mailbox.pk, state=Mailbox.State.WAITING).first()
    if waiting is not None:
        waiting.history_days = history_days
        waiting.save(update_fields=["history_days"])
        begin_preview(waiting)


def note_changes(contact_ids: Collection[int]) -> None:
    """Contacts were made, merged or given other addresses: their mail is looked for, whatever dies meanwhile."""
    ChangedContacts.objects.create(contact_ids=list(contact_ids))
    enqueue("emailsync.tasks.match_contacts")


def match_changed() -> None:
    """Links what is stored with the contacts that changed (R6), and begins the look through the mailboxes (E5)."""
    changed = list(ChangedContacts.objects.select_for_update(skip_locked=True).order_by("id")[:MOST_CHANGES])
    contact_ids = {contact_id for change in changed for contact_id in change.contact_ids}
    if contact_ids:
        ChangedContacts.objects.filter(pk__in=[change.pk for change in changed]).delete()
        begin_match(contact_ids)
        intake.rematch(contact_ids)


def begin_match(contact_ids: Collection[int]) -> None:
    """Looks for the mail of contacts that are new, or have new addresses, in every synced mailbox (E5)."""
    for mailbox in queries.synced_mailboxes():
        addresses = queries.searchable_addresses(mailbox.member, contact_ids)
        if not addresses:
            continue
        waiting = _not_begun(mailbox)
        if waiting is not None:
            waiting.addresses = sorted({*waiting.addresses, *addresses})
            waiting.until = timezone.now()
            waiting.save(update_fields=["addresses", "until"])
        else:
            _begin(mailbox, Kind.MATCH, addresses, since=_since(mailbox))


def begin_daily_checks(mailbox: Mailbox) -> None:
    """Compares the last week with the provider (E8), and plans the next time."""
    now = timezone.now()
    Mailbox.objects.filter(pk=mailbox.pk).update(next_reconcile_at=now + DAILY)
    if Run.objects.filter(mailbox=mailbox, kind=Kind.RECONCILE, state=Run.State.RUNNING).exists():
        return
    since = now - CHECKED
    chosen = _since(mailbox)
    addresses = queries.searchable_addresses(mailbox.member)
    _begin(mailbox, Kind.RECONCILE, addresses, since=max(since, chosen) if chosen else since)


def cancel_run(run: Run) -> None:
    """Stops a run for good; what it stored stays."""
    _stop(Run.objects.filter(pk=run.pk))


def _begin(mailbox: Mailbox, kind: Run.Kind, addresses: list[str], *, since: datetime | None) -> Run:
    now = timezone.now()
    run = Run(mailbox=mailbox, kind=kind, addresses=addresses, since=since, until=now)
    if not addresses:
        run.state, run.next_at, run.finished_at, run.progress = Run.State.DONE, None, now, 1
    run.save()
    if addresses:
        task = "emailsync.tasks.preview" if kind == Kind.PREVIEW else "emailsync.tasks.walk"
        enqueue(task, run_id=run.pk)
    return run


def _since(mailbox: Mailbox) -> datetime | None:
    if mailbox.history_days is None or mailbox.since is None:
        return None
    return mailbox.since - timedelta(days=mailbox.history_days)


def _not_begun(mailbox: Mailbox) -> Run | None:
    """A retro-match that no worker has looked at yet: it can take more addresses with it. Locked."""
    found = Run.objects.filter(
        mailbox=mailbox, kind=Kind.MATCH, state=Run.State.RUNNING, token="", looked_at=0, handled=0, lease_token=""
    )
    return found.select_for_update(skip_locked=True).order_by("id").first()


def _cancel_running(mailbox: Mailbox, kind: Run.Kind) -> None:
    _stop(Run.objects.filter(mailbox=mailbox, kind=kind))


def _stop(runs: QuerySet[Run]) -> None:
    """Whoever walks one of them loses its lease, and writes no more."""
    runs.filter(state=Run.State.RUNNING).update(
        state=Run.State.CANCELLED, next_at=None, finished_at=timezone.now(), lease_token="", lease_until=None
    )
