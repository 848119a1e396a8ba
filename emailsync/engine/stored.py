"""What follows from a stored page, written in its transaction: labels to give, failures to try again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from crm.lib.tenancy import current_tenant_id
from emailsync.models import LabelRequest, Mailbox
from emailsync.operations import begin_retry
from intake.run import Outcomes


def follow_up(mailbox: Mailbox, outcomes: Outcomes) -> None:
    """Notes what is to be done for the messages of a page."""
    if mailbox.wants_label and outcomes.sighted:
        _ask_for_labels(mailbox, outcomes.sighted)
    if outcomes.failed:
        begin_retry(mailbox)


def _ask_for_labels(mailbox: Mailbox, keys: Sequence[str]) -> None:
    """One request a stored message, once for ever: who takes the label off has meant it (R42)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO emailsync_labelrequest (tenant_id, mailbox_id, source_id, attempts) "
            "SELECT tenant_id, %s, id, 0 FROM emails_source WHERE tenant_id = %s AND door_id = %s AND key = ANY(%s) "
            "ON CONFLICT DO NOTHING",
            [mailbox.pk, current_tenant_id(), mailbox.door_id, list(keys)],
        )
        if cursor.rowcount:
            Mailbox.objects.filter(pk=mailbox.pk).update(next_label_at=timezone.now())


def open_requests(mailbox: Mailbox) -> list[LabelRequest]:
    """The next requests to work off, oldest first, with their sources."""
    found = LabelRequest.objects.filter(mailbox=mailbox, done_at=None).select_related("source").order_by("id")
    return list(found[:500])
