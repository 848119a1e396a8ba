"""What other programs build on needs to remember."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import ApiToken
from crm.lib.tenancy import TenantForeignKey, TenantModel


class IdempotentAnswer(TenantModel):
    """What a token's POST with an Idempotency-Key was answered, to be answered again (`integrations.idempotency`)."""

    system_readable = True

    token = TenantForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    #: SHA-256 of method, path and body: the same key may not stand for another request.
    fingerprint = models.CharField(max_length=64)
    #: 0 until the answer is there, which only the transaction that works on it ever sees.
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "token", "key"], name="idempotent_answer_once")
        ]
        indexes: ClassVar = [models.Index("created_at", name="idempotent_answer_oldest")]

    def __str__(self) -> str:
        return self.key
