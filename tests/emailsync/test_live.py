"""Live mail: leases, cursors, errors and what makes a mailbox go on (E1, E2, E8, E10, R22, R23, R42)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from accounts import operations as accounts
from accounts.models import Role
from crm.lib.tenancy import tenant_scope
from emailsync import leases, operations
from emailsync.engine import poll
from emailsync.models import Mailbox
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, Workers, World

PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
INES = "Ines Moreau <ines@atelier-lyon.example>"
State = Mailbox.State
#: What brings bodies and what follows changes, by provider.
BODIES = {"gmail": "/gmail/v1/users/me/messages/*", "graph": "*/$value"}
CHANGES = {"gmail": "/gmail/v1/users/me/history", "graph": "*/messages/delta*"}


@both
class TestALease:
    def test_keeps_a_second_worker_out(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        mailbox = connected(northwind.alice, provider)
        with tenant_scope(mailbox.tenant_id):
            assert leases.acquire(Mailbox, mailbox.pk)
        world.forget_requests()
        poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
        assert world.requests(mailbox=ALICE) == []

    def test_of_a_killed_worker_runs_out_and_the_next_goes_on(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        ines = crm.contact("ines@atelier-lyon.example")
        mailbox = connected(northwind.alice, provider)
        with tenant_scope(mailbox.tenant_id):
            leases.acquire(Mailbox, mailbox.pk)
            Mailbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        world.put(ALICE, provider, subject="News", From=INES)
        crm.sync(mailbox)
        assert crm.subjects(ines) == ["News"]

    def test_that_was_lost_lets_its_worker_write_nothing(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        mailbox = connected(northwind.alice, provider)
        with tenant_scope(mailbox.tenant_id):
            held = leases.acquire(Mailbox, mailbox.pk)
            assert held
            Mailbox.objects.update(lease_token="another")
            with pytest.raises(leases.LeaseLost):
                leases.keep(held, cursor="mine")
        assert crm.mailbox(mailbox).cursor != "mine"


@both
class TestTheCursor:
    def test_waits_for_what_could_not_be_fetched(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        ines = crm.contact("ines@atelier-lyon.example")
        mailbox = connected(northwind.alice, provider)
        for subject in ("One", "Two", "Three"):
            world.put(ALICE, provider, subject=subject, From=INES)
        world.fault(BODIES[provider], status=503, times=2, headers={"Retry-After": "1"})
        crm.make_due(mailbox)
        poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
        world.clear_faults()
        assert crm.mailbox(mailbox).problem == "Email API error"
        crm.sync(mailbox)
        assert sorted(crm.subjects(ines)) == ["One", "Three", "Two"]
        assert crm.mailbox(mailbox).problem == ""

    def test_that_was_forgotten_loses_and_doubles_nothing(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        """E8."""
        ines = crm.contact("ines@atelier-lyon.example")
        world.put(ALICE, provider, subject="Before", From=INES)
        mailbox = connected(northwind.alice, provider)
        world.put(ALICE, provider, subject="In the gap", From=INES)
        world.post("expire-history", address=ALICE)
        crm.sync(mailbox)
        world.put(ALICE, provider, subject="After", From=INES)
        crm.sync(mailbox)
        assert sorted(crm.subjects(ines)) == ["After", "Before", "In the gap"]

    @pytest.mark.parametrize("what", [{"status": 500}, {"status": 429}, {"cut_after": -1}], ids=["500", "429", "cut"])
    def test_stands_still_while_the_provider_fails(
        self,
        provider: Provider,
        what: dict[str, int],
        world: World,
        crm: Crm,
        connected: Connect,
        northwind: Northwind,
    ) -> None:
        mailbox = connected(northwind.alice, provider)
        cursor = crm.mailbox(mailbox).cursor
        # More than once: connections that were closed are opened again unasked.
        world.fault(CHANGES[provider], times=9, **what)
        crm.make_due(mailbox)
        poll(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
        after = crm.mailbox(mailbox)
        assert (after.cursor, after.state, after.failures) == (cursor, State.ACTIVE, 1)
        assert after.next_poll_at is not None
        assert after.next_poll_at > timezone.now()


@both
class TestAGrantThatEnded:
    def test_stops_the_mailbox_and_tells_its_user_once(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
    ) -> None:
        """E10."""
        mailbox = connected(northwind.alice, provider)
        world.post("revoke", address=ALICE)
        crm.sync(mailbox)
        crm.sync(mailbox)
        after = crm.mailbox(mailbox)
        assert (after.state, after.problem, after.next_poll_at) == (State.RECONNECT, "Email account not found", None)
        assert [letter.to for letter in outbox.outbox] == [[ALICE]]
        assert "/settings/email/" in str(outbox.outbox[0].body)

    def test_is_mended_by_another_of_the_same_address_and_nothing_is_lost(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        ines = crm.contact("ines@atelier-lyon.example")
        mailbox = connected(northwind.alice, provider)
        world.post("revoke", address=ALICE)
        world.put(ALICE, provider, subject="Meanwhile", From=INES)
        crm.sync(mailbox)
        assert connected(northwind.alice, provider).pk == mailbox.pk
        assert crm.subjects(ines) == ["Meanwhile"]


@both
def test_disconnecting_forgets_the_grant_and_keeps_the_mail(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
) -> None:
    """E10."""
    ines = crm.contact("ines@atelier-lyon.example")
    world.put(ALICE, provider, subject="Kept", From=INES)
    mailbox = connected(northwind.alice, provider)
    with tenant_scope(mailbox.tenant_id):
        operations.disconnect(actor=northwind.alice, mailbox=mailbox)
    workers.work()
    world.forget_requests()
    world.put(ALICE, provider, subject="Not read", From=INES)
    crm.sync(mailbox)
    after = crm.mailbox(mailbox)
    assert (after.state, after.grant, after.next_poll_at) == (State.DISCONNECTED, "", None)
    assert world.requests(mailbox=ALICE) == []
    assert crm.subjects(ines) == ["Kept"]


@both
def test_connecting_again_stores_nothing_twice(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
) -> None:
    ines = crm.contact("ines@atelier-lyon.example")
    world.put(ALICE, provider, subject="Once", From=INES)
    first = connected(northwind.alice, provider)
    with tenant_scope(first.tenant_id):
        operations.disconnect(actor=northwind.alice, mailbox=first)
    workers.work()
    second = connected(northwind.alice, provider)
    assert second.pk != first.pk
    assert crm.subjects(ines) == ["Once"]


@both
def test_a_manual_mailbox_is_never_read(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    """R22."""
    ines = crm.contact("ines@atelier-lyon.example")
    world.put(ALICE, provider, subject="Unread", From=INES)
    mailbox = connected(northwind.alice, provider, mode="manual")
    crm.sync(mailbox)
    crm.contact("carla@contoso.example")
    crm.sync(mailbox)
    assert crm.subjects(ines) == []
    assert not any("messages" in entry["path"] for entry in world.requests(mailbox=ALICE))


def let_bob_sync(cast: Northwind, *, allowed: bool) -> None:
    with tenant_scope(cast.tenant.pk):
        accounts.change_member(
            actor=cast.alice, member=cast.bob, role=Role.MEMBER, can_see_activity=True, can_full_sync=allowed
        )


def test_a_member_who_loses_the_right_stops_syncing_until_they_have_it_again(
    world: World, crm: Crm, connected: Connect, northwind: Northwind, workers: Workers
) -> None:
    """R23."""
    from emailsync import tasks

    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.bob, "graph")
    let_bob_sync(northwind, allowed=False)
    tasks.enforce_rights()
    workers.work()
    world.put("bob@northwind.example", "graph", subject="Meanwhile", From=INES)
    crm.sync(mailbox)
    assert crm.mailbox(mailbox).problem == "2-way Sync disabled"
    assert crm.subjects(ines) == []
    let_bob_sync(northwind, allowed=True)
    tasks.enforce_rights()
    workers.work()
    assert crm.subjects(ines) == ["Meanwhile"]


def labels_of(world: World, provider: Provider, subject: str) -> list[str]:
    [found] = [entry for entry in world.truth(ALICE) if entry["subject"] == subject]
    return list(found["categories"] if provider == "graph" else found["label_names"])


@both
class TestTheLabel:
    """R42."""

    def test_is_on_what_was_stored_and_on_nothing_else(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        crm.contact("ines@atelier-lyon.example")
        world.put(ALICE, provider, subject="Offer", From=INES)
        world.put(ALICE, provider, subject="Lunch", From="Carla <carla@contoso.example>")
        connected(northwind.alice, provider, wants_label=True)
        assert "Postroom" in labels_of(world, provider, "Offer")
        assert "Postroom" not in labels_of(world, provider, "Lunch")

    def test_comes_back_as_a_change_that_changes_nothing(
        self, provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
    ) -> None:
        """E11."""
        ines = crm.contact("ines@atelier-lyon.example")
        world.put(ALICE, provider, subject="Offer", From=INES)
        mailbox = connected(northwind.alice, provider, wants_label=True)
        world.forget_requests()
        crm.sync(mailbox)
        bodies = [
            entry for entry in world.requests(mailbox=ALICE) if "raw" in entry["query"] or "$value" in entry["path"]
        ]
        assert bodies == []
        assert crm.subjects(ines) == ["Offer"]
