"""Saved filters: one's own, or shared by those who may change what the whole team shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts import audit, undo
from accounts.models import Membership
from accounts.permissions import Right, can, require
from accounts.undo import UnableToUndo
from contacts.data import squeeze
from contacts.filters import Criteria
from contacts.models import SavedFilter
from contacts.operations.outcome import Done

NAME_LENGTH = 60


class InvalidFilter(ValueError):
    """A filter cannot be saved so; ``problems`` has a list of sentences for each field at fault."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = {field: [sentence]}


@dataclass(frozen=True)
class FilterData:
    """All that a person may write about a saved filter."""

    name: str
    criteria: Criteria
    is_shared: bool = False


def may_change_filter(member: Membership, saved: SavedFilter) -> bool:
    """Whether it is the member's own and not shared, or they may change what the whole team shares."""
    return can(member, Right.SHARE_FILTERS) or (saved.owner_id == member.pk and not saved.is_shared)


def create_filter(*, actor: Membership, data: FilterData) -> SavedFilter:
    """Saves a filter. Raises `InvalidFilter`, and ``PermissionDenied`` for a shared one by a member."""
    saved = _save(actor, SavedFilter(owner=actor), data)
    if saved.is_shared:
        audit.record(actor, "filter.shared", f"shared the filter “{saved}”", on=saved)
    return saved


def update_filter(*, actor: Membership, saved: SavedFilter, data: FilterData) -> SavedFilter:
    """Makes a filter what ``data`` says. Raises `InvalidFilter` and ``PermissionDenied``."""
    _require_change(actor, saved)
    was_shared = saved.is_shared
    saved = _save(actor, saved, data)
    if was_shared and saved.is_shared:
        audit.record(actor, "filter.changed", f"changed the shared filter “{saved}”", on=saved)
    elif was_shared:
        audit.record(actor, "filter.unshared", "stopped sharing a filter", on=saved)
    elif saved.is_shared:
        audit.record(actor, "filter.shared", f"shared the filter “{saved}”", on=saved)
    return saved


def delete_filter(*, actor: Membership, saved: SavedFilter) -> Done:
    """Deletes a filter; can be undone. Raises ``PermissionDenied``."""
    _require_change(actor, saved)
    label = f"Deleted the filter “{saved}”."
    note = undo.offer(
        actor,
        "filters.delete",
        label,
        name=saved.name,
        criteria=saved.criteria,
        is_shared=saved.is_shared,
        owner=saved.owner_id,
    )
    if saved.is_shared:
        audit.record(actor, "filter.deleted", f"deleted the shared filter “{saved}”", on=saved)
    saved.delete()
    return Done(1, label, note)


@undo.undoes("filters.delete")
def restore_filter(member: Membership, payload: dict[str, Any]) -> str:
    """Saves the filter again.

    Raises `UnableToUndo` where its owner has saved another of that name since, and ``PermissionDenied`` for a
    shared one by a member who may no longer change those.
    """
    saved = SavedFilter(
        name=payload["name"], owner_id=payload["owner"], criteria=payload["criteria"], is_shared=payload["is_shared"]
    )
    _require_change(member, saved)
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise UnableToUndo(f"There is another filter “{saved}” now: rename that one first.") from error
    if saved.is_shared:
        audit.record(member, "filter.restored", f"restored the shared filter “{saved}”", on=saved)
    return f"Restored the filter “{saved}”."


def _require_change(actor: Membership, saved: SavedFilter) -> None:
    if not may_change_filter(actor, saved):
        raise PermissionDenied("This filter is shared: only the owner or an admin of the account may change it.")


def _save(actor: Membership, saved: SavedFilter, data: FilterData) -> SavedFilter:
    if data.is_shared:
        require(actor, Right.SHARE_FILTERS)
    saved.name = _name(data.name)
    saved.criteria = data.criteria.to_json()
    saved.is_shared = data.is_shared
    if not data.criteria:
        raise InvalidFilter("criteria", "This filter asks for nothing: narrow the list down first, then save it.")
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise InvalidFilter("name", f"There is a filter “{saved.name}” already: choose another name.") from error
    return saved


def _name(text: str) -> str:
    try:
        name = squeeze(text)
    except ValueError as error:
        raise InvalidFilter("name", str(error)) from error
    if not name:
        raise InvalidFilter("name", "A filter needs a name.")
    if len(name) > NAME_LENGTH:
        raise InvalidFilter("name", f"The name has {len(name)} characters: shorten it to at most {NAME_LENGTH}.")
    return name
