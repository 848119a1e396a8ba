"""What connecting would store, and for whom, counted before anything is read but envelopes.

Where listing brings the envelopes (Graph) one walk counts all. Where the provider finds messages by address (Gmail)
the hits are counted instead: for all contacts at once, and then in halves, so that contacts without mail cost next to
nothing. What counts is written down after each step: ``{"messages": n, "contacts": {address: n}, "waiting": [[from,
to], …]}``, the last being slices of the run's addresses that are still to be counted.

Who sent what looks private is noted on the way: ``{"private": {address: [sort, n]}}``, of all envelopes that come with
a listing, or else of the newest hits. A listing leaves out the headers that tell mail to many: they are asked for of
one message a sender, ``{"asked": {address: whether it is to many}}``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import leases, queries
from emailsync.connections import opened
from emailsync.engine.trouble import note_failed_run
from emailsync.engine.walking import STRETCH
from emailsync.leases import LeaseLost
from emailsync.models import Mailbox, Run
from intake import preview as intake
from mailkit.sensitive import Sort
from providers.base import Listing, Place, Provider, ProviderError, Search, Seen

#: Hits whose envelopes are asked for where the listing has none; senders, where it has.
SAMPLED = 200
#: Senders of what looks private that are noted.
MOST_PRIVATE = 100


def preview(*, tenant_id: int, run_id: int) -> bool:
    """Goes on with a preview for a while; whether it wants to go on at once. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        run = leases.acquire(Run, run_id)
        mailbox = queries.mailbox_of_run(run) if run else None
    if run is None or mailbox is None:
        return False
    try:
        if run.state != Run.State.RUNNING or mailbox.state != Mailbox.State.WAITING:
            with tenant_scope(tenant_id):
                leases.release(run)
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
    return run.state == Run.State.RUNNING


def _stretch(run: Run, mailbox: Mailbox, provider: Provider) -> None:
    ends = time.monotonic() + STRETCH
    while run.state == Run.State.RUNNING and time.monotonic() < ends:
        if run.result.get("waiting"):
            _count_slice(run, provider)
        else:
            _count_page(run, mailbox, provider)


def _count_page(run: Run, mailbox: Mailbox, provider: Provider) -> None:
    """One page of the walk over all addresses."""
    with tenant_scope(run.tenant_id):
        wanted = Search(run.addresses, run.since, run.until, queries.excluded_values())
    listing = provider.search(wanted, run.token)
    result: dict[str, Any] = {"messages": 0, "contacts": {}, "waiting": []} | run.result
    bare = [item for item in listing.items if item.headers is None]
    with tenant_scope(run.tenant_id):
        found = intake.concerned(mailbox.door_id, listing.items)
    result["messages"] += len(found) + len(bare)
    named = Counter(address for each in found for address in each.addresses)
    result["contacts"] = Counter(result["contacts"]) + named
    found = _with_headers(run, mailbox, provider, found, result.setdefault("asked", {}))
    result["private"] = _with_private(result.get("private", {}), [*found, *_sampled(run, mailbox, provider, bare)])
    if bare and not result.get("by_halves"):
        result["by_halves"] = True
    ended = listing.token is None
    if ended and result.get("by_halves"):
        result["waiting"] = [[0, len(run.addresses)]]
    _write(run, listing, result, is_done=ended and not result["waiting"])


def _sampled(run: Run, mailbox: Mailbox, provider: Provider, bare: Sequence[Seen]) -> list[intake.Concerned]:
    """The envelopes of the first hits, which are the newest: asking for all would cost what storing them does."""
    return _asked(run, mailbox, provider, [item.id for item in bare[: max(SAMPLED - run.looked_at, 0)]])


def _with_headers(
    run: Run, mailbox: Mailbox, provider: Provider, found: Sequence[intake.Concerned], asked: dict[str, bool]
) -> list[intake.Concerned]:
    """The same, with what the headers of each sender's newest message say of mail that else looks like nothing."""
    plain = [each for each in found if each.sender and each.looks_like is None]
    newest: dict[str, str] = {}
    for each in plain:
        if each.sender not in asked:
            newest.setdefault(each.sender, each.id)
    chosen = dict(list(newest.items())[: max(SAMPLED - len(asked), 0)])
    asked.update(dict.fromkeys(chosen, False))
    answers = _asked(run, mailbox, provider, list(chosen.values()))
    asked.update({each.sender: True for each in answers if each.looks_like is Sort.BULK})
    return [
        replace(each, looks_like=Sort.BULK) if each.looks_like is None and asked.get(each.sender) else each
        for each in found
    ]


def _asked(run: Run, mailbox: Mailbox, provider: Provider, ids: Sequence[str]) -> list[intake.Concerned]:
    answers = [answer for answer in provider.headers(ids) if isinstance(answer, Seen)] if ids else []
    if not answers:
        return []
    with tenant_scope(run.tenant_id):
        return intake.concerned(mailbox.door_id, answers)


def _with_private(noted: Mapping[str, Any], found: Iterable[intake.Concerned]) -> dict[str, Any]:
    """Senders with what their mail looks like and how often, no more of them than anybody reads."""
    order = list(Sort)
    senders = {sender: (Sort(sort), number) for sender, (sort, number) in noted.items()}
    for each in found:
        if each.looks_like is not None:
            sort, number = senders.get(each.sender, (each.looks_like, 0))
            senders[each.sender] = min(sort, each.looks_like, key=order.index), number + 1
    most = sorted(senders.items(), key=lambda item: -item[1][1])[:MOST_PRIVATE]
    return {sender: [sort.value, number] for sender, (sort, number) in most}


def _count_slice(run: Run, provider: Provider) -> None:
    """Hits for some of the addresses: none ends it, one address is an answer, more are halved."""
    first, last = run.result["waiting"].pop()
    if last - first > 1:
        found = any(items for items in _pages(run, provider, first, last, most=1))
        middle = (first + last) // 2
        if found:
            # The half that is counted next comes last.
            run.result["waiting"] += [[middle, last], [first, middle]]
    else:
        number = sum(_pages(run, provider, first, last))
        if number:
            run.result["contacts"][run.addresses[first]] = number
    _write(run, None, run.result, is_done=not run.result["waiting"])


def _pages(run: Run, provider: Provider, first: int, last: int, *, most: int | None = None) -> Iterator[int]:
    """How many hits each page of a search has; no more pages than are needed to see ``most``."""
    token: str | None = ""
    seen = 0
    while token is not None and (most is None or seen < most):
        listing = provider.search(Search(run.addresses[first:last], run.since, run.until), token)
        hits = sum(item.place is Place.MAIL for item in listing.items)
        seen += hits
        token = listing.token
        yield hits


def _write(run: Run, listing: Listing | None, result: dict[str, Any], *, is_done: bool) -> None:
    changes: dict[str, object] = {"result": result, "failures": 0, "problem": ""}
    if listing is not None:
        changes |= {
            "token": listing.token or "",
            "looked_at": run.looked_at + listing.looked_at,
            # The second half of the way is to count for whom.
            "progress": listing.progress * (0.5 if result.get("by_halves") else 1),
        }
    elif run.addresses:
        rest = sum(last - first for first, last in result["waiting"])
        changes["progress"] = 1 - rest / len(run.addresses) / 2
    if is_done:
        changes |= {"state": Run.State.DONE, "finished_at": timezone.now(), "next_at": None, "progress": 1}
    with tenant_scope(run.tenant_id):
        leases.keep(run, **changes)
