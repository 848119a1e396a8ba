"""What happens to a mailbox while a worker is at it, and what must not hold it up (E1, E3, E7, E10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from contacts import operations as contacts
from contacts import queries as contact_queries
from crm.lib.tenancy import tenant_scope
from emails.models import Decision
from emailsync import operations, pacing
from emailsync.engine import part, poll, polling, walk, walking
from emailsync.models import Mailbox, Run
from emailsync.operations import Choices, UnableToConnect
from emailsync.pacing import Budget, Purse
from intake.run import Order, Outcomes, Source, take
from providers.base import Granted, OutOfBudget, Right, Seen
from tests.conftest import Globex, Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, Workers, World

PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
INES = "Ines Moreau <ines@atelier-lyon.example>"
State = Mailbox.State


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """``meanwhile(act)``: somebody acts while the next page is taken in, before it is stored."""

    def arrange(act: Callable[[], None]) -> None:
        def taking(order: Order, items: Sequence[Seen], source: Source) -> Outcomes:
            for module in (polling, walking):
                monkeypatch.setattr(module, "take", take)
            act()
            return take(order, items, source)

        for module in (polling, walking):
            monkeypatch.setattr(module, "take", taking)

    return arrange


@both
def test_disconnecting_in_the_middle_of_a_poll_stops_it(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, meanwhile: Any
) -> None:
    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.alice, provider)
    world.put(ALICE, provider, subject="Under way", From=INES)

    def disconnect() -> None:
        with tenant_scope(mailbox.tenant_id):
            operations.disconnect(actor=northwind.alice, mailbox=mailbox)

    meanwhile(disconnect)
    crm.sync(mailbox)
    world.put(ALICE, provider, subject="Afterwards", From=INES)
    crm.sync(mailbox)
    after = crm.mailbox(mailbox)
    assert (after.state, after.grant, crm.subjects(ines)) == (State.DISCONNECTED, "", [])


@both
def test_what_the_old_grant_still_meets_does_not_stop_a_mailbox_that_was_reconnected(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, meanwhile: Any
) -> None:
    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.alice, provider)
    world.put(ALICE, provider, subject="News", From=INES)

    def reconnect() -> None:
        world.post("revoke", address=ALICE)
        connected(northwind.alice, provider)

    meanwhile(reconnect)
    crm.make_due(mailbox)
    poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    crm.sync(mailbox)
    assert crm.mailbox(mailbox).state == State.ACTIVE
    assert crm.subjects(ines) == ["News"]


@both
def test_mail_between_the_go_and_the_first_cursor_is_found(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
) -> None:
    """E3: the history reads up to the go, the cursor comes a moment later."""
    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.alice, provider, history_days=0)
    world.put(ALICE, provider, subject="In between", From=INES)
    with tenant_scope(mailbox.tenant_id):
        Mailbox.objects.update(is_primed=False, cursor="", next_reconcile_at=None, next_poll_at=timezone.now())
    workers.work()
    assert crm.subjects(ines) == ["In between"]


@both
def test_one_message_that_always_fails_holds_up_no_other(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E7."""
    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.alice, provider)
    world.put(ALICE, provider, subject="Sick", From=INES)
    sick = world.truth(ALICE)[-1]["gmail_id" if provider == "gmail" else "graph_immutable_id"]
    world.put(ALICE, provider, subject="Well", From=INES)
    world.fault(f"*{sick}*" if provider == "gmail" else f"*{sick}/$value", times=0, status=500)
    crm.sync(mailbox)
    assert crm.subjects(ines) == ["Well"]
    assert crm.mailbox(mailbox).problem == ""
    with tenant_scope(mailbox.tenant_id):
        assert Decision.objects.filter(outcome="failed", next_attempt_at__isnull=False).count() == 1
    world.clear_faults()
    crm.sync(mailbox)
    assert sorted(crm.subjects(ines)) == ["Sick", "Well"]


@both
def test_a_storm_of_refusals_delays_a_walk_but_does_not_end_it(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E6, E7."""
    ines = crm.contact("ines@atelier-lyon.example")
    world.put(ALICE, provider, subject="Old", From=INES)
    listing = "/gmail/v1/users/me/messages" if provider == "gmail" else "/graph/v1.0/me/messages"
    world.fault(listing, times=0, status=429, headers={"Retry-After": "1"})
    mailbox = connected(northwind.alice, provider)
    [history] = [run for run in crm.runs(mailbox) if run.kind == Run.Kind.HISTORY]
    for _ in range(40):
        crm.make_due(mailbox)
        walk(tenant_id=mailbox.tenant_id, run_id=history.pk)
    world.clear_faults()
    crm.sync(mailbox)
    assert crm.subjects(ines) == ["Old"]


def test_walks_go_on_when_a_mailbox_that_had_failed_is_well_again(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    mailbox = connected(northwind.alice, "gmail")
    world.put(ALICE, "gmail", subject="Hello", From="Carla <carla@contoso.example>")
    crm.sync(mailbox)
    with tenant_scope(mailbox.tenant_id):
        Mailbox.objects.update(state=State.FAILED)
    carla = crm.contact("carla@contoso.example")
    crm.workers.work()
    assert crm.subjects(carla) == []
    crm.sync(mailbox)
    assert crm.subjects(carla) == ["Hello"]


def test_disconnecting_in_one_account_leaves_the_same_mailbox_connected_in_another(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, globex: Globex, workers: Workers
) -> None:
    """E10: Google ends all grants of a person for an app at once."""
    here = connected(northwind.alice, "gmail", "shared@northwind.example")
    there = connected(globex.charlie, "gmail", "shared@northwind.example")
    with tenant_scope(here.tenant_id):
        operations.disconnect(actor=northwind.alice, mailbox=here)
    workers.work()
    with tenant_scope(there.tenant_id):
        Mailbox.objects.update(next_poll_at=timezone.now())
    workers.work()
    with tenant_scope(there.tenant_id):
        assert Mailbox.objects.get().state == State.ACTIVE
    assert crm.mailbox(here).grant == ""


def test_a_poll_that_waits_in_its_queue_does_not_keep_a_grant_from_being_forgotten(
    crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
) -> None:
    mailbox = connected(northwind.alice, "gmail")
    with tenant_scope(mailbox.tenant_id):
        operations.disconnect(actor=northwind.alice, mailbox=mailbox)
    poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    assert crm.mailbox(mailbox).next_poll_at is not None
    part(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    assert crm.mailbox(mailbox).grant == ""


def test_a_mailbox_is_connected_through_one_provider(connected: Connect, northwind: Northwind) -> None:
    mailbox = connected(northwind.alice, "gmail", "moved@northwind.example")
    granted = Granted("a grant", mailbox.address, "", frozenset(Right))
    with tenant_scope(mailbox.tenant_id), pytest.raises(UnableToConnect, match="through Gmail already"):
        operations.connect(member=northwind.alice, provider="graph", granted=granted, choices=Choices())


def test_an_answer_that_no_provider_should_give_is_seen_and_not_hidden(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E7, R40."""
    mailbox = connected(northwind.alice, "gmail")
    odd = {"history": [{"id": "1", "messagesAdded": [{"message": None}]}], "historyId": "9"}
    world.fault("/gmail/v1/users/me/history", times=0, status=200, body=odd)
    crm.make_due(mailbox)
    poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    after = crm.mailbox(mailbox)
    assert (after.state, after.problem, after.lease_until) == (State.FAILED, "Code error", None)
    world.clear_faults()
    crm.sync(mailbox)
    assert crm.mailbox(mailbox).state == State.ACTIVE


def test_without_redis_a_mailbox_waits(settings: Settings) -> None:
    """E6: nobody can say what was spent, so nothing is."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    for cached in (pacing._redis, pacing._script):
        cached.cache_clear()
    try:
        purse = Purse("7", Budget(600, 60))
        with pytest.raises(OutOfBudget):
            purse.take(1, in_background=False)
        purse.hold(30)
    finally:
        for cached in (pacing._redis, pacing._script):
            cached.cache_clear()


def test_a_private_contact_that_everybody_may_see_now_is_looked_for_in_every_mailbox(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """E5, R37."""
    world.put(ALICE, "gmail", subject="Hello", From=INES)
    connected(northwind.alice, "gmail")
    ines = crm.contact("ines@atelier-lyon.example", by=northwind.bob, is_private=True, owner_id=northwind.bob.pk)
    crm.workers.work()
    assert crm.subjects(ines) == []
    with tenant_scope(northwind.tenant.pk):
        fresh = contact_queries.get_contact(northwind.bob, ines.pk)
        data = contact_queries.data_of(fresh)
        contacts.update_contact(actor=northwind.bob, contact=fresh, data=replace(data, is_private=False))
    crm.workers.work()
    assert crm.subjects(ines) == ["Hello"]
