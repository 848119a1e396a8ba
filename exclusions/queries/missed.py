"""What may have been kept out, and may be looked for (R12)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Q
from django.utils import timezone

from accounts.models import AuditEntry
from exclusions.models import KEPT, Exclusion, acting
from exclusions.rules import Kind, Rule, values_covering

#: Of contacts those whose mail is being looked for already, as the apps above know.
Watch = Callable[[Collection[int]], Collection[int]]
_watches: list[Watch] = []


def add_watch(watch: Watch) -> None:
    """For when the apps are loaded."""
    _watches.append(watch)


def looked_for(contact_ids: Collection[int]) -> set[int]:
    """Those of these contacts whose mail is being looked for at this moment."""
    return {contact_id for watch in _watches for contact_id in watch(contact_ids)}


def was_excluded(rules: Collection[Rule]) -> set[Rule]:
    """Those of these that an entry covered which ended, or was taken off the list, within the time such is kept."""
    values = {rule: _covering(rule) for rule in rules}
    asked = sorted({value for found in values.values() for value in found})
    since = timezone.now() - KEPT
    ended = Exclusion.objects.filter(~Q(acting()), value__in=asked).values_list("value", flat=True)
    removals = AuditEntry.objects.filter(
        action="exclusion.removed", at__gte=since, details__values__has_any_keys=asked
    ).values_list("details__values", flat=True)
    gone = {*ended, *(value for removed in removals for value in removed)}
    return {rule for rule, found in values.items() if not gone.isdisjoint(found)}


def _covering(rule: Rule) -> tuple[str, ...]:
    if rule.kind is Kind.ADDRESS:
        return values_covering(rule.value)
    return values_covering(f"anybody@{rule.value}")[1:]
