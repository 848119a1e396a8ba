"""The emulated world and the demo's CRM know the same people."""

from __future__ import annotations

from console.demo import world
from emulator.generator.people import PRIVATE, STRANGERS, TEAM, contact_addresses


def demo_addresses(*, is_private: bool) -> set[str]:
    """Northwind's addresses in the CRM, of private contacts or of the others."""
    contacts = [item.data for item in world.contacts_of(world.NORTHWIND)]
    return {address for data in contacts if bool(data.is_private) is is_private for address in data.emails or ()}


def other_addresses() -> set[str]:
    return {person.address for person in (*STRANGERS, *(each for own in PRIVATE.values() for each in own))}


def test_whoever_writes_as_a_contact_is_one() -> None:
    assert contact_addresses() <= demo_addresses(is_private=False)


def test_every_contact_that_is_not_private_writes() -> None:
    # Paul Girard has a second, older card, by which nobody writes.
    assert demo_addresses(is_private=False) - contact_addresses() == {"paul@girard-conseil.example"}


def test_strangers_and_families_are_no_contacts() -> None:
    everybody = demo_addresses(is_private=False) | demo_addresses(is_private=True)
    assert not everybody & other_addresses()


def test_the_team_has_the_same_names() -> None:
    assert {(each.name, each.email) for each in world.NORTHWIND.team} == {(each.name, each.address) for each in TEAM}
