"""The Email Sync switch of a contact (R13): how it stands, by the entries that cover the contact's addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Membership
from contacts.models import Contact
from exclusions.models import Exclusion
from exclusions.queries.entries import covering, is_visible
from exclusions.queries.own import own_addresses


class SwitchState(StrEnum):
    ON = "on"
    OFF = "off"
    #: Some addresses are excluded, others not.
    PARTLY = "partly"
    #: Off, and not by an entry that the member could remove here.
    LOCKED = "locked"
    #: The contact has no address of its own.
    ABSENT = "absent"


@dataclass(frozen=True)
class Covered:
    """An address of the contact with the entries that cover it now."""

    address: str
    entries: Sequence[Exclusion] = ()

    @property
    def is_excluded(self) -> bool:
        return bool(self.entries)


@dataclass(frozen=True)
class Switch:
    """How it stands for one member; ``reason`` says, for the reader, why it is locked or partly."""

    state: SwitchState
    addresses: Sequence[Covered] = ()
    reason: str = ""

    @property
    def is_on(self) -> bool:
        return self.state is SwitchState.ON

    @property
    def may_change(self) -> bool:
        return self.state not in {SwitchState.LOCKED, SwitchState.ABSENT}


def switch_of(viewer: Membership, contact: Contact) -> Switch:
    """Three queries at most."""
    emails = [address.email for address in contact.addresses.all()]
    if not emails:
        return Switch(SwitchState.ABSENT, reason="The contact has no email address.")
    own = {one.address: one.member for one in own_addresses(among=emails)}
    found = covering([email for email in emails if email not in own])
    addresses = [Covered(email, found[email]) for email in emails if email in found]
    if not addresses:
        whose = next(iter(own.values()))
        return Switch(
            SwitchState.LOCKED,
            reason=f"This is an address of {whose}, of your team: mail among yourselves is never stored.",
        )
    if not any(one.is_excluded for one in addresses):
        return Switch(SwitchState.ON, addresses)
    held = [reason for one in addresses for entry in one.entries if (reason := _held_by(viewer, entry))]
    if not all(one.is_excluded for one in addresses):
        excluded = ", ".join(one.address for one in addresses if one.is_excluded)
        return Switch(SwitchState.PARTLY, addresses, " ".join([f"Excluded: {excluded}.", *dict.fromkeys(held)]))
    if held:
        return Switch(SwitchState.LOCKED, addresses, " ".join(dict.fromkeys(held)))
    return Switch(SwitchState.OFF, addresses)


def _held_by(viewer: Membership, entry: Exclusion) -> str:
    """Why the switch cannot lift this entry; empty where it can."""
    if not is_visible(viewer, entry):
        return "A colleague’s entry excludes it for the whole account: only they, the owner or an admin can remove it."
    if entry.kind == Exclusion.Kind.DOMAIN:
        return f"The domain {entry.value} is excluded with all its addresses: remove that entry to store mail again."
    return ""
