"""The end of a connection (E10): pushes off, the grant revoked, and then forgotten, whatever the provider says."""

from __future__ import annotations

from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import leases, queries, schedule
from emailsync.connections import login, opened, unseal
from emailsync.leases import LeaseLost
from emailsync.models import Mailbox
from providers.base import ProviderError, Recovery, Watch

#: After so many tries the grant is forgotten without the provider's blessing.
TRIES = 5


def part(*, tenant_id: int, mailbox_id: int) -> None:
    """Ends what a disconnected mailbox still has at its provider. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        mailbox = leases.acquire(Mailbox, mailbox_id)
    if mailbox is None:
        return
    again = False
    try:
        if mailbox.state != Mailbox.State.DISCONNECTED:
            with tenant_scope(tenant_id):
                leases.release(mailbox)
            return
        # A provider ends all grants of a person at once: another account of ours may need them.
        if mailbox.grant and not queries.is_connected_elsewhere(mailbox):
            again = not _revoked(mailbox) and mailbox.failures + 1 < TRIES
        with tenant_scope(tenant_id):
            if again:
                pause = schedule.backoff(mailbox.failures + 1)
                leases.release(mailbox, failures=mailbox.failures + 1, next_poll_at=timezone.now() + pause)
            else:
                gone = {"grant": "", "watch_id": "", "watch_secret": "", "watch_until": None}
                leases.release(mailbox, next_poll_at=None, failures=0, **gone)
    except LeaseLost:
        return


def _revoked(mailbox: Mailbox) -> bool:
    """Whether there is nothing left to end; False where a later try may do better."""
    try:
        if mailbox.watch_until:
            with opened(mailbox, in_background=False) as provider:
                provider.unwatch(Watch(mailbox.watch_id, mailbox.watch_until))
        login(mailbox.provider).revoke(unseal(mailbox))
    except ProviderError as error:
        return error.recovery is Recovery.PERMANENT
    return True
