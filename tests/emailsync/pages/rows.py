"""Mailboxes and their runs as they may stand in the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emails.models import Door
from emailsync.models import Mailbox, Run


def make_mailbox(
    member: Membership, address: str = "alice@northwind.example", provider: str = "gmail", **fields: Any
) -> Mailbox:
    """One in full mode that was polled twenty seconds ago, unless said otherwise."""
    now = timezone.now()
    usual = {
        "mode": "full",
        "state": "active",
        "rights": ["label", "read", "send"],
        "since": now - timedelta(days=40),
        "polled_at": now - timedelta(seconds=20),
        "next_poll_at": now + timedelta(seconds=40),
    }
    with tenant_scope(member.tenant_id):
        door = Door.objects.create(member=member, kind=provider, address=address)
        return Mailbox.objects.create(
            door=door, member=member, provider=provider, address=address, **{**usual, **fields}
        )


def make_run(mailbox: Mailbox, kind: Run.Kind = Run.Kind.HISTORY, **fields: Any) -> Run:
    """One that runs, unless said otherwise."""
    with tenant_scope(mailbox.tenant_id):
        return Run.objects.create(mailbox=mailbox, kind=kind, until=timezone.now(), **fields)
