"""Beginning walks (E3, E4, E5, E8). A worker finds what was begun by its row; the task sent is a hint."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from crm.lib.queue import enqueue
from emailsync import queries
from emailsync.leases import UNLEASED
from emailsync.models import ChangedContacts, Mailbox, Run
from emailsync.schedule import DAILY
from intake import operations as intake

Kind = Run.Kind
#: How far back the daily check looks (E8).
CHECKED = timedelta(days=7)
SLACK = timedelta(minutes=1)
#: Changes of contacts that one task takes on.
MOST_CHANGES = 100


def begin_history(mailbox: Mailbox) -> Run | None:
    """The walk through the history that was chosen at connect, up to now; None where none was."""
    if mailbox.history_days == 0:
        return None
    return _begin(mailbox, Kind.HISTORY, queries.searchable_addresses(mailbox.member), since=mailbox.wanted_since)


def begin_preview(mailbox: Mailbox) -> Run:
    """Counts what `begin_history` would store, and for whom; stores nothing. One that runs already is begun anew."""
    stop_runs(Run.objects.filter(mailbox=mailbox, kind=Kind.PREVIEW))
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
            waiting.until = timezone.now() + SLACK
            waiting.save(update_fields=["addresses", "until"])
        else:
            _begin(mailbox, Kind.MATCH, addresses, since=mailbox.wanted_since)


def begin_daily_checks(mailbox: Mailbox) -> None:
    """Compares the last week with the provider (E8), and plans the next time."""
    now = timezone.now()
    Mailbox.objects.filter(pk=mailbox.pk).update(next_reconcile_at=now + DAILY)
    begin_retry(mailbox)
    if Run.objects.filter(mailbox=mailbox, kind=Kind.RECONCILE, state=Run.State.RUNNING).exists():
        return
    since = now - CHECKED
    chosen = mailbox.wanted_since
    addresses = queries.searchable_addresses(mailbox.member)
    _begin(mailbox, Kind.RECONCILE, addresses, since=max(since, chosen) if chosen else since)


def begin_retry(mailbox: Mailbox) -> None:
    """Sees to it that messages that failed are tried again when they are due."""
    next_at = queries.next_failure_at(mailbox)
    waiting = Run.objects.filter(mailbox=mailbox, kind=Kind.RETRY, state=Run.State.RUNNING)
    if next_at is not None and not waiting.exists():
        Run.objects.create(mailbox=mailbox, kind=Kind.RETRY, until=timezone.now(), next_at=next_at)


def _begin(mailbox: Mailbox, kind: Run.Kind, addresses: list[str], *, since: datetime | None) -> Run:
    now = timezone.now()
    # Clocks differ: mail of this very moment may bear a later one.
    run = Run(mailbox=mailbox, kind=kind, addresses=addresses, since=since, until=now + SLACK)
    if not addresses:
        run.state, run.next_at, run.finished_at, run.progress = Run.State.DONE, None, now, 1
    run.save()
    if addresses:
        task = "emailsync.tasks.preview" if kind == Kind.PREVIEW else "emailsync.tasks.walk"
        enqueue(task, run_id=run.pk)
    return run


def _not_begun(mailbox: Mailbox) -> Run | None:
    """A retro-match that no worker has looked at yet: it can take more addresses with it. Locked."""
    found = Run.objects.filter(
        mailbox=mailbox, kind=Kind.MATCH, state=Run.State.RUNNING, token="", looked_at=0, handled=0, lease_token=""
    )
    return found.select_for_update(skip_locked=True).order_by("id").first()


def stop_runs(runs: QuerySet[Run]) -> None:
    """Ends those that run; whoever walks one of them loses its lease, and writes no more."""
    runs.filter(state=Run.State.RUNNING).update(
        state=Run.State.CANCELLED, next_at=None, finished_at=timezone.now(), **UNLEASED
    )


def wake_runs(mailbox_id: int) -> None:
    """The mailbox goes on: so do its runs, those too that gave up while the provider said no."""
    Run.objects.filter(mailbox=mailbox_id, state__in=(Run.State.RUNNING, Run.State.FAILED)).exclude(
        kind=Kind.PREVIEW
    ).update(state=Run.State.RUNNING, next_at=timezone.now(), finished_at=None, failures=0, problem="")
