"""What the list has to do behind the web."""

from __future__ import annotations

from celery import shared_task

from crm.lib.queue import tenant_task
from crm.lib.tenancy import tenant_scope
from exclusions import operations
from exclusions.queries.removals import running_removals


@tenant_task()
def remove_more(*, removal_id: int) -> None:
    """The next batch of stored emails of what was excluded."""
    operations.go_on(removal_id)


@shared_task
def go_on_removing() -> None:
    """Finds removals whose task got lost, by their rows."""
    for tenant_id, removal_id in running_removals():
        with tenant_scope(tenant_id):
            operations.go_on(removal_id)
