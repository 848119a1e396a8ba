"""Walks through a mailbox's past (E3, E4, E5, E8): history, new contacts, the daily check, failed messages.

All of them list, take what is listed, and write down their place with what was stored. They differ in what they
look for, and that stands in their row.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import leases, queries
from emailsync.connections import opened
from emailsync.engine import stored
from emailsync.engine.polling import keep_alive
from emailsync.engine.trouble import note_failed_run
from emailsync.leases import LeaseLost
from emailsync.models import Mailbox, Run
from intake.run import Order, Outcomes, take
from providers.base import Listing, Provider, ProviderError, Search, Seen

#: Seconds that one task walks before it gives its worker back.
STRETCH = 40.0
#: Messages that go through intake at once: what a killed worker does again at most.
PAGE = 100
#: Seconds that listings are gathered for a page, before what there is goes through intake.
GATHERING = 10.0
#: Kinds that look again at what was decided before. The daily check does not: it mends gaps, and what an exclusion
#: kept out is never imported in silence (R12).
AGAIN = frozenset({Run.Kind.MATCH, Run.Kind.HISTORY, Run.Kind.RETRY})


def walk(*, tenant_id: int, run_id: int) -> bool:
    """Goes on with a run for a while, unless another worker does; whether it wants to go on at once.

    Call it outside of every scope.
    """
    with tenant_scope(tenant_id):
        run = leases.acquire(Run, run_id)
        mailbox = queries.mailbox_of_run(run) if run else None
    if run is None or mailbox is None:
        return False
    try:
        if not _may_walk(run, mailbox):
            return False
        try:
            with opened(mailbox, in_background=True) as provider:
                _stretch(run, mailbox, provider)
        except ProviderError as error:
            with tenant_scope(tenant_id):
                note_failed_run(run, mailbox, error)
            return False
        with tenant_scope(tenant_id):
            leases.release(run)
    except LeaseLost:
        return False
    return run.state == Run.State.RUNNING and run.next_at is not None and run.next_at <= timezone.now()


def _may_walk(run: Run, mailbox: Mailbox) -> bool:
    """Lets a run go that has nothing to do now; one whose mailbox waits stays due, and `dispatch` passes it over."""
    if run.state == Run.State.RUNNING and mailbox.state == Mailbox.State.ACTIVE:
        return True
    with tenant_scope(run.tenant_id):
        leases.release(run)
    return False


def _stretch(run: Run, mailbox: Mailbox, provider: Provider) -> None:
    ends = time.monotonic() + STRETCH
    while run.state == Run.State.RUNNING and time.monotonic() < ends:
        if run.kind == Run.Kind.RETRY:
            _try_again(run, mailbox, provider)
            return
        with tenant_scope(run.tenant_id):
            _drop_unwanted(run, mailbox)
            wanted = Search(run.addresses, run.since, run.until, queries.excluded_values())
        if wanted.addresses:
            listed_at = timezone.now()
            listing, trouble = _gathered(wanted, run.token, provider)
            _take_listing(run, mailbox, provider, listing, listed_at)
            if trouble:
                raise trouble


def _gathered(wanted: Search, token: str, provider: Provider) -> tuple[Listing, ProviderError | None]:
    """Listings as one, until they fill a page or time is up; with the error that ended them before.

    A question about a few addresses in a short time often finds little, and a page costs intake much the same however
    few are on it. Raises `ProviderError` where there is nothing at all.
    """
    ends = time.monotonic() + GATHERING
    listing = provider.search(wanted, token)
    while listing.token is not None and len(listing.items) < PAGE and time.monotonic() < ends:
        try:
            following = provider.search(wanted, listing.token)
        except ProviderError as error:
            return listing, error
        listing = replace(
            following,
            items=(*listing.items, *following.items),
            looked_at=listing.looked_at + following.looked_at,
        )
    return listing, None


def _drop_unwanted(run: Run, mailbox: Mailbox) -> None:
    """Looks no further for contacts that were deleted, hidden or excluded since: their mail is private."""
    still = queries.searchable_addresses(mailbox.member, among=run.addresses)
    if len(still) < len(run.addresses):
        leases.keep(run, addresses=still)
    if not still:
        leases.keep(run, state=Run.State.DONE, finished_at=timezone.now(), next_at=None, progress=1)


def _take_listing(run: Run, mailbox: Mailbox, provider: Provider, listing: Listing, listed_at: datetime) -> None:
    """Takes a listing in pages; the walk's place moves with the last of them."""
    pages = [listing.items[start : start + PAGE] for start in range(0, len(listing.items), PAGE)]
    for page in pages[:-1]:
        _take(run, mailbox, provider, _Page(page, listed_at))
    place: dict[str, object] = {
        "token": listing.token or "",
        "progress": listing.progress,
        "looked_at": run.looked_at + listing.looked_at,
    }
    if listing.token is None:
        place |= {"state": Run.State.DONE, "finished_at": timezone.now(), "next_at": None, "progress": 1}
    if pages:
        _take(run, mailbox, provider, _Page(pages[-1], listed_at, place))
    else:
        with tenant_scope(run.tenant_id):
            leases.keep(run, failures=0, problem="", **place)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some messages, when they were listed, and the place of the walk after them."""

    items: Sequence[Seen]
    listed_at: datetime
    place: Mapping[str, object] = field(default_factory=dict)


def _take(run: Run, mailbox: Mailbox, provider: Provider, page: _Page) -> None:
    """Takes one page. Raises what held it up, after what could be had was stored; then the place stays."""
    with tenant_scope(run.tenant_id):
        is_newer = queries.is_excluded_since(page.listed_at)
    # What was found by an address may come from somebody who was excluded since: headers first.
    items = [replace(item, concerns=False) for item in page.items] if is_newer else page.items
    order = Order(
        tenant_id=run.tenant_id,
        door_id=mailbox.door_id,
        since=mailbox.wanted_since,
        settle=partial(_settle, run, mailbox, page.place),
        again=run.kind in AGAIN,
        missed=run.kind == Run.Kind.RECONCILE,
        listed_at=page.listed_at,
        alive=partial(keep_alive, run),
    )
    outcomes = take(order, items, provider)
    if outcomes.held_up:
        raise outcomes.held_up


def _settle(run: Run, mailbox: Mailbox, place: Mapping[str, object], outcomes: Outcomes) -> None:
    """In the transaction that stores the page (E2)."""
    stored.follow_up(mailbox, outcomes)
    moved: dict[str, object] = {} if outcomes.held_up else {"failures": 0, "problem": "", **place}
    sums = {
        "stored": outcomes.stored,
        "duplicates": outcomes.duplicates,
        "skipped": outcomes.skipped + outcomes.tombstones,
        "failed": outcomes.failed,
    }
    counted = {name: getattr(run, name) + number for name, number in sums.items()}
    leases.keep(run, handled=run.handled + sum(sums.values()), **counted, **moved)


def _try_again(run: Run, mailbox: Mailbox, provider: Provider) -> None:
    """Failed messages that are due once more; the run ends when none is left to wait for."""
    with tenant_scope(run.tenant_id):
        due = queries.due_failures(mailbox)
    if due:
        _take(run, mailbox, provider, _Page([Seen(key) for key in due], timezone.now()))
    with tenant_scope(run.tenant_id):
        next_at = queries.next_failure_at(mailbox)
        if next_at is None:
            leases.keep(run, state=Run.State.DONE, finished_at=timezone.now(), next_at=None, progress=1)
        else:
            leases.keep(run, next_at=next_at)
