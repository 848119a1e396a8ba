"""What becomes of a mailbox or a run when the provider says no (E7, E10)."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.utils import timezone

from crm.lib.queue import enqueue
from emailsync import leases
from emailsync.models import Mailbox, Run
from emailsync.schedule import Consequence, backoff, consequence
from providers.base import OutOfBudget, ProviderError, Recovery

log = structlog.get_logger("emailsync")
LETTER = "emailsync.tasks.tell_of_trouble"
#: A run gives up after so many errors in a row that time does not mend; they are an hour apart.
MOST_FAILURES = 30


def note_failed_poll(mailbox: Mailbox, error: ProviderError) -> None:
    """Lets a leased mailbox go with what the error means for it. Call it in its scope. Raises `LeaseLost`."""
    means = consequence(error, failures=mailbox.failures)
    _log(mailbox, error, means)
    changes: dict[str, object] = {"next_poll_at": _after(means)}
    if means.counts:
        changes |= {"state": means.state, "failures": mailbox.failures + 1, **_problem(error)}
    leases.release(mailbox, **changes)
    if means.tells:
        enqueue(LETTER, mailbox_id=mailbox.pk)


def note_failed_run(run: Run, mailbox: Mailbox, error: ProviderError) -> None:
    """Lets a leased run go: to go on later, or for ever. Call it in its scope. Raises `LeaseLost`."""
    means = consequence(error, failures=run.failures)
    _log(mailbox, error, means, run=run.pk)
    failures = run.failures + means.counts
    if means.again_in is None:
        _stop_mailbox(mailbox, error, means)
        # Due as it is: it goes on when the mailbox does.
        leases.release(run, problem=error.detail[:500])
    elif error.recovery is Recovery.PERMANENT and failures >= MOST_FAILURES:
        leases.release(
            run, state=Run.State.FAILED, next_at=None, finished_at=timezone.now(), problem=error.detail[:500]
        )
    else:
        # What names a short time each time means a longer one.
        pause = max(means.again_in, backoff(failures)) if failures > 5 else means.again_in
        leases.release(run, next_at=timezone.now() + pause, failures=failures, problem=error.detail[:500])


def note_failed_chore(mailbox: Mailbox, error: ProviderError, *, field: str) -> None:
    """Labels or a watch could not be had: tries again later, and tells the owner only what stops the mailbox.

    ``field`` is the column that says when the chore is due. Call it in the mailbox's scope.
    """
    means = consequence(error, failures=0)
    _log(mailbox, error, means, chore=field)
    if error.needs_reconnect:
        _stop_mailbox(mailbox, error, means)
    pause = means.again_in if error.recovery is Recovery.TRANSIENT and means.again_in else backoff(20)
    Mailbox.objects.filter(pk=mailbox.pk).update(**{field: timezone.now() + pause})


def _stop_mailbox(mailbox: Mailbox, error: ProviderError, means: Consequence) -> None:
    """Whoever finds out first stops it for all, and the owner gets one mail."""
    found = Mailbox.objects.filter(pk=mailbox.pk, state=Mailbox.State.ACTIVE)
    if found.update(state=means.state, next_poll_at=None, **_problem(error)) and means.tells:
        enqueue(LETTER, mailbox_id=mailbox.pk)


def _problem(error: ProviderError) -> dict[str, object]:
    return {"problem": error.kind, "problem_detail": error.detail[:500], "problem_at": timezone.now()}


def _after(means: Consequence) -> datetime | None:
    return timezone.now() + means.again_in if means.again_in is not None else None


def _log(mailbox: Mailbox, error: ProviderError, means: Consequence, **more: object) -> None:
    say = log.info if isinstance(error, OutOfBudget) else log.warning
    say(
        "the provider said no",
        mailbox=mailbox.pk,
        kind=error.kind,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        again_in=means.again_in.total_seconds() if means.again_in is not None else None,
        **more,
    )
