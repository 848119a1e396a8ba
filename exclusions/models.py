"""Addresses and domains whose mail is not stored (R7)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import TenantForeignKey, TenantModel
from mailkit.addresses import LONGEST


class Exclusion(TenantModel):
    """One member's entry; it acts on the whole tenant, whoever made it."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address"
        DOMAIN = "domain", "Domain, with its subdomains"

    kind = models.CharField(max_length=7, choices=Kind)
    #: A normalised address, or a domain in ASCII without ``@``.
    value = models.CharField(max_length=LONGEST)
    created_by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "value", "created_by"], name="exclusion_once_a_member")
        ]

    def __str__(self) -> str:
        return self.value
