"""Taking entries off the list, changing them, and importing what was missed (R12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.operations import Done
from contacts.queries import visible_contacts
from exclusions import queries
from exclusions.models import KEPT, REASON_LENGTH, Exclusion, SwitchedOff
from exclusions.operations.adding import InvalidExclusion, record_removed
from exclusions.operations.locking import hold_list
from exclusions.rules import InvalidRule, Kind, Rule, read
from exclusions.signals import changed, missed_wanted

KEPT_FIELDS: Final = ("kind", "value", "reason", "created_by_id", "door")
LOOKED_FOR: Final = (
    "The mailboxes are being looked through for this already: wait until that is done, and ask again if you still miss "
    "something."
)
NOT_YOURS: Final = "This entry is a colleague's: only they, the owner or an admin may remove it."


def include(*, actor: Membership, exclusion: Exclusion) -> Done:
    """Takes an entry off the list; from this moment mail is stored again (R12). Can be undone; twice does no harm.

    The same value may still be excluded by a colleague's entry. Raises ``PermissionDenied`` for another's entry,
    unless the actor is owner or admin (R7).
    """
    hold_list()
    found = Exclusion.objects.filter(pk=exclusion.pk).select_related("created_by__user").first()
    if found is None:
        return Done(0, f"{exclusion.value} was removed already.")
    if not queries.is_visible(actor, found):
        raise PermissionDenied(NOT_YOURS)
    return remove_entries(actor, [found])


def remove_entries(actor: Membership, entries: Sequence[Exclusion]) -> Done:
    """Takes these off, which the actor may remove. In `hold_list`."""
    values = [entry.value for entry in entries]
    kept = [_kept(entry) for entry in entries]
    Exclusion.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    # The switch of their contacts is no longer off: what these get later is stored (R13). Where a colleague has the
    # same entry, it is theirs, and stays off.
    gone = set(values) - queries.entries_with(values).keys()
    switched = SwitchedOff.objects.filter(contact__in=Address.objects.filter(email__in=gone).values("contact"))
    off = [_kept_switch(one) for one in switched]
    switched.delete()
    one = entries[0] if len(entries) == 1 else None
    named = one.value if one else f"{len(entries):,} entries"
    record_removed(actor, f"no longer excludes {named}", entries)
    changed.send(sender=Exclusion, added=[], removed=values)
    label = f"{named} {'is' if one else 'are'} no longer excluded{_still(actor, entries)}."
    return Done(len(entries), label, undo.offer(actor, "exclusions.include", label[:200], entries=kept, switched=off))


@undo.undoes("exclusions.include")
def exclude_again(member: Membership, payload: dict[str, Any]) -> str:
    """Puts the entries back as they were, with their authors; what has come in meanwhile stays."""
    hold_list()
    rows = [Exclusion(**_thawed(row)) for row in payload["entries"]]
    Exclusion.objects.bulk_create(rows, ignore_conflicts=True)
    off = [row["contact_id"] for row in payload["switched"]]
    there = set(Contact.objects.filter(pk__in=off).values_list("pk", flat=True))
    SwitchedOff.objects.bulk_create(
        [SwitchedOff(**row) for row in payload["switched"] if row["contact_id"] in there], ignore_conflicts=True
    )
    values = [row.value for row in rows]
    named = values[0] if len(values) == 1 else f"{len(values):,} entries"
    audit.record(member, "exclusion.added", f"excluded {named} again", count=len(values), values=values[:500])
    changed.send(sender=Exclusion, added=values, removed=[])
    return f"Excluded {named} again."


def change(
    *, actor: Membership, exclusion: Exclusion, reason: str | None = None, ends_at: datetime | None = None
) -> Exclusion:
    """Makes its reason and its end what is given: both of them, None for no end and for the same reason.

    Raises `InvalidExclusion`; ``PermissionDenied`` as `include` does.
    """
    hold_list()
    found = queries.get_exclusion(actor, exclusion.pk)
    was_over = found.has_ended
    if ends_at != found.ends_at and ends_at is not None and ends_at <= timezone.now():
        raise InvalidExclusion("This has passed: choose a day to come, or leave it empty for no end.", "ends_at")
    if reason is not None:
        if "\x00" in reason or len(reason) > REASON_LENGTH:
            raise InvalidExclusion(f"A reason has at most {REASON_LENGTH} characters.", "reason")
        found.reason = " ".join(reason.split())
    found.ends_at = ends_at
    found.save(update_fields=["reason", "ends_at"])
    until = f" until {ends_at:%-d %b %Y}" if ends_at else ""
    audit.record(actor, "exclusion.changed", f"excludes {found.value}{until}", on=found, reason=found.reason)
    if was_over and not found.has_ended:
        changed.send(sender=Exclusion, added=[found.value], removed=[])
    return found


def import_missed(*, actor: Membership, values: Collection[str]) -> Done:
    """Has the mail looked for that was kept out while these were excluded: of contacts that the actor sees (R12).

    What is still excluded by another entry stays out. Raises `InvalidExclusion` for a domain that was not on the list
    lately, and where all of it is being looked for already: each of these walks may be a long one.
    """
    rules = [Rule(Kind.ADDRESS if "@" in value else Kind.DOMAIN, value) for value in values]
    _require_excluded([rule for rule in rules if rule.kind is Kind.DOMAIN])
    addresses = queries.covered_addresses(rules)
    having = Address.objects.filter(email__in=sorted(addresses)).values("contact")
    found = set(visible_contacts(actor).filter(pk__in=having).values_list("pk", flat=True))
    if not found:
        return Done(0, "No contact has such an address: there is nothing to import.")
    contacts = sorted(found - queries.looked_for(found))
    if not contacts:
        raise InvalidExclusion(LOOKED_FOR)
    missed_wanted.send(sender=Exclusion, contact_ids=contacts)
    named = "1 contact" if len(contacts) == 1 else f"{len(contacts):,} contacts"
    audit.record(actor, "exclusion.import", f"imports missed mail of {named}", values=list(values)[:500])
    return Done(len(contacts), f"Looking through the mailboxes for what was missed of {named}.")


def _require_excluded(domains: Sequence[Rule]) -> None:
    gone = queries.was_excluded(domains) if domains else set()
    if never := [rule for rule in domains if rule not in gone]:
        raise InvalidExclusion(
            f"No entry for {never[0].value} has ended or was taken off the list in the last {KEPT.days} days: take it "
            "off if it is there, or import the mail of one address of a contact."
        )


def value_of(text: str) -> str:
    """The value that an entry for this text has. Raises `InvalidExclusion`."""
    try:
        return read(text).value
    except InvalidRule as problem:
        raise InvalidExclusion(str(problem)) from problem


def _still(actor: Membership, gone: Sequence[Exclusion]) -> str:
    """What else keeps it out, as far as the actor may know (R7)."""
    if len(gone) != 1:
        return ""
    entry = gone[0]
    asked = entry.value if "@" in entry.value else f"anybody@{entry.value}"
    left = queries.covering([asked])[asked]
    if not left:
        return ""
    visible = next((other for other in left if queries.is_visible(actor, other)), None)
    if visible is None:
        return " by you, but still by an entry of the account’s list"
    return f" by this entry, but still by {visible.value} of {visible.created_by}"


def _kept(entry: Exclusion) -> dict[str, Any]:
    kept = {name: getattr(entry, name) for name in KEPT_FIELDS}
    return kept | {"created_at": entry.created_at.isoformat(), "ends_at": entry.ends_at and entry.ends_at.isoformat()}


def _thawed(row: Mapping[str, Any]) -> dict[str, Any]:
    ends_at = row["ends_at"] and datetime.fromisoformat(row["ends_at"])
    return {**row, "created_at": datetime.fromisoformat(row["created_at"]), "ends_at": ends_at}


def _kept_switch(switch: SwitchedOff) -> dict[str, Any]:
    return {"contact_id": switch.contact_id, "created_by_id": switch.created_by_id}
