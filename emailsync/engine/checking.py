"""Once a day: does the mailbox have new aliases (R3), and is its last week all here (E8)?"""

from __future__ import annotations

from crm.lib.tenancy import tenant_scope
from emailsync import operations, queries
from emailsync.connections import opened
from emailsync.engine.trouble import note_failed_chore
from providers.base import ProviderError


def check(*, tenant_id: int, mailbox_id: int) -> None:
    """Brings a mailbox's aliases up to date and begins its daily walk. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        mailbox = queries.mailbox_for_chores(mailbox_id)
    if mailbox is None:
        return
    try:
        with opened(mailbox, in_background=True) as provider:
            identity = provider.identity()
    except ProviderError as error:
        with tenant_scope(tenant_id):
            note_failed_chore(mailbox, error, field="next_reconcile_at")
        return
    with tenant_scope(tenant_id):
        operations.note_aliases(mailbox, identity.aliases)
        operations.begin_daily_checks(mailbox)
