"""The main job: customer mail of a connected mailbox is on the contact's timeline, and nothing else is stored."""

from __future__ import annotations

import pytest

from emails.models import Email
from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, World

PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
INES = "Ines Moreau <ines@atelier-lyon.example>"


def stored() -> int:
    return Email.objects.count()


@both
def test_history_is_on_the_timeline_newest_first(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    ines = crm.contact("ines@atelier-lyon.example")
    world.put(ALICE, provider, subject="First offer", From=INES, Date="Sun, 1 Mar 2026 09:00:00 +0000")
    world.put(ALICE, provider, subject="Second offer", From=INES, Date="Fri, 1 May 2026 09:00:00 +0000")
    world.put(ALICE, provider, subject="Lunch", From="Carla <carla@contoso.example>")
    connected(northwind.alice, provider)
    assert crm.subjects(ines) == ["Second offer", "First offer"]


@both
def test_new_mail_is_there_after_the_next_poll(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    ines = crm.contact("ines@atelier-lyon.example")
    mailbox = connected(northwind.alice, provider)
    world.put(ALICE, provider, subject="News", From=INES)
    crm.sync(mailbox)
    assert crm.subjects(ines) == ["News"]
