"""The Email Sync switch on a contact's page: the same list by another door (R13, R14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from accounts import undo
from accounts.models import Membership
from contacts.models import Address, Contact
from contacts.operations import Done
from contacts.queries import get_contact
from exclusions import queries
from exclusions.lists import Line
from exclusions.models import KEPT, Exclusion, Removal, SwitchedOff
from exclusions.operations.adding import (
    Door,
    Wish,
    exclude_many,
    include_again,
    make_entries,
    record_added,
)
from exclusions.operations.including import remove_entries
from exclusions.operations.locking import hold_list
from exclusions.operations.removing import begin_removal, told_of
from exclusions.queries import Switch, SwitchState
from exclusions.rules import Kind, Rule
from exclusions.signals import changed


class Locked(Exception):
    """The switch cannot be turned; the text says why, for the reader."""


def switch(*, actor: Membership, contact: Contact, enabled: bool, remove_stored: bool = False) -> Done:
    """Turns Email Sync of a contact on or off. Can be undone; where it is so already, nothing happens.

    Raises `Locked`; ``Http404`` where the contact was deleted or made private meanwhile.
    """
    contact = get_contact(actor, contact.pk, lock=True)
    hold_list()
    now = queries.switch_of(actor, contact)
    if not now.may_change and not (enabled is False and now.state is SwitchState.LOCKED):
        raise Locked(now.reason)
    if enabled:
        return _switch_on(actor, contact, now)
    return _switch_off(actor, contact, now, remove_stored=remove_stored)


def _switch_off(actor: Membership, contact: Contact, now: Switch, *, remove_stored: bool) -> Done:
    """Also where all of it is excluded already: what the contact gets later is excluded from now on."""
    _, is_new = SwitchedOff.objects.get_or_create(contact=contact, defaults={"created_by": actor})
    entries = _exclude_each(actor, now)
    removal = _remove_stored(actor, contact, now) if remove_stored else None
    if not entries and removal is None:
        return Done(0, f"Email Sync of {contact} is off already.")
    said = f"Email Sync of {contact} is off." if entries else ""
    offered = undo.offer(
        actor,
        "exclusions.switch_off",
        (said or f"Removed stored emails of {contact}.")[:200],
        lasts=KEPT if removal else timedelta(hours=1),
        ids=[entry.pk for entry in entries],
        removal=removal.pk if removal else None,
        contact=contact.pk if is_new else None,
    )
    return Done(len(entries), " ".join(filter(None, [said, told_of(removal)])), offered)


def _exclude_each(actor: Membership, now: Switch) -> list[Exclusion]:
    """The new entries: one for each address that has none of its own."""
    lines = [Line(one.address) for one in now.addresses if not _has_entry(actor, one.entries)]
    return exclude_many(actor=actor, lines=lines, wish=Wish(door=Door.CONTACT)).entries if lines else []


def _remove_stored(actor: Membership, contact: Contact, now: Switch) -> Removal | None:
    addresses = [one.address for one in now.addresses]
    return begin_removal(actor=actor, addresses=addresses, label=", ".join(addresses), contact=contact)


@undo.undoes("exclusions.switch_off")
def switch_on_again(member: Membership, payload: dict[str, Any]) -> str:
    """Takes the entries of `switch` off again, forgets that it was off, and brings back what was removed."""
    said = include_again(member, payload)
    SwitchedOff.objects.filter(contact=payload["contact"]).delete()
    return said


def _switch_on(actor: Membership, contact: Contact, now: Switch) -> Done:
    if now.state is SwitchState.ON:
        SwitchedOff.objects.filter(contact=contact).delete()
        return Done(0, f"Email Sync of {contact} is on already.")
    entries = _removable(actor, [entry for one in now.addresses for entry in one.entries])
    if not entries:
        raise Locked(now.reason)
    done = remove_entries(actor, entries)
    after = queries.switch_of(actor, contact)
    if after.is_on:
        SwitchedOff.objects.filter(contact=contact).delete()
        return Done(done.count, f"Email Sync of {contact} is on: mail is stored from now on.", done.undo)
    return Done(done.count, f"Email Sync of {contact} is on in part. {after.reason}", done.undo)


def follow_switches(contact_ids: Collection[int]) -> None:
    """Contacts got other addresses: those of contacts whose switch is off are excluded too (R13).

    In the transaction that gives them the addresses, so that no mail slips in between.
    """
    switches = list(SwitchedOff.objects.filter(contact__in=contact_ids).select_related("created_by__user"))
    if not switches:
        return
    hold_list()
    for one in SwitchedOff.objects.filter(pk__in=[found.pk for found in switches]).select_related("created_by__user"):
        found = Address.objects.filter(contact=one.contact_id, contact__deleted_at=None)
        _follow(one, list(found.order_by("position").values_list("email", flat=True)))


def _follow(switch: SwitchedOff, emails: Sequence[str]) -> None:
    own = {own.address for own in queries.own_addresses(among=emails)} if emails else set()
    there = queries.entries_with(emails)
    new = [Rule(Kind.ADDRESS, email) for email in emails if email not in own and email not in there]
    if new:
        actor = switch.created_by
        made = make_entries(actor, [(rule, "") for rule in new], Wish(door=Door.CONTACT))
        record_added(actor, list(made.values()), Door.CONTACT)
        changed.send(sender=Exclusion, added=list(made), removed=[])


def _has_entry(actor: Membership, entries: Sequence[Exclusion]) -> bool:
    """Whether an entry for the address itself is there that the actor sees: one for its domain may go one day."""
    return any(entry.kind == Exclusion.Kind.ADDRESS and queries.is_visible(actor, entry) for entry in entries)


def _removable(actor: Membership, entries: Sequence[Exclusion]) -> list[Exclusion]:
    """Those for an address that the actor may remove; a domain's are not the contact's alone."""
    found = [entry for entry in entries if entry.kind == Exclusion.Kind.ADDRESS and queries.is_visible(actor, entry)]
    return list({entry.pk: entry for entry in found}.values())
