"""The audit log's one writer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db.models import Model
from django.utils import timezone

from accounts.models import AuditEntry, Membership


def record(
    actor: Membership | None,
    action: str,
    summary: str,
    *,
    on: Model | None = None,
    at: datetime | None = None,
    **details: Any,
) -> None:
    """Adds an entry to the audit log of the tenant in scope, in the transaction of the deed itself.

    ``action`` is a dotted name such as ``member.invited``; ``summary`` completes "Alice …"; ``details`` are
    JSON values. Without an actor it was Postroom itself. ``at`` is for a deed that is told later than it was done.
    """
    AuditEntry.objects.create(
        at=at or timezone.now(),
        actor=actor,
        actor_name=str(actor) if actor else "Postroom",
        action=action,
        summary=summary[:300],
        object_type=on._meta.label_lower if on else "",
        object_id=on.pk if on else None,
        details=details,
        request_id=structlog.contextvars.get_contextvars().get("request", ""),
    )
