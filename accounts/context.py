"""What every page shows of who is looking at it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.bell import waiting_for
from accounts.models import Membership
from accounts.permissions import Right, can


def account(request: HttpRequest) -> dict[str, Any]:
    """``membership``, the person's ``other_memberships``, ``may`` and what is ``waiting`` for members; else nothing.

    ``outside_world`` is the demo's emulator, for everybody, and empty elsewhere.
    """
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return {"membership": None, "other_memberships": [], "may": {}, "outside_world": settings.OUTSIDE_WORLD_URL}
    return {
        "outside_world": settings.OUTSIDE_WORLD_URL,
        "membership": membership,
        "other_memberships": getattr(request, "other_memberships", []),
        "may": {right.name.lower(): can(membership, right) for right in Right},
        # Asked for by the pages that have a bell alone.
        "waiting": SimpleLazyObject(lambda: waiting_for(membership)),
    }
