"""Once a day: does the mailbox have new aliases (R3), is its last week all here (E8), and has a label got the name
that keeps mail out?"""

from __future__ import annotations

from itertools import islice

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import operations, queries
from emailsync.connections import opened
from emailsync.engine.trouble import note_failed_chore
from emailsync.engine.walking import PAGE
from emailsync.models import Mailbox
from intake.run import Order, take
from providers.base import Provider, ProviderError


def check(*, tenant_id: int, mailbox_id: int) -> None:
    """Brings a mailbox's aliases up to date, takes away what is kept out, and begins its daily walk.

    Call it outside of every scope.
    """
    with tenant_scope(tenant_id):
        mailbox = queries.mailbox_for_chores(mailbox_id)
    if mailbox is None:
        return
    try:
        with opened(mailbox, in_background=True) as provider:
            identity = provider.identity()
            _keep_out(mailbox, provider)
    except ProviderError as error:
        with tenant_scope(tenant_id):
            note_failed_chore(mailbox, error, field="next_reconcile_at")
        return
    with tenant_scope(tenant_id):
        operations.note_aliases(mailbox, identity.aliases)
        operations.begin_daily_checks(mailbox)


def _keep_out(mailbox: Mailbox, provider: Provider) -> None:
    """What carries the label that keeps mail out: a label that is renamed to it tells of no message (Gmail)."""
    listed_at = timezone.now()
    order = Order(mailbox.tenant_id, mailbox.door_id, mailbox.wanted_since, lambda _: None, listed_at=listed_at)
    found = provider.kept_out()
    while page := list(islice(found, PAGE)):
        take(order, page, provider)
