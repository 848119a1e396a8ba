"""What makes a mailbox go on or wait: pushes, rights, and people who press Sync now."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from crm.lib.queue import enqueue
from emailsync.models import Mailbox
from emailsync.operations.runs import wake_runs
from emailsync.queries import RIGHT_GONE
from providers.base import Kind

State = Mailbox.State
GOING = (State.ACTIVE, State.FAILED)


def make_due(mailbox_id: int) -> None:
    """A push says that something happened (E9): the mailbox is due now, even if the task that says so is lost."""
    due = Mailbox.objects.filter(pk=mailbox_id, state__in=GOING, mode=Mailbox.Mode.FULL)
    if due.update(next_poll_at=timezone.now()):
        enqueue("emailsync.tasks.poll", mailbox_id=mailbox_id)


def sync_now(mailbox: Mailbox) -> None:
    """The user wants it at once: live mail, and whatever waits for another try."""
    wake_runs(mailbox.pk)
    make_due(mailbox.pk)


def note_lifecycle(mailbox_id: int, events: Collection[str]) -> None:
    """What Graph says of a subscription itself: the watch is renewed, or made anew where it is gone."""
    changes: dict[str, object] = {}
    if "subscriptionRemoved" in events:
        changes |= {"watch_id": "", "watch_until": None}
    if {"subscriptionRemoved", "reauthorizationRequired"} & set(events):
        changes |= {"next_watch_at": timezone.now()}
    if changes:
        Mailbox.objects.filter(pk=mailbox_id, disconnected_at=None).update(**changes)
    make_due(mailbox_id)


def disable_for_right(mailbox_id: int) -> None:
    """An admin took full sync away from its member (R23)."""
    Mailbox.objects.filter(pk=mailbox_id, state__in=GOING).update(
        state=State.DISABLED,
        problem=Kind.DISABLED,
        problem_detail=RIGHT_GONE,
        problem_at=timezone.now(),
        next_poll_at=None,
    )


def resume_for_right(mailbox_id: int) -> None:
    """Its member may sync again: it goes on where it was."""
    resumed = Mailbox.objects.filter(pk=mailbox_id, state=State.DISABLED, problem_detail=RIGHT_GONE).update(
        state=State.ACTIVE, problem="", problem_detail="", problem_at=None, next_poll_at=timezone.now()
    )
    if resumed:
        wake_runs(mailbox_id)
