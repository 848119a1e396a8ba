"""Connected mailboxes and the walks through them. All that a worker must not forget stands here (E1, E2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import TenantForeignKey, TenantModel
from emails.models import Door, Source
from mailkit.addresses import LONGEST
from providers.base import Kind as ErrorKind


class Leased(TenantModel):
    """A row that one worker at a time holds (E1): whoever has the token may write, until the time is over."""

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = True


class Mailbox(Leased):
    """A Gmail or Microsoft 365 account that its user has connected. Its lease is that of live polling."""

    system_readable = True

    class Mode(models.TextChoices):
        FULL = "full", "Full"
        MANUAL = "manual", "Manual"

    class State(models.TextChoices):
        #: Connected, but nothing is read before its user has seen what would be.
        WAITING = "waiting", "Waiting for your go"
        ACTIVE = "active", "Connected"
        RECONNECT = "reconnect", "Log-in ended"
        DISABLED = "disabled", "2-way sync disabled"
        FAILED = "failed", "Stopped by an error"
        DISCONNECTED = "disconnected", "Disconnected"

    door = TenantForeignKey(Door, models.CASCADE, related_name="mailboxes")
    member = TenantForeignKey(Membership, models.CASCADE, related_name="mailboxes")
    provider = models.CharField(max_length=5, choices=[("gmail", "Gmail"), ("graph", "Microsoft 365")])
    address = models.CharField(max_length=LONGEST)
    name = models.CharField(max_length=200, blank=True)
    mode = models.CharField(max_length=6, choices=Mode)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    #: Values of `providers.base.Right` that its user has really allowed.
    rights = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    #: The provider's grant, encrypted; empty once it was disconnected (E10).
    grant = models.TextField(blank=True, editable=False)
    wants_label = models.BooleanField(default=False)
    #: From here on both directions are stored (R21); set when syncing starts.
    since = models.DateTimeField(null=True)
    #: Days of history chosen at connect; None is all of it.
    history_days = models.PositiveIntegerField(null=True, default=90)
    cursor = models.TextField(blank=True, editable=False)
    is_primed = models.BooleanField(default=False, editable=False)
    #: When `cursor` was last known to be good: resync goes back this far (E8).
    cursor_at = models.DateTimeField(null=True, editable=False)
    #: When to poll next; None never, as while it waits or is disconnected.
    next_poll_at = models.DateTimeField(null=True, editable=False)
    #: The last poll that succeeded (R41), and the last that found something (E9).
    polled_at = models.DateTimeField(null=True, editable=False)
    news_at = models.DateTimeField(null=True, editable=False)
    watch_id = models.CharField(max_length=255, blank=True, editable=False)
    watch_secret = models.CharField(max_length=64, blank=True, editable=False)
    watch_until = models.DateTimeField(null=True, editable=False)
    next_watch_at = models.DateTimeField(null=True, editable=False)
    #: When to work off its label requests; None while there are none.
    next_label_at = models.DateTimeField(null=True, editable=False)
    next_reconcile_at = models.DateTimeField(null=True, editable=False)
    #: What keeps it from going on, empty when all is well; cleared by the next success.
    problem = models.CharField(max_length=30, blank=True, choices=[(kind.value, kind.value) for kind in ErrorKind])
    problem_detail = models.CharField(max_length=500, blank=True)
    problem_at = models.DateTimeField(null=True)
    #: Failures in a row, for backing off.
    failures = models.PositiveIntegerField(default=0)
    connected_at = models.DateTimeField(default=timezone.now, editable=False)
    disconnected_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "address"], condition=Q(disconnected_at=None), name="mailbox_once_a_tenant"
            )
        ]
        indexes: ClassVar = [
            models.Index("next_poll_at", condition=Q(next_poll_at__isnull=False), name="mailbox_due"),
            models.Index("next_label_at", condition=Q(next_label_at__isnull=False), name="mailbox_label_due"),
            models.Index("next_watch_at", condition=Q(next_watch_at__isnull=False), name="mailbox_watch_due"),
            models.Index("next_reconcile_at", condition=Q(next_reconcile_at__isnull=False), name="mailbox_check_due"),
            models.Index("address", condition=Q(disconnected_at=None), name="mailbox_by_address"),
            models.Index("watch_id", condition=~Q(watch_id=""), name="mailbox_by_watch"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def wanted_since(self) -> datetime | None:
        """Mail received before is not stored (R21): Since less the history that was chosen, or None for all of it."""
        if self.since is None or self.history_days is None:
            return None
        # Graph tells no fractions of a second.
        return (self.since - timedelta(days=self.history_days)).replace(microsecond=0)


class Run(Leased):
    """A walk through a mailbox's past that any worker can go on with: history, a retro-match, a preview."""

    system_readable = True

    class Kind(models.TextChoices):
        PREVIEW = "preview", "Preview"
        HISTORY = "history", "History"
        MATCH = "match", "New contacts"
        RECONCILE = "reconcile", "Daily check"
        RETRY = "retry", "Failed messages"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    mailbox = TenantForeignKey(Mailbox, models.CASCADE, related_name="runs", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    #: What to look for: normalised addresses of contacts, as they were when it began.
    addresses = models.JSONField(default=list)
    #: The window of received mail, ``since`` None for all.
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    #: The provider's place in the walk; empty at its beginning.
    token = models.TextField(blank=True, editable=False)
    progress = models.FloatField(default=0)
    #: Messages that the provider showed us, and what became of them: the four outcomes add up to ``handled``.
    looked_at = models.PositiveIntegerField(default=0)
    handled = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    #: Of a preview: {"contacts": {id: count}, "messages": n}.
    result = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(handled=F("stored") + F("duplicates") + F("skipped") + F("failed")), name="run_adds_up"
            )
        ]
        indexes: ClassVar = [
            models.Index("next_at", condition=Q(next_at__isnull=False), name="run_due"),
            models.Index("tenant", "mailbox", F("created_at").desc(), name="run_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of mailbox {self.mailbox_id}"


class ChangedContacts(TenantModel):
    """Contacts whose mail has to be looked for (E5). Written with the change; gone when the looking has begun."""

    system_readable = True

    contact_ids = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"contacts {self.contact_ids}"


class LabelRequest(TenantModel):
    """A stored message that shall carry our label in its mailbox (R42), once: taking it off there is final."""

    mailbox = TenantForeignKey(Mailbox, models.CASCADE, related_name="label_requests", db_index=False)
    source = TenantForeignKey(Source, models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    #: When it carried the label, or was given up.
    done_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "mailbox", "source"], name="label_request_once")
        ]
        indexes: ClassVar = [
            models.Index("tenant", "mailbox", "id", condition=Q(done_at=None), name="label_request_next")
        ]

    def __str__(self) -> str:
        return f"label for source {self.source_id}"
