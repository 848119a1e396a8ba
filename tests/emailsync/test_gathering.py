"""Listings that find little go through intake together, and what stops one of them costs nothing of the others."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from emailsync.engine import walk
from emailsync.models import Mailbox, Run
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, World

ALICE = "alice@northwind.example"
INES = "Ines Moreau <ines@atelier-lyon.example>"
LISTING = "/gmail/v1/users/me/messages"


def history(crm: Crm, mailbox: Mailbox) -> Run:
    [found] = [run for run in crm.runs(mailbox) if run.kind == Run.Kind.HISTORY]
    return found


def test_what_was_listed_before_an_error_is_stored_with_its_place(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E2: Gmail is asked for one span of time after another, and refuses the third."""
    ines = crm.contact("ines@atelier-lyon.example")
    for subject, days in (("Newest", 10), ("Newer", 60), ("Old", 200)):
        world.put(ALICE, "gmail", subject=subject, From=INES, date=(timezone.now() - timedelta(days)).isoformat())
    world.fault(LISTING, after=2, times=0, status=429, headers={"Retry-After": "1"})
    mailbox = connected(northwind.alice, "gmail")
    run = history(crm, mailbox)
    assert set(crm.subjects(ines)) == {"Newest", "Newer"}
    assert (run.state, run.stored, run.looked_at) == (Run.State.RUNNING, 2, 2)
    assert run.problem

    world.clear_faults()
    world.forget_requests()
    crm.make_due(mailbox)
    walk(tenant_id=mailbox.tenant_id, run_id=run.pk)
    run = history(crm, mailbox)
    assert set(crm.subjects(ines)) == {"Newest", "Newer", "Old"}
    assert (run.state, run.stored, run.looked_at, run.handled) == (Run.State.DONE, 3, 3, 3)
    assert run.problem == ""
    # Of four spans the two that are left, and what was in doubt.
    assert len([each for each in world.requests(path=LISTING) if each["path"] == LISTING]) == 3
