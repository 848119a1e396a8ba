"""The list for programs (R14)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.undo import carry_out
from contacts.models import Address, Contact
from crm.lib.tenancy import tenant_scope
from emailsync.models import Run
from emailsync.operations.runs import match_changed
from exclusions.lists import Line
from exclusions.operations import Wish, exclude_many
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.conftest import Make
from tests.emailsync.pages.rows import make_mailbox

URL = "/api/v1/exclusions/"


def test_an_entry_is_made_with_what_it_concerns_read_changed_and_deleted(
    api_of: ApiOf, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    """R12"""
    email(ines)
    email(paul, sender=("Paul", "paul@atelier-lyon.example"))
    bob = api_of(northwind.bob)
    made = bob.post(URL, {"value": "*.Atelier-Lyon.example", "reason": "Friends"})
    assert made.status_code == 201
    entry = made.json()
    assert (entry["value"], entry["kind"], entry["reason"]) == ("atelier-lyon.example", "domain", "Friends")
    assert (entry["contacts"], entry["stored_emails"]) == (2, 2)
    assert entry["created_by"]["name"] == "Bob Marsh"
    again = bob.post(URL, {"value": "atelier-lyon.example"})
    assert (again.status_code, again.json()["id"], again.json()["outcome"]) == (200, entry["id"], "already")
    assert made.headers["Location"].endswith(f"{URL}{entry['id']}/")
    soon = timezone.now() + timedelta(days=1)
    changed = bob.patch(f"{URL}{entry['id']}/", {"ends_at": soon.isoformat()}).json()
    assert (changed["reason"], changed["has_ended"]) == ("Friends", False)
    past = bob.patch(f"{URL}{entry['id']}/", {"ends_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 400
    assert "has passed" in past.content.decode()
    assert bob.delete(f"{URL}{entry['id']}/").status_code == 204
    assert bob.get(URL).json()["results"] == []


def test_a_value_that_cannot_be_is_refused_with_a_sentence(api_of: ApiOf, northwind: Northwind) -> None:
    bob = api_of(northwind.bob)
    for value, sentence in (
        ("nonsense", "neither an address nor a domain"),
        ("alice@northwind.example", "own addresses need no entry"),
        ("gmail.com", "Send true if you mean it."),
        ("x" * 2_000, "characters"),
    ):
        answer = bob.post(URL, {"value": value})
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
    assert bob.post(URL, {"value": "gmail.com", "confirm_public": True}).status_code == 201


def test_many_are_made_at_once_and_each_is_told(
    api_of: ApiOf, northwind: Northwind, email: Make, ines: Contact
) -> None:
    email(ines)
    bob = api_of(northwind.bob)
    given = ["ines@atelier-lyon.example", "nonsense", "private.example", "INES@atelier-lyon.example", "gmail.com"]
    answer = bob.post(f"{URL}bulk/", {"values": given, "reason": "Spring"}).json()
    assert [line["outcome"] for line in answer["results"]] == ["added", "invalid", "added", "repeated", "public"]
    assert (answer["added"], answer["contacts"], answer["stored_emails"]) == (2, 1, 1)
    assert answer["results"][0]["exclusion"] is not None
    assert {entry["reason"] for entry in bob.get(URL).json()["results"]} == {"Spring"}
    assert bob.post(f"{URL}bulk/", {"values": []}).status_code == 400


def test_a_preview_writes_nothing(api_of: ApiOf, northwind: Northwind, email: Make, ines: Contact) -> None:
    email(ines)
    bob = api_of(northwind.bob)
    answer = bob.get(f"{URL}preview/", {"value": "atelier-lyon.example"}).json()
    assert answer == {
        "value": "atelier-lyon.example",
        "kind": "domain",
        "outcome": "added",
        "note": "",
        "contacts": 1,
        "stored_emails": 1,
    }
    assert bob.get(f"{URL}preview/", {"value": "gmail.com"}).json()["outcome"] == "public"
    assert bob.get(URL).json()["results"] == []


def test_members_see_their_own_and_admins_all(api_of: ApiOf, northwind: Northwind, globex: Globex) -> None:
    """R7"""
    bob, ada, alice = api_of(northwind.bob), api_of(northwind.ada), api_of(northwind.alice)
    of_ada = ada.post(URL, {"value": "of-ada.example"}).json()
    bob.post(URL, {"value": "of-bob.example"})
    assert [entry["value"] for entry in bob.get(URL).json()["results"]] == ["of-bob.example"]
    assert [entry["value"] for entry in alice.get(URL).json()["results"]] == ["of-bob.example", "of-ada.example"]
    assert [entry["value"] for entry in alice.get(URL, {"q": "ada"}).json()["results"]] == ["of-ada.example"]
    assert bob.delete(f"{URL}{of_ada['id']}/").status_code == 404
    assert api_of(globex.charlie).get(URL).json()["results"] == []
    page = alice.get(URL, {"limit": 1}).json()
    assert alice.get(page["next"]).json()["results"][0]["value"] == "of-ada.example"


def test_own_addresses_are_listed(api_of: ApiOf, northwind: Northwind) -> None:
    """R3"""
    found = api_of(northwind.bob).get(f"{URL}own/").json()
    assert (found[0]["address"], found[0]["what"]) == ("ada@northwind.example", "log-in")


def test_what_was_missed_is_imported_on_request(
    api_of: ApiOf, northwind: Northwind, ines: Contact, scheduled: list[list[int]]
) -> None:
    """R12"""
    bob = api_of(northwind.bob)
    entry = bob.post(URL, {"value": "lyon.example"}).json()
    bob.delete(f"{URL}{entry['id']}/")
    with tenant_scope(northwind.tenant.pk):
        Address.objects.filter(contact=ines).update(email="ines@atelier.lyon.example")
    for value in ("atelier.lyon.example", "ines@atelier.lyon.example"):
        answer = bob.post(f"{URL}import-missed/", {"value": value})
        assert (answer.status_code, answer.json()["contacts"], scheduled.pop()) == (202, 1, [ines.pk])


def test_nobody_starts_walks_for_what_was_never_excluded(
    api_of: ApiOf, northwind: Northwind, ines: Contact, scheduled: list[list[int]]
) -> None:
    """R12: a domain with thousands of contacts is a long walk through every mailbox."""
    answer = api_of(northwind.bob).post(f"{URL}import-missed/", {"value": "atelier-lyon.example"})
    [told] = [error["detail"] for error in answer.json()["errors"]]
    assert (answer.status_code, scheduled) == (400, [])
    assert told.startswith("No entry for atelier-lyon.example has ended or was taken off the list in the last 30 days")
    assert "import the mail of one address of a contact" in told


def test_of_many_that_went_at_once_each_may_be_looked_for(
    api_of: ApiOf, northwind: Northwind, ines: Contact, scheduled: list[list[int]]
) -> None:
    """R12"""
    values = [*(f"d{number}.example" for number in range(600)), "atelier-lyon.example"]
    with tenant_scope(northwind.tenant.pk):
        excluded = exclude_many(actor=northwind.bob, lines=[Line(value) for value in values], wish=Wish())
        assert excluded.undo is not None
        carry_out(excluded.undo)
    answer = api_of(northwind.bob).post(f"{URL}import-missed/", {"value": values[-1]})
    assert (answer.status_code, scheduled) == (202, [[ines.pk]])


def test_what_is_looked_for_is_not_looked_for_twice_at_once(
    api_of: ApiOf, northwind: Northwind, ines: Contact, scheduled: list[list[int]]
) -> None:
    bob = api_of(northwind.bob)
    mailbox = make_mailbox(northwind.bob)
    wanted = {"value": "ines@atelier-lyon.example"}
    assert bob.post(f"{URL}import-missed/", wanted).status_code == 202
    with tenant_scope(northwind.tenant.pk):
        match_changed()
    answer = bob.post(f"{URL}import-missed/", wanted)
    assert (answer.status_code, scheduled) == (400, [[ines.pk]])
    assert "are being looked through for this already: wait until that is done" in str(answer.json())
    with tenant_scope(northwind.tenant.pk):
        Run.objects.filter(mailbox=mailbox).update(state=Run.State.DONE)
    assert bob.post(f"{URL}import-missed/", wanted).status_code == 202


# --- Bringing back what was removed --------------------------------------------------------------


def test_removed_mail_is_brought_back(api_of: ApiOf, northwind: Northwind, email: Make, ines: Contact) -> None:
    """R12, R14: by the API as by the pages."""
    email(ines, seen_by=northwind.bob)
    bob = api_of(northwind.bob)
    removal = bob.post(URL, {"value": "ines@atelier-lyon.example", "remove_stored": True}).json()["removal"]
    assert bob.get("/api/v1/emails/").json()["results"] == []
    [listed] = bob.get(f"{URL}removals/").json()["results"]
    assert (listed["id"], listed["excluded"], listed["state"], listed["removed"]) == (
        removal,
        "ines@atelier-lyon.example",
        "done",
        1,
    )
    answer = bob.post(f"{URL}removals/{removal}/restore/")
    assert answer.json() == {"emails": 1, "message": "Brought back 1 email."}
    assert len(bob.get("/api/v1/emails/").json()["results"]) == 1
    assert bob.get(f"{URL}removals/").json()["results"] == []
    assert bob.post(f"{URL}removals/{removal}/restore/").status_code == 404


def test_nobody_brings_back_what_another_has_removed(
    api_of: ApiOf, northwind: Northwind, email: Make, ines: Contact
) -> None:
    """R37: what comes back is what its remover could read."""
    email(ines, seen_by=northwind.bob)
    done = api_of(northwind.bob).post(URL, {"value": "ines@atelier-lyon.example", "remove_stored": True}).json()
    ada = api_of(northwind.ada)
    assert ada.get(f"{URL}removals/").json()["results"] == []
    assert ada.post(f"{URL}removals/{done['removal']}/restore/").status_code == 404


def test_an_entry_that_removes_nothing_has_nothing_to_bring_back(api_of: ApiOf, northwind: Northwind) -> None:
    assert (
        api_of(northwind.bob).post(URL, {"value": "private.example", "remove_stored": True}).json()["removal"] is None
    )
