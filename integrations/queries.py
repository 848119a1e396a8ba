"""Readers of integrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiToken
from crm.lib.tenancy import system_scope
from integrations.models import IdempotentAnswer

ANSWERS_LAST: Final = timedelta(hours=24)


def expired_answers(token: ApiToken | None = None) -> QuerySet[IdempotentAnswer]:
    """The answers in scope that are older than `ANSWERS_LAST`, of all tokens or of one."""
    expired = IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - ANSWERS_LAST)
    return expired if token is None else expired.filter(token=token)


def tenants_with_expired_answers() -> list[int]:
    """Whose scopes have something to forget; asks across tenants."""
    with system_scope():
        return list(expired_answers().values_list("tenant_id", flat=True).distinct())
