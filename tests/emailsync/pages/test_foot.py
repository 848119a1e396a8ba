"""The foot of the Email page's side column: how one's own mailboxes do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.views.foot import lines
from providers.base import Kind
from tests.conftest import Northwind
from tests.emailsync.pages.rows import make_mailbox

ClientOf = Callable[[Membership], Client]


def shown(client: Client) -> str:
    page = unescape(client.get("/email/").content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_says_how_ones_own_mailboxes_do(northwind: Northwind, client_of: ClientOf) -> None:
    """R39."""
    with tenant_scope(northwind.tenant.pk):
        make_mailbox(northwind.alice, "alice@northwind.example", polled_at=timezone.now() - timedelta(minutes=3))
        make_mailbox(
            northwind.alice,
            "sales@northwind.example",
            "graph",
            state="reconnect",
            problem=Kind.ACCOUNT,
            next_poll_at=None,
        )
        make_mailbox(northwind.alice, "old@northwind.example", mode="manual", rights=["send"], polled_at=None)
        assert [line.tone for line in lines(northwind.alice)] == ["ok", "bad", "ok"]
    page = shown(client_of(northwind.alice))
    for words in ("Gmail synced 3 min ago", "Microsoft needs a new log-in", "Gmail for sending"):
        assert words in page
    # Above the list too, where one looks.
    assert "sales@northwind.example: Log-in ended: reconnect" in page
    others = shown(client_of(northwind.bob))
    assert "needs a new log-in" not in others
    assert "Connect a mailbox" in others
