"""Contacts over the API: listing, adding, changing, deleting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import undo
from accounts.models import Undo
from contacts import operations
from contacts.data import ContactData
from contacts.filters import SORTS
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from tests.conftest import ApiOf, Northwind
from tests.contacts.conftest import INES, TOMASZ, Make
from tests.integrations.conftest import problem

CONTACTS = "/api/v1/contacts/"


@pytest.fixture
def alice(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.alice)


def at(contact: Contact) -> str:
    return f"{CONTACTS}{contact.pk}/"


def names(answer: Any) -> list[str]:
    return [contact["name"] for contact in answer.json()["results"]]


# --- Reading ------------------------------------------------------------------------------------


def test_a_contact_is_read_with_all_that_is_known(northwind: Northwind, alice: APIClient, make: Make) -> None:
    contact = make(INES)
    body = alice.get(at(contact)).json()
    assert datetime.fromisoformat(body.pop("updated_at")) == contact.updated_at
    assert datetime.fromisoformat(body.pop("created_at")) == contact.created_at
    assert body == {
        "id": contact.pk,
        "name": "Ines Moreau",
        "first_name": "Ines",
        "last_name": "Moreau",
        "company": "Atelier Lyon",
        "title": "Head of purchasing",
        "emails": ["ines@atelier-lyon.example", "i.moreau@mail.example"],
        "phones": ["+33 4 72 00 00 00"],
        "tags": ["france", "key account"],
        "owner": None,
        "owner_name": None,
        "is_private": False,
    }


def test_the_list_is_cut_into_pages_both_ways(alice: APIClient, make: Make) -> None:
    for letter in "CABED":
        make(last_name=letter)
    first = alice.get(f"{CONTACTS}?limit=2").json()
    assert first["previous"] is None
    assert first["next"].startswith("http://testserver/api/v1/contacts/?cursor=")
    second = alice.get(first["next"])
    third = alice.get(second.json()["next"])
    assert [names(second), names(third), third.json()["next"]] == [["C", "D"], ["E"], None]
    assert names(alice.get(second.json()["previous"])) == ["A", "B"]


def test_a_page_holds_fifty_unless_asked(alice: APIClient, make: Make) -> None:
    for number in range(51):
        make(last_name=f"{number:02}")
    assert len(names(alice.get(CONTACTS))) == 50
    assert len(names(alice.get(f"{CONTACTS}?limit=200"))) == 51


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lodz", ["Tomasz Kowal"]),
        ("q=472000000", ["Ines Moreau"]),
        ("address=INES@Atelier-Lyon.example", ["Ines Moreau"]),
        ("address=ines", []),
        ("company=atelier lyon", ["Ines Moreau"]),
        ("tag=France", ["Ines Moreau"]),
        ("tag=france&tag=key account", ["Ines Moreau"]),
        ("tag=france&tag=trial", []),
        ("owner=0", ["Tomasz Kowal", "Ines Moreau", "Lena"]),
        ("has_email=false", ["Lena"]),
        ("sort=-name", ["Lena", "Ines Moreau", "Tomasz Kowal"]),
        ("q=kowal&has_email=true", ["Tomasz Kowal"]),
        ("q=nobody", []),
    ],
)
def test_the_list_is_narrowed_down(alice: APIClient, make: Make, query: str, found: list[str]) -> None:
    make(INES)
    make(TOMASZ)
    make(first_name="Lena", tags=("trial",))
    if query == "sort=-name":
        found = sorted(found, key=lambda name: name.split()[-1], reverse=True)
    assert sorted(names(alice.get(f"{CONTACTS}?{query}"))) == sorted(found)


def test_a_tag_is_found_by_its_id_too(alice: APIClient, make: Make) -> None:
    make(INES)
    tag = alice.get("/api/v1/tags/").json()["results"][0]
    assert names(alice.get(f"{CONTACTS}?tag={tag['id']}")) == ["Ines Moreau"]


def test_a_tag_is_found_as_the_database_spells_it(alice: APIClient, make: Make) -> None:
    make(last_name="Kowal", tags=("ΟΔΟΣ",))
    assert names(alice.get(f"{CONTACTS}?tag=οδοσ")) == ["Kowal"]


def test_a_saved_filter_can_be_narrowed_down_further(alice: APIClient, make: Make) -> None:
    make(INES)
    make(first_name="Paul", company="Atelier Lyon")
    saved = alice.post("/api/v1/filters/", {"name": "Lyon", "criteria": {"company": "Atelier Lyon"}}).json()
    assert sorted(names(alice.get(f"{CONTACTS}?filter={saved['id']}"))) == ["Ines Moreau", "Paul"]
    assert names(alice.get(f"{CONTACTS}?filter={saved['id']}&q=ines")) == ["Ines Moreau"]


def test_what_has_changed_since_is_found(alice: APIClient, make: Make) -> None:
    make(INES)
    moment = timezone.now().astimezone(UTC).isoformat().replace("+00:00", "Z")
    make(TOMASZ)
    assert names(alice.get(f"{CONTACTS}?sort=updated&updated_since={moment}")) == ["Tomasz Kowal"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_goes_on_over_pages(alice: APIClient, make: Make, sort: str) -> None:
    for data in (INES, TOMASZ):
        make(data)
    first = alice.get(f"{CONTACTS}?limit=1&sort={sort}")
    assert sorted(names(first) + names(alice.get(first.json()["next"]))) == ["Ines Moreau", "Tomasz Kowal"]


def test_a_cursor_of_another_order_is_refused(alice: APIClient, make: Make) -> None:
    for data in (INES, TOMASZ):
        make(data)
    following = alice.get(f"{CONTACTS}?limit=1&sort=name").json()["next"]
    problem(alice.get(following.replace("sort=name", "sort=company")), 400, "bad-cursor")


@pytest.mark.parametrize("count", [1, 12])
def test_a_page_costs_the_same_whatever_is_on_it(
    alice: APIClient, make: Make, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(count):
        make(INES)
    alice.get(CONTACTS)  # Notes the token's last use.
    # The token, in a scope of its own; contacts with owners, addresses and tags; the scope around.
    with django_assert_num_queries(5 + 3 + 4):
        alice.get(CONTACTS)


# --- Adding -------------------------------------------------------------------------------------


def test_a_new_contact_says_where_it_is(northwind: Northwind, alice: APIClient) -> None:
    values = {"first_name": "Ines", "emails": ["Ines <INES@BÜCHER.example>"], "tags": ["france"], "phones": ["+33 472"]}
    response = alice.post(CONTACTS, values | {"owner": northwind.bob.pk})
    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://testserver{CONTACTS}{body['id']}/"
    assert (body["emails"], body["tags"]) == (["ines@xn--bcher-kva.example"], ["france"])
    assert (body["owner"], body["owner_name"]) == (northwind.bob.pk, "Bob Marsh")
    assert alice.get(response.headers["Location"]).json() == body


def test_what_a_contact_is_read_as_can_be_sent_back(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    body = alice.get(at(contact)).json()
    assert alice.put(at(contact), body).json() == body


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, ""),
        ({"first_name": "x" * 101}, "first_name"),
        ({"emails": ["not an address"]}, "emails.0"),
        ({"emails": [f"{number}@metal.example" for number in range(21)]}, "emails"),
        ({"last_name": "Kowal", "phones": ["call me"]}, "phones.0"),
        ({"last_name": "Kowal", "tags": ["x" * 41]}, "tags.0"),
        ({"last_name": "Kowal", "owner": 10**30}, "owner"),
        ({"last_name": "Kowal", "owner": 424242}, "owner"),
        ({"last_name": "Kowal", "is_private": True}, "is_private"),
        ({"last_name": ["Kowal"]}, "last_name"),
        ({"last_name": None}, "last_name"),
        ({"last_name": "Kowal", "emails": "kowal@metal.example"}, "emails"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(alice: APIClient, values: dict[str, Any], field: str) -> None:
    errors = problem(alice.post(CONTACTS, values), 400, "invalid")["errors"]
    assert [error["field"] for error in errors] == [field]
    assert names(alice.get(CONTACTS)) == []


# --- Changing -----------------------------------------------------------------------------------


def test_put_replaces_everything(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    body = alice.put(at(contact), {"last_name": "Kowal"}).json()
    assert (body["name"], body["emails"], body["phones"], body["tags"]) == ("Kowal", [], [], [])


def test_patch_leaves_the_rest_alone(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    before = alice.get(at(contact)).json()
    after = alice.patch(at(contact), {"title": "Owner"}).json()
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"title": "Owner"}


def test_only_the_version_that_was_read_is_changed(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    etag = alice.get(at(contact)).headers["ETag"]
    assert alice.patch(at(contact), {"title": "Owner"}, headers={"If-Match": etag}).status_code == 200
    response = alice.patch(at(contact), {"title": "Heir"}, headers={"If-Match": etag})
    assert "read it again" in problem(response, 412, "changed-meanwhile")["detail"]
    assert alice.get(at(contact)).json()["title"] == "Owner"


def test_a_change_in_the_last_moment_is_not_overwritten(
    northwind: Northwind, alice: APIClient, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*, contact: Contact, **values: Any) -> Contact:
        update(actor=northwind.bob, contact=contact, data=ContactData(last_name="Overtaker"))
        return update(contact=contact, **values)

    contact = make(INES)
    etag = alice.get(at(contact)).headers["ETag"]
    update = operations.update_contact
    monkeypatch.setattr("contacts.operations.update_contact", overtaken)
    answer = alice.patch(at(contact), {"title": "Owner"}, headers={"If-Match": etag})
    problem(answer, 412, "changed-meanwhile")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_version_nobody_has_is_never_changed(alice: APIClient, make: Make, method: str) -> None:
    contact = make(INES)
    answer = getattr(alice, method)(at(contact), {"last_name": "Kowal"}, headers={"If-Match": '"0", W/"1"'})
    problem(answer, 412, "changed-meanwhile")
    assert alice.get(at(contact)).json()["last_name"] == "Moreau"


def test_any_version_matches_a_star(alice: APIClient, make: Make) -> None:
    assert alice.delete(at(make(INES)), headers={"If-Match": "*"}).status_code == 204


def test_a_change_answers_the_next_version(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    etag = alice.patch(at(contact), {"title": "Owner"}).headers["ETag"]
    assert alice.patch(at(contact), {"title": "Heir"}, headers={"If-Match": etag}).status_code == 200


def test_who_has_the_version_already_is_not_sent_it_again(alice: APIClient, make: Make) -> None:
    contact = make(INES)
    etag = alice.get(at(contact)).headers["ETag"]
    for given in (etag, f"W/{etag}", f'"0", {etag}'):
        answer = alice.get(at(contact), headers={"If-None-Match": given})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert alice.get(at(contact), headers={"If-None-Match": '"0"'}).status_code == 200


# --- Deleting -----------------------------------------------------------------------------------


def test_a_deleted_contact_is_gone(northwind: Northwind, alice: APIClient, make: Make) -> None:
    contact = make(INES)
    assert alice.delete(at(contact)).status_code == 204
    for method in (alice.get, alice.delete, alice.patch):
        problem(method(at(contact)), 404, "not-found")
    assert names(alice.get(CONTACTS)) == []


def test_a_deletion_can_be_taken_back_on_the_pages(northwind: Northwind, alice: APIClient, make: Make) -> None:
    contact = make(INES)
    alice.delete(at(contact))
    with tenant_scope(northwind.tenant.pk):
        undo.carry_out(Undo.objects.get())
    assert alice.get(at(contact)).status_code == 200
