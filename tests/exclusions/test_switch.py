"""The Email Sync switch on a contact's page (R13), by the page and by the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from accounts.models import AuditEntry, Membership
from contacts import operations as contacts
from contacts import queries as contact_queries
from contacts.filters import Selection
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Door, Link
from exclusions import operations
from exclusions.models import Exclusion, SwitchedOff
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.conftest import Make
from tests.exclusions.pages import undo, words

INES_AT_HOME = "ines@private.example"


def turn(client: Client, contact: Contact, *, on: bool, **fields: Any) -> Any:
    data = {"enabled": "on"} if on else {}
    return client.post(f"/contacts/{contact.pk}/email-sync/", data | fields, follow=True)


def give(northwind: Northwind, contact: Contact, *emails: str) -> None:
    """The contact's addresses, by its form's operation."""
    with tenant_scope(northwind.tenant.pk):
        current = contact_queries.get_contact(northwind.bob, contact.pk)
        data = replace(contact_queries.data_of(current), emails=emails)
        contacts.update_contact(actor=northwind.bob, contact=current, data=data)


def excluded(northwind: Northwind) -> list[str]:
    with tenant_scope(northwind.tenant.pk):
        return sorted(Exclusion.objects.values_list("value", flat=True))


@pytest.fixture
def state(api_of: ApiOf, northwind: Northwind, ines: Contact) -> Callable[..., str]:
    def of(member: Membership | None = None) -> str:
        answer = api_of(member or northwind.bob).get(f"/api/v1/contacts/{ines.pk}/email-sync/")
        return str(answer.json()["state"])

    return of


def test_an_address_of_the_team_is_locked_an_alias_too(
    northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    """R3: own addresses need no entry."""
    with tenant_scope(northwind.tenant.pk):
        Door.objects.create(
            member=northwind.ada, kind=Door.Kind.GMAIL, address="ada@post.example", aliases=["sales@northwind.example"]
        )
    for own in ("bob@northwind.example", "ada@post.example", "sales@northwind.example"):
        give(northwind, ines, own)
        assert state() == "locked"


def test_off_excludes_all_addresses_and_on_removes_these_entries(
    bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    assert state() == "on"
    page = turn(bob, ines, on=False)
    assert "Email Sync of Ines Moreau is off." in words(page)
    assert excluded(northwind) == ["ines@atelier-lyon.example", INES_AT_HOME]
    assert state() == "off"
    page = turn(bob, ines, on=True)
    assert "is on: mail is stored from now on." in words(page)
    assert "Import what was missed" in words(page)
    assert excluded(northwind) == []
    assert state() == "on"


def test_addresses_that_come_later_are_excluded_with_them(
    bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    """R13, in the transaction that gives them: mail cannot slip in between."""
    turn(bob, ines, on=False)
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    assert excluded(northwind) == ["ines@atelier-lyon.example", INES_AT_HOME]
    assert state() == "off"
    turn(bob, ines, on=True)
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME, "ines@third.example")
    assert excluded(northwind) == []


def test_the_addresses_of_a_contact_that_is_merged_into_it_too(
    bob: Client, northwind: Northwind, ines: Contact, paul: Contact
) -> None:
    turn(bob, ines, on=False)
    with tenant_scope(northwind.tenant.pk):
        contacts.merge_contacts(actor=northwind.bob, into=ines, others=[paul])
    assert excluded(northwind) == ["ines@atelier-lyon.example", "paul@atelier-lyon.example"]


def test_it_is_partly_where_only_some_are_excluded(
    bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    with tenant_scope(northwind.tenant.pk):
        operations.exclude(actor=northwind.bob, value=INES_AT_HOME)
    assert state() == "partly"
    assert "Partly Exclude all Store all Excluded: ines@private.example." in words(bob.get(f"/contacts/{ines.pk}/"))
    turn(bob, ines, on=False)
    assert state() == "off"


def test_it_is_locked_where_a_domain_covers_it_and_says_so(
    bob: Client, alice: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    with tenant_scope(northwind.tenant.pk):
        operations.exclude(actor=northwind.alice, value="atelier-lyon.example")
    assert state() == state(northwind.alice) == "locked"
    assert "The domain atelier-lyon.example is excluded" in words(alice.get(f"/contacts/{ines.pk}/"))
    told = words(bob.get(f"/contacts/{ines.pk}/"))
    assert "A colleague’s entry excludes it for the whole account" in told
    assert "The domain" not in told
    assert "A colleague’s entry" in words(turn(bob, ines, on=True))
    assert state() == "locked"


def test_it_is_locked_for_a_member_where_a_colleague_excluded_it_but_not_for_an_admin(
    alice: Client, bob: Client, ada: Client, ines: Contact, northwind: Northwind, state: Callable[..., str]
) -> None:
    """R7"""
    turn(alice, ines, on=False)
    assert state(northwind.bob) == "locked"
    assert state(northwind.ada) == "off"
    turn(ada, ines, on=True)
    assert state(northwind.bob) == "on"


def test_it_is_absent_without_an_address_and_locked_for_one_of_the_team(
    bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    give(northwind, ines)
    assert state() == "absent"
    assert "Email Sync" not in words(bob.get(f"/contacts/{ines.pk}/"))
    give(northwind, ines, "ada@northwind.example")
    assert state() == "locked"
    assert "This is an address of Ada Okafor, of your team" in words(bob.get(f"/contacts/{ines.pk}/"))


def test_taking_an_entry_off_the_list_turns_the_switch_on(
    bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]
) -> None:
    """R12, R14: three doors, one list."""
    turn(bob, ines, on=False)
    with tenant_scope(northwind.tenant.pk):
        operations.include(actor=northwind.bob, exclusion=Exclusion.objects.get())
    assert state() == "on"
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    assert excluded(northwind) == []


def test_a_colleague_s_entry_comes_and_goes_and_the_switch_stays_off(
    ada: Client, northwind: Northwind, ines: Contact
) -> None:
    turn(ada, ines, on=False)
    with tenant_scope(northwind.tenant.pk):
        own = operations.exclude(actor=northwind.bob, value="ines@atelier-lyon.example")
        operations.include(actor=northwind.bob, exclusion=own)
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    assert excluded(northwind) == ["ines@atelier-lyon.example", INES_AT_HOME]


def test_a_contact_that_is_gone_meanwhile_is_not_found(northwind: Northwind, ines: Contact) -> None:
    with tenant_scope(northwind.tenant.pk):
        contacts.delete_contacts(actor=northwind.ada, selection=Selection(ids=(ines.pk,)))
        with pytest.raises(Http404):
            operations.switch(actor=northwind.bob, contact=ines, enabled=False)


def test_both_ways_can_be_undone(bob: Client, northwind: Northwind, ines: Contact, state: Callable[..., str]) -> None:
    undo(bob, turn(bob, ines, on=False))
    assert state() == "on"
    give(northwind, ines, "ines@atelier-lyon.example", INES_AT_HOME)
    assert excluded(northwind) == []
    turn(bob, ines, on=False)
    undo(bob, turn(bob, ines, on=True))
    assert state() == "off"
    with tenant_scope(northwind.tenant.pk):
        assert SwitchedOff.objects.count() == 1


def test_what_is_stored_stays_until_somebody_removes_it(
    bob: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    """R12: of this contact, though Paul shares the address."""
    give(northwind, paul, "paul@atelier-lyon.example", "ines@atelier-lyon.example")
    email(ines, paul)
    assert "1 email stored before." in words(turn(bob, ines, on=False))
    page = turn(bob, ines, on=False, remove_stored="yes")
    assert "1 stored email was removed" in words(page)
    with tenant_scope(northwind.tenant.pk):
        assert list(Link.objects.filter(removed_at=None).values_list("contact", flat=True)) == [paul.pk]
    undo(bob, page)
    with tenant_scope(northwind.tenant.pk):
        assert Link.objects.filter(removed_at=None).count() == 2
    assert excluded(northwind) == ["ines@atelier-lyon.example"]


def test_the_audit_log_tells_who_turned_it(bob: Client, northwind: Northwind, ines: Contact) -> None:
    turn(bob, ines, on=False)
    turn(bob, ines, on=True)
    with tenant_scope(northwind.tenant.pk):
        found = AuditEntry.objects.filter(action__startswith="exclusion").order_by("id")
        told = [f"{entry.actor_name} {entry.summary}" for entry in found]
    assert told == [
        "Bob Marsh excluded ines@atelier-lyon.example",
        "Bob Marsh no longer excludes ines@atelier-lyon.example",
    ]


def test_a_program_turns_it_and_is_told_why_it_cannot(api_of: ApiOf, northwind: Northwind, ines: Contact) -> None:
    url = f"/api/v1/contacts/{ines.pk}/email-sync/"
    bob, alice = api_of(northwind.bob), api_of(northwind.alice)
    answer = bob.put(url, {"enabled": False}).json()
    assert answer == {
        "enabled": False,
        "state": "off",
        "reason": "",
        "addresses": [{"address": "ines@atelier-lyon.example", "excluded": True}],
    }
    assert bob.put(url, {"enabled": True}).json()["state"] == "on"
    alice.post("/api/v1/exclusions/", {"value": "atelier-lyon.example"})
    refused = bob.put(url, {"enabled": True})
    assert refused.status_code == 400
    assert "A colleague’s entry" in refused.json()["errors"][0]["detail"]


def test_charlie_turns_nothing_here(
    globex: Globex, ines: Contact, client_of: Callable[[Membership], Client], northwind: Northwind
) -> None:
    client = client_of(globex.charlie)
    assert client.post(f"/contacts/{ines.pk}/email-sync/").status_code == 404
    assert excluded(northwind) == []
