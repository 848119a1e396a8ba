"""Work on contacts behind the pages."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from contacts import operations


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def run_import(*, tenant_id: int, import_id: int) -> None:
    """Brings in an uploaded file; whichever worker gets the task goes on where the last one was."""
    try:
        operations.run_import(tenant_id=tenant_id, import_id=import_id)
    except OperationalError:
        raise
    except Exception:
        # Whatever it is, the person who waits has to hear of it; the worker's log gets the rest.
        operations.fail_import(tenant_id=tenant_id, import_id=import_id)
        raise
