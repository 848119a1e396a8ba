"""All of a mailbox's work at once, in this process: for commands, the demo and tests that want to see the end of it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import leases
from emailsync.engine.labelling import label
from emailsync.engine.polling import poll
from emailsync.engine.previewing import preview
from emailsync.engine.walking import walk
from emailsync.models import Mailbox, Run

#: More rounds than any mailbox needs that goes on at all.
ROUNDS = 10_000


def bring_up_to_date(*, tenant_id: int, mailbox_id: int) -> None:
    """Polls, walks and labels until nothing is due. Call it outside of every scope; it never waits.

    What the provider refuses for now is left to be tried later, as the workers leave it.
    """
    asked = False
    for _ in range(ROUNDS):
        with tenant_scope(tenant_id):
            run = _next_run(mailbox_id)
            is_due, wants_label = _due(mailbox_id)
        if run is not None:
            work = preview if run.kind == Run.Kind.PREVIEW else walk
            work(tenant_id=tenant_id, run_id=run.pk)
        elif is_due or not asked:
            asked = True
            poll(tenant_id=tenant_id, mailbox_id=mailbox_id)
        elif wants_label:
            label(tenant_id=tenant_id, mailbox_id=mailbox_id)
        else:
            return


def _next_run(mailbox_id: int) -> Run | None:
    now = timezone.now()
    state = Mailbox.objects.get(pk=mailbox_id).state
    kinds = {Mailbox.State.ACTIVE: set(Run.Kind) - {Run.Kind.PREVIEW}, Mailbox.State.WAITING: {Run.Kind.PREVIEW}}
    due = Run.objects.filter(mailbox=mailbox_id, next_at__lte=now, kind__in=kinds.get(Mailbox.State(state), ()))
    return next((run for run in due.order_by("created_at", "id") if leases.is_free(run, now)), None)


def _due(mailbox_id: int) -> tuple[bool, bool]:
    """Whether a poll is due, and whether labels are."""
    # A mailbox that has more to tell is due at once; the little while is for the clock.
    now = timezone.now() + timedelta(milliseconds=1)
    mailbox = Mailbox.objects.get(pk=mailbox_id)
    going = leases.is_free(mailbox, now) and mailbox.state == Mailbox.State.ACTIVE
    return (
        going and mailbox.next_poll_at is not None and mailbox.next_poll_at <= now,
        going and mailbox.next_label_at is not None and mailbox.next_label_at <= now,
    )
