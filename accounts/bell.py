"""What waits for a member, for the bell on every page. Apps above say what; each kind brings a template of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope


@dataclass(frozen=True)
class Item:
    """One thing that waits: ``template`` shows it as an ``li``, and finds it as ``item``."""

    template: str
    data: Any


#: What waits for a member, in one query.
Source = Callable[[Membership], Iterable[Item]]
_sources: list[Source] = []


def add_source(source: Source) -> None:
    """For when the apps are loaded."""
    _sources.append(source)


def waiting_for(member: Membership) -> list[Item]:
    """All that waits for a member, kind by kind."""
    # Some pages are drawn between scopes.
    with tenant_scope(member.tenant_id):
        return [item for source in _sources for item in source(member)]
