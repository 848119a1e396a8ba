"""What happens in the middle of reading the past: the grant ends, contacts come, go and become one (E5, E10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as letters

from console.demo import outside
from contacts import operations as contacts
from contacts.filters import Selection
from crm.lib.tenancy import tenant_scope
from emailsync import operations
from emailsync.engine import walking
from emailsync.models import Mailbox, Run
from emailsync.operations import Choices
from intake import run as intake
from tests.conftest import Northwind
from tests.emailsync.conftest import Crm, Provider, Workers, World

PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
INES, MARCO, KIM = "ines@atelier-lyon.example", "marco@contoso.example", "kim@kilo.example"
MESSAGES = 24


@pytest.fixture
def mailbox(provider: Provider, world: World, northwind: Northwind, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Connected, and not read yet; its history is read in pages of four."""
    monkeypatch.setattr(walking, "PAGE", 4)
    for number in range(MESSAGES):
        other = (INES, MARCO, KIM, "doctor@clinic.example")[number % 4]
        world.put(ALICE, provider, From=other, subject=f"Letter {number}", Message_ID=f"<{number}@letters.example>")
    return outside.connect(northwind.alice, provider, ALICE, Choices(history_days=None))


def of(sender: int) -> set[str]:
    return {f"{number}@letters.example" for number in range(sender, MESSAGES, 4)}


def after_pages(monkeypatch: pytest.MonkeyPatch, pages: int, act: Callable[[], object]) -> None:
    """``act`` happens after so many pages were stored, outside of every transaction."""
    stored = 0

    def watched(*arguments: Any) -> intake.Outcomes:
        nonlocal stored
        outcomes = intake.take(*arguments)
        stored += 1
        if stored == pages:
            act()
        return outcomes

    monkeypatch.setattr("emailsync.engine.walking.take", watched)


@both
def test_a_revoked_grant_stops_the_mailbox_and_tells_its_owner_and_reconnecting_goes_on(
    mailbox: Mailbox,
    provider: Provider,
    world: World,
    crm: Crm,
    workers: Workers,
    northwind: Northwind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crm.contact(INES)
    crm.contact(MARCO)
    after_pages(monkeypatch, 2, lambda: world.post("revoke", address=ALICE))
    workers.work()
    stopped = crm.mailbox(mailbox)
    assert (stopped.state, stopped.problem) == (Mailbox.State.RECONNECT, "Email account not found")
    assert [letter.to for letter in letters.outbox] == [[ALICE]]
    assert 0 < len(crm.links()) < len(of(0) | of(1))
    granted = outside._granted(provider, ALICE, Choices(history_days=None))
    with tenant_scope(northwind.tenant.pk):
        operations.reconnect(mailbox=stopped, granted=granted)
    workers.work()
    assert crm.mailbox(mailbox).state == Mailbox.State.ACTIVE
    assert {message_id for message_id, _ in crm.links()} == of(0) | of(1)
    assert not [run for run in crm.runs(mailbox) if run.state == Run.State.RUNNING and run.kind != Run.Kind.RETRY]


@both
def test_contacts_that_come_go_and_become_one_while_history_is_read_have_what_is_theirs(
    mailbox: Mailbox, crm: Crm, workers: Workers, northwind: Northwind, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines, marco = crm.contact(INES), crm.contact(MARCO)
    made: list[int] = []

    def change() -> None:
        made.append(crm.contact(KIM).pk)
        twin = crm.contact("ines@home.example")
        with tenant_scope(northwind.tenant.pk):
            contacts.delete_contacts(actor=northwind.alice, selection=Selection(ids=(marco.pk,)))
            contacts.merge_contacts(actor=northwind.alice, into=twin, others=[ines])
        made.append(twin.pk)

    after_pages(monkeypatch, 2, change)
    workers.work()
    kim, twin = made
    assert crm.links() == {(each, twin) for each in of(0)} | {(each, kim) for each in of(2)}
