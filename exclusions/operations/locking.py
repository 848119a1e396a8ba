"""Two people at the list at once: one after the other, so that each is told what the first has done."""

from __future__ import annotations

from django.utils import timezone

from crm.lib.bulk import run
from crm.lib.tenancy import current_tenant_id
from exclusions.models import KEPT, Exclusion, Removal, forgotten


def hold_list() -> None:
    """Keeps others from writing the tenant's list until the transaction ends. Hold contacts before it, never after.

    Also drops what nobody is shown any more.
    """
    run("SELECT pg_advisory_xact_lock(hashtextextended('exclusions', %s))", [current_tenant_id()])
    Exclusion.objects.filter(forgotten()).delete()
    old = Removal.objects.filter(at__lt=timezone.now() - KEPT)
    old.exclude(state=Removal.State.RUNNING).delete()
