"""Addresses and domains whose mail is not stored (R7)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import TenantForeignKey, TenantModel
from mailkit.addresses import LONGEST

REASON_LENGTH = 200


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


def acting(now: datetime | None = None) -> Q:
    """The condition for entries that have not ended; only those keep mail out."""
    return Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())


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
