"""S7, E1, E2: processes are killed at any moment, and two are at one mailbox; nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from console.demo import outside
from crm.lib.tenancy import tenant_scope
from emails.models import Email, Link, Source
from emailsync.engine import walking
from emailsync.models import Mailbox
from emailsync.operations import Choices
from tests.conftest import Northwind
from tests.emailsync.conftest import Crm, Provider, World
from tests.emailsync.survival.conftest import Sync

pytestmark = pytest.mark.django_db(transaction=True)
PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
CONTACTS = ("ines@atelier-lyon.example", "marco@contoso.example", "kim@kilo.example")
MESSAGES = 45


@pytest.fixture
def mailbox(
    provider: Provider, world: World, crm: Crm, northwind: Northwind, monkeypatch: pytest.MonkeyPatch
) -> Mailbox:
    """Connected, and not read yet; every third message is private."""
    # So that there are several pages to be killed at.
    monkeypatch.setattr(walking, "PAGE", 8)
    for address in CONTACTS:
        crm.contact(address)
    for number in range(MESSAGES):
        other = CONTACTS[number % 3] if number % 3 else "doctor@clinic.example"
        world.put(ALICE, provider, From=other, subject=f"Letter {number}", Message_ID=f"<{number}@letters.example>")
    return outside.connect(northwind.alice, provider, ALICE, Choices(history_days=None))


def assert_all_is_there(crm: Crm, northwind: Northwind) -> None:
    """Each relevant message once: email, link and source; of the others nothing."""
    wanted = {f"{number}@letters.example" for number in range(MESSAGES) if number % 3}
    assert {message_id for message_id, _ in crm.links()} == wanted
    with tenant_scope(northwind.tenant.pk):
        assert Counter(Email.objects.values_list("message_id", flat=True)) == Counter(dict.fromkeys(wanted, 1))
        assert Link.objects.count() == Source.objects.count() == len(wanted)


@both
def test_killed_again_and_again_nothing_is_lost_and_nothing_doubled(
    mailbox: Mailbox, crm: Crm, northwind: Northwind, sync: Sync, later: Callable[[int], None]
) -> None:
    chance = Random(7)
    ends = []
    for _ in range(6):
        ends.append(sync(mailbox.address, dies_at=chance.randrange(10, 160)).wait())
        later(northwind.tenant.pk)
    assert -9 in ends
    assert sync(mailbox.address).wait() == 0
    assert_all_is_there(crm, northwind)


@both
def test_two_processes_at_one_mailbox_do_its_work_once(
    mailbox: Mailbox, crm: Crm, northwind: Northwind, sync: Sync
) -> None:
    children = [sync(mailbox.address), sync(mailbox.address)]
    assert [child.wait() for child in children] == [0, 0]
    assert sync(mailbox.address).wait() == 0
    assert_all_is_there(crm, northwind)
