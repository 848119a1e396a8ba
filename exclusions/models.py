"""Addresses and domains whose mail is not stored (R7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import TenantForeignKey, TenantModel
from mailkit.addresses import LONGEST

REASON_LENGTH: Final = 200
#: How long emails that were removed can be brought back, and ended entries are shown.
KEPT: Final = timedelta(days=30)


class Exclusion(TenantModel):
    """One member's entry; it acts on the whole tenant, whoever made it, until it ends or is removed."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address"
        DOMAIN = "domain", "Domain, with its subdomains"

    class Door(models.TextChoices):
        EMAIL = "email", "On the Email page"
        SETTINGS = "settings", "In the email settings"
        CONTACT = "contact", "By a contact’s Email Sync switch"
        API = "api", "By the API"

    kind = models.CharField(max_length=7, choices=Kind)
    #: A normalised address, or a domain in ASCII without ``@``.
    value = models.CharField(max_length=LONGEST)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    created_by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: From then on it acts no more (see `acting`); it is shown as ended for a while. None: it never ends.
    ends_at = models.DateTimeField(null=True, blank=True)
    #: Where it was made (R14).
    door = models.CharField(max_length=8, choices=Door, default=Door.SETTINGS)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "value", "created_by"], name="exclusion_once_a_member")
        ]
        indexes: ClassVar = [
            models.Index("tenant", F("created_at").desc(), F("id").desc(), name="exclusion_newest"),
            models.Index("tenant", "ends_at", condition=Q(ends_at__isnull=False), name="exclusion_ending"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def shown(self) -> str:
        """The value as people write it: ``bücher.example`` where it is kept in ASCII."""
        name, at, domain = self.value.rpartition("@")
        try:
            return f"{name}{at}{domain.encode().decode('idna')}"
        except UnicodeError:
            return self.value

    @property
    def has_ended(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()


def acting(now: datetime | None = None) -> Q:
    """The condition for entries that have not ended; only those keep mail out."""
    return Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())


def forgotten(now: datetime | None = None) -> Q:
    """The condition for entries that ended so long ago that nobody is shown them any more."""
    return Q(ends_at__lt=(now or timezone.now()) - KEPT)


class SwitchedOff(TenantModel):
    """The Email Sync switch of a contact is off: addresses that it gets later are excluded too (R13)."""

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")
    #: Whose entries those will be.
    created_by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "contact"], name="switched_off_once")]

    def __str__(self) -> str:
        return f"contact {self.contact_id}"


class Removal(TenantModel):
    """Stored emails that are taken off excluded contacts (R12): a task goes on with it, and it can be taken back."""

    system_readable = True

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        RESTORED = "restored", "Restored"

    #: Who wanted it; it reaches what they can read, and no further (R37).
    member = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    #: What was excluded, for the reader.
    label = models.CharField(max_length=300)
    #: Of one contact alone; None for all that have such an address.
    contact = TenantForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    #: Addresses of contacts that the entries covered.
    addresses = ArrayField(models.CharField(max_length=LONGEST))
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    #: The moment that links and emails are marked with: by it they are found again.
    at = models.DateTimeField(default=timezone.now, editable=False)
    #: How many links there were to take off, and how many are.
    links = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    #: Emails that went altogether, because they were stored for nobody else.
    emails = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            models.Index("tenant", F("at").desc(), name="removal_newest"),
            models.Index("at", condition=Q(state="running"), name="removal_running"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def kept_until(self) -> datetime:
        """From then on it cannot be brought back."""
        return self.at + KEPT

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING
