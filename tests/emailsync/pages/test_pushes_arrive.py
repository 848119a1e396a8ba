"""Pushes from the outside world to the real doors: handshake, signature and secret fit together (E9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from console.demo import outside
from crm.lib.tenancy import tenant_scope
from emailsync import engine
from emailsync.models import Mailbox
from emailsync.operations import Choices
from tests.conftest import Northwind
from tests.emailsync.conftest import World

ALICE = "alice@northwind.example"
TOPIC = "projects/postroom-demo/topics/gmail"


@pytest.fixture
def reachable(world: World, live_server: LiveServer, settings: Settings) -> None:
    """Postroom at an address that the outside world reaches, with a topic that pushes to it."""
    settings.SITE_URL = live_server.url
    settings.GOOGLE_PUBSUB_TOPIC = TOPIC
    settings.GOOGLE_PUBSUB_ACCOUNT = "pubsub-push@postroom-demo.iam.gserviceaccount.example"
    settings.MICROSOFT_PUSH = True
    world.post("google/topics", topic=TOPIC, endpoint=f"{live_server.url}/push/gmail/")


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_new_mail_makes_the_mailbox_due(
    northwind: Northwind, world: World, mail: Callable[..., bytes], provider: outside.Provider
) -> None:
    mailbox = outside.connect(northwind.alice, provider, ALICE, Choices(history_days=0))
    keys = {"tenant_id": northwind.tenant.pk, "mailbox_id": mailbox.pk}
    engine.poll(**keys)
    engine.renew_watch(**keys)
    world.post("flush")
    later = timezone.now() + timedelta(hours=1)
    with tenant_scope(northwind.tenant.pk):
        watched = Mailbox.objects.get(pk=mailbox.pk)
        assert watched.watch_until is not None
        Mailbox.objects.filter(pk=mailbox.pk).update(next_poll_at=later)
    world.put(ALICE, provider, From="ines@atelier-lyon.example")
    pushed = world.post("flush")
    assert (pushed["failed"], pushed["waiting"]) == (0, 0)
    with tenant_scope(northwind.tenant.pk):
        due = Mailbox.objects.get(pk=mailbox.pk).next_poll_at
    assert due is not None
    assert due < later
