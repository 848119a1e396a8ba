"""Who works here: tenants, users, memberships, what each may do, and what each has done."""

from __future__ import annotations
