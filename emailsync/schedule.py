"""When to do what next (E7, E9): pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from emailsync.models import Mailbox
from providers.base import Kind, OutOfBudget, ProviderError, Recovery

State = Mailbox.State
#: How long after its last news a mailbox is polled how often. With pushes, polling only makes up for lost ones.
_RHYTHM = (
    (timedelta(minutes=15), timedelta(seconds=30)),
    (timedelta(hours=2), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=3)),
)
SELDOM = timedelta(minutes=10)
PUSHED = timedelta(minutes=5)
FIRST_RETRY, LAST_RETRY = timedelta(seconds=15), timedelta(hours=1)
DAILY = timedelta(days=1)


def interval(*, now: datetime, news_at: datetime | None, is_pushed: bool) -> timedelta:
    """How long until the next poll of a mailbox whose last poll succeeded (E9)."""
    quiet = now - news_at if news_at else timedelta.max
    rhythm = next((every for bound, every in _RHYTHM if quiet < bound), SELDOM)
    return max(rhythm, PUSHED) if is_pushed else rhythm


def backoff(failures: int, *, chance: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row, from 1: doubled each time, and never all at once."""
    doubled = FIRST_RETRY * int(2 ** min(failures - 1, 12))
    spread = random.uniform(0.75, 1.25) if chance is None else chance  # noqa: S311  # Nothing secret.
    return min(doubled, LAST_RETRY) * spread


@dataclass(frozen=True)
class Consequence:
    """What an error does to a mailbox: its state, when it is tried again (None: when a person has acted).

    ``tells`` says that its owner gets a mail, ``counts`` that it is a failure and not a mere pause.
    """

    state: Mailbox.State
    again_in: timedelta | None
    tells: bool = False
    counts: bool = True


def consequence(error: ProviderError, *, failures: int) -> Consequence:
    """The one place that decides what an error means (E7, E10). ``failures`` is how many there were in a row before."""
    again_in = timedelta(seconds=error.retry_after) if error.retry_after is not None else backoff(failures + 1)
    if isinstance(error, OutOfBudget):
        return Consequence(State.ACTIVE, again_in, counts=False)
    if error.recovery is Recovery.TRANSIENT:
        return Consequence(State.ACTIVE, again_in)
    if error.kind is Kind.ACCOUNT:
        return Consequence(State.RECONNECT, None, tells=True)
    if error.kind is Kind.DISABLED:
        return Consequence(State.DISABLED, None, tells=True)
    # Licences come back, and our own errors are mended by a deployment: look again, but not often.
    return Consequence(State.FAILED, DAILY if error.kind is Kind.INBOX else LAST_RETRY)
