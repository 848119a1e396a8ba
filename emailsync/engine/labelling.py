"""Our label in the mailbox, on what was stored (R42). Giving it twice does no harm, so there is no lease."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from crm.lib import product
from crm.lib.tenancy import tenant_scope
from emailsync import queries
from emailsync.connections import opened
from emailsync.engine.stored import open_requests
from emailsync.engine.trouble import note_failed_chore
from emailsync.models import LabelRequest, Mailbox
from providers.base import Missing, ProviderError, Recovery, Right, Unfetched

#: So many times the provider may refuse one message before it goes without.
ATTEMPTS = 5


def label(*, tenant_id: int, mailbox_id: int) -> None:
    """Works off a mailbox's label requests. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        mailbox, requests = _work(mailbox_id)
    if mailbox is None or not requests:
        return
    by_key = {request.source.key: request for request in requests}
    refused: list[Unfetched] = []
    given: list[str] = []
    try:
        with opened(mailbox, in_background=True) as provider:
            for answer in provider.mark(list(by_key), product.NAME):
                if isinstance(answer, Unfetched):
                    refused.append(answer)
                else:
                    given.append(answer.id if isinstance(answer, Missing) else answer)
    except ProviderError as error:
        with tenant_scope(tenant_id):
            _done(by_key[key] for key in given)
            note_failed_chore(mailbox, error, field="next_label_at")
        return
    with tenant_scope(tenant_id):
        _done(by_key[key] for key in given)
        _settle_refused(mailbox, by_key, refused)


def _work(mailbox_id: int) -> tuple[Mailbox | None, list[LabelRequest]]:
    """The mailbox and what it asks for, as far as it may be labelled; without requests it is due no longer."""
    mailbox = queries.mailbox_for_chores(mailbox_id)
    if mailbox is None:
        return None, []
    requests = open_requests(mailbox) if Right.LABEL in mailbox.rights else []
    if not requests:
        # Unless one has come since.
        Mailbox.objects.filter(pk=mailbox_id, next_label_at=mailbox.next_label_at).update(next_label_at=None)
    return mailbox, requests


def _settle_refused(mailbox: Mailbox, by_key: dict[str, LabelRequest], refused: list[Unfetched]) -> None:
    held_up = next((item.error for item in refused if item.error.recovery is Recovery.TRANSIENT), None)
    if held_up:
        note_failed_chore(mailbox, held_up, field="next_label_at")
        return
    LabelRequest.objects.filter(pk__in=[by_key[item.id].pk for item in refused]).update(attempts=F("attempts") + 1)
    _done(by_key[item.id] for item in refused if by_key[item.id].attempts + 1 >= ATTEMPTS)
    # More may have come, or be left over.
    Mailbox.objects.filter(pk=mailbox.pk).update(next_label_at=timezone.now())


def _done(requests: Iterable[LabelRequest]) -> None:
    LabelRequest.objects.filter(pk__in=[request.pk for request in requests]).update(done_at=timezone.now())
