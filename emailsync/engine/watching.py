"""Pushes: hints that make a mailbox due now (E9). They end by themselves, so they are renewed long before."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import queries
from emailsync.connections import opened
from emailsync.engine.trouble import note_failed_chore
from emailsync.models import Mailbox
from providers.base import ProviderError, Watch

RENEW_AFTER = timedelta(days=1)


def push_url(provider: str) -> str:
    """Where pushes shall go: Gmail's topic, our own door for Graph; empty where this installation has none."""
    if provider == "gmail":
        return str(settings.GOOGLE_PUBSUB_TOPIC)
    return settings.SITE_URL + reverse("graph_push") if settings.MICROSOFT_PUSH else ""


def renew_watch(*, tenant_id: int, mailbox_id: int) -> None:
    """Starts or renews a mailbox's pushes. Call it outside of every scope."""
    with tenant_scope(tenant_id):
        mailbox = queries.mailbox_for_chores(mailbox_id)
        url = push_url(mailbox.provider) if mailbox else ""
        secret = (mailbox.watch_secret if mailbox else "") or secrets.token_urlsafe(32)
        changes = {"watch_secret": secret} if url else {"next_watch_at": None}
        # Kept first: a push may come before the answer does.
        Mailbox.objects.filter(pk=mailbox_id).update(**changes)
    if mailbox is None or not url:
        return
    current = Watch(mailbox.watch_id, mailbox.watch_until) if mailbox.watch_until else None
    try:
        with opened(mailbox, in_background=False) as provider:
            watch = provider.watch(url=url, secret=secret, current=current)
    except ProviderError as error:
        with tenant_scope(tenant_id):
            note_failed_chore(mailbox, error, field="next_watch_at")
        return
    with tenant_scope(tenant_id):
        Mailbox.objects.filter(pk=mailbox_id).update(
            watch_id=watch.id, watch_until=watch.expires_at, next_watch_at=timezone.now() + RENEW_AFTER
        )
