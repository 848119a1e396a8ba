"""Live mail: what happened in a mailbox since its cursor (E1, E2, E8, E9)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import leases, schedule
from emailsync.connections import opened
from emailsync.engine import stored
from emailsync.engine.trouble import note_failed_poll
from emailsync.leases import LeaseLost
from emailsync.models import Mailbox, Run
from intake.run import Order, Outcomes, take
from providers.base import Changes, Provider, ProviderError

#: Pages of one task; a mailbox with more to tell is due again at once.
PAGES = 20
#: Messages that go through intake at once.
SLICE = 25
#: How much further back than the last good poll a forgotten cursor re-reads (E8).
OVERLAP = timedelta(days=1)


def poll(*, tenant_id: int, mailbox_id: int) -> None:
    """Brings a mailbox up to date, unless another worker is at it. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        mailbox = leases.acquire(Mailbox, mailbox_id)
    if mailbox is None:
        return
    try:
        if not is_polled(mailbox):
            with tenant_scope(tenant_id):
                # That of a disconnected one is for `part`.
                is_gone = mailbox.state == Mailbox.State.DISCONNECTED
                leases.release(mailbox, next_poll_at=mailbox.next_poll_at if is_gone else None)
            return
        try:
            with opened(mailbox, in_background=False) as provider:
                more = _read(mailbox, provider)
        except ProviderError as error:
            with tenant_scope(tenant_id):
                note_failed_poll(mailbox, error)
        else:
            _finish(mailbox, more=more)
    except LeaseLost:
        return


def is_polled(mailbox: Mailbox) -> bool:
    """Whether its state and mode want live mail to be read (R21, R22); a failed one is tried again."""
    return mailbox.mode == Mailbox.Mode.FULL and mailbox.state in {Mailbox.State.ACTIVE, Mailbox.State.FAILED}


def _read(mailbox: Mailbox, provider: Provider) -> bool:
    """Reads up to `PAGES` pages; answers whether there is more. Raises `ProviderError`, `LeaseLost`."""
    if not mailbox.is_primed and not _prime(mailbox, provider):
        return True
    for _ in range(PAGES):
        good_day = (mailbox.cursor_at or mailbox.since or timezone.now()) - OVERLAP
        changes = provider.changes(mailbox.cursor, since=good_day)
        if changes.items:
            _take(mailbox, provider, changes)
        elif changes.more:
            with tenant_scope(mailbox.tenant_id):
                leases.keep(mailbox, cursor=changes.cursor)
        else:
            # Nothing to store: `_finish` writes it.
            mailbox.cursor = changes.cursor
        if not changes.more:
            return False
    return True


def _take(mailbox: Mailbox, provider: Provider, changes: Changes) -> None:
    """Takes a page in slices; the cursor moves with the last. Raises what held it up, after what could be stored was.

    A slice has few enough messages that its headers and bodies fit into what a backfill leaves of the budget (E6).
    """
    slices = [changes.items[start : start + SLICE] for start in range(0, len(changes.items), SLICE)]
    for number, items in enumerate(slices, start=1):
        order = Order(
            tenant_id=mailbox.tenant_id,
            door_id=mailbox.door_id,
            since=mailbox.wanted_since,
            settle=partial(_settle, mailbox, changes.cursor if number == len(slices) else None),
            alive=partial(keep_alive, mailbox),
        )
        outcomes = take(order, items, provider)
        if outcomes.held_up:
            raise outcomes.held_up


def keep_alive(row: Mailbox | Run) -> None:
    """Large messages take their time: the row is held for another while. Raises `LeaseLost`."""
    with tenant_scope(row.tenant_id):
        leases.keep(row)


def _prime(mailbox: Mailbox, provider: Provider) -> bool:
    """Takes the first cursor, in as many steps as the provider needs; False where they are more than `PAGES`."""
    for _ in range(PAGES):
        begun = provider.begin(mailbox.cursor)
        with tenant_scope(mailbox.tenant_id):
            # What came between the go and this cursor, the check finds (E3).
            checked = {"next_reconcile_at": timezone.now()} if begun.done else {}
            leases.keep(mailbox, cursor=begun.cursor, is_primed=begun.done, **checked)
        if begun.done:
            return True
    return False


def _settle(mailbox: Mailbox, cursor: str | None, outcomes: Outcomes) -> None:
    """In the transaction that stores the page (E2): the cursor moves only past what was stored whole."""
    stored.follow_up(mailbox, outcomes)
    moved = {} if outcomes.held_up or cursor is None else {"cursor": cursor}
    news = {"news_at": timezone.now()} if outcomes.stored else {}
    leases.keep(mailbox, **moved, **news)


def _finish(mailbox: Mailbox, *, more: bool) -> None:
    """A poll that succeeded: evidence that all is well (R41), and the time of the next one (E9)."""
    now = timezone.now()
    is_pushed = mailbox.watch_until is not None and mailbox.watch_until > now
    every = schedule.interval(now=now, news_at=mailbox.news_at, is_pushed=is_pushed)
    with tenant_scope(mailbox.tenant_id):
        leases.release(
            mailbox,
            cursor=mailbox.cursor,
            cursor_at=mailbox.cursor_at if more else now,
            polled_at=now,
            state=Mailbox.State.ACTIVE,
            failures=0,
            problem="",
            problem_detail="",
            problem_at=None,
            next_poll_at=now if more else now + every,
        )
