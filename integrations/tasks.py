"""What integrations does by the clock."""

from __future__ import annotations

from celery import shared_task

from crm.lib.tenancy import tenant_scope
from integrations import operations, queries


@shared_task
def forget_answers() -> None:
    """Deletes the answers kept for an Idempotency-Key, once nobody may ask for them again."""
    for tenant_id in queries.tenants_with_expired_answers():
        with tenant_scope(tenant_id):
            operations.forget_answers()
