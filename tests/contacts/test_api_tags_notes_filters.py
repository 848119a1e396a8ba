"""Tags, notes and saved filters over the API, and who may change which."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.conftest import ApiOf, Northwind
from tests.contacts.conftest import INES, Make
from tests.integrations.conftest import problem

TAGS, NOTES, FILTERS, CONTACTS = (f"/api/v1/{name}/" for name in ("tags", "notes", "filters", "contacts"))


@pytest.fixture
def alice(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.alice)


@pytest.fixture
def bob(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.bob)


def results(answer: Any, field: str) -> list[Any]:
    return [row[field] for row in answer.json()["results"]]


# --- Tags ---------------------------------------------------------------------------------------


def test_a_tag_is_made_read_and_listed_by_name(bob: APIClient) -> None:
    made = bob.post(TAGS, {"name": " key  account ", "colour": "blue"})
    assert made.json() | {"id": 0} == {"id": 0, "name": "key account", "colour": "blue"}
    assert bob.get(made.headers["Location"]).json() == made.json()
    bob.post(TAGS, {"name": "france"})
    assert results(bob.get(TAGS), "name") == ["france", "key account"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": "FRANCE"}, "name"), ({"name": " "}, "name"), ({}, "name"), ({"name": "x", "colour": "pink"}, "colour")],
)
def test_a_tag_that_cannot_be_is_refused(bob: APIClient, values: dict[str, str], field: str) -> None:
    bob.post(TAGS, {"name": "france"})
    assert problem(bob.post(TAGS, values), 400, "invalid")["errors"][0]["field"] == field


def test_an_admin_changes_and_deletes_tags(alice: APIClient) -> None:
    tag = alice.post(TAGS, {"name": "france"}).headers["Location"]
    assert alice.patch(tag, {"colour": "red"}).json()["colour"] == "red"
    assert alice.patch(tag, {"name": "spain"}).json()["colour"] == "red"
    assert alice.delete(tag).status_code == 204
    problem(alice.get(tag), 404, "not-found")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_member_changes_no_tag(alice: APIClient, bob: APIClient, method: str) -> None:
    tag = alice.post(TAGS, {"name": "france"}).headers["Location"]
    assert "owner or an admin" in problem(getattr(bob, method)(tag), 403, "forbidden")["detail"]
    assert alice.get(tag).json()["name"] == "france"


# --- Notes --------------------------------------------------------------------------------------


def test_notes_are_listed_newest_first_with_their_authors(alice: APIClient, bob: APIClient, make: Make) -> None:
    contact = make(INES).pk
    alice.post(NOTES, {"contact": contact, "text": "Met at the fair."})
    made = bob.post(NOTES, {"contact": contact, "text": "Called back.\nWants an offer."})
    assert bob.get(made.headers["Location"]).json() == made.json()
    listed = alice.get(f"{NOTES}?contact={contact}")
    assert results(listed, "text") == ["Called back.\nWants an offer.", "Met at the fair."]
    assert results(listed, "author_name") == ["Bob Marsh", "Alice Lindqvist"]


def test_a_list_of_notes_needs_a_contact(alice: APIClient) -> None:
    errors = problem(alice.get(NOTES), 400, "invalid-parameters")["errors"]
    assert [error["parameter"] for error in errors] == ["contact"]


def test_notes_come_in_pages(alice: APIClient, make: Make) -> None:
    contact = make(INES).pk
    for number in range(3):
        alice.post(NOTES, {"contact": contact, "text": f"Call {number}"})
    first = alice.get(f"{NOTES}?contact={contact}&limit=2").json()
    assert results(alice.get(first["next"]), "text") == ["Call 0"]


def test_its_author_changes_a_note(bob: APIClient, make: Make) -> None:
    note = bob.post(NOTES, {"contact": make(INES).pk, "text": "Draft"}).headers["Location"]
    body = bob.patch(note, {"text": "Final"}).json()
    assert (body["text"], body["edited_at"] is not None) == ("Final", True)


def test_another_may_read_but_not_change_it(alice: APIClient, bob: APIClient, make: Make) -> None:
    note = alice.post(NOTES, {"contact": make(INES).pk, "text": "Mine"}).headers["Location"]
    problem(bob.patch(note, {"text": "Yours"}), 403, "forbidden")
    problem(bob.delete(note), 403, "forbidden")
    assert bob.get(note).json()["text"] == "Mine"


def test_an_admin_may_delete_anothers_note(alice: APIClient, bob: APIClient, make: Make) -> None:
    note = bob.post(NOTES, {"contact": make(INES).pk, "text": "Rude"}).headers["Location"]
    assert alice.delete(note).status_code == 204
    problem(bob.get(note), 404, "not-found")


@pytest.mark.parametrize("text", ["", "  \n ", "a\x07b", "x" * 20_001])
def test_a_note_that_cannot_be_is_refused(alice: APIClient, make: Make, text: str) -> None:
    answer = alice.post(NOTES, {"contact": make(INES).pk, "text": text})
    assert [error["field"] for error in problem(answer, 400, "invalid")["errors"]] == ["text"]


def test_a_note_stays_on_its_contact(alice: APIClient, make: Make) -> None:
    note = alice.post(NOTES, {"contact": make(INES).pk, "text": "Mine"}).headers["Location"]
    problem(alice.patch(note, {"contact": 1}), 400, "invalid")


# --- Saved filters ------------------------------------------------------------------------------


def test_a_filter_keeps_its_criteria(bob: APIClient) -> None:
    criteria = {"q": "lyon", "has_email": True, "created_from": "2026-03-01", "updated_since": "2026-03-01T09:00:00Z"}
    made = bob.post(FILTERS, {"name": "Lyon", "criteria": criteria})
    assert made.status_code == 201
    body = bob.get(made.headers["Location"]).json()
    assert (body["name"], body["is_shared"]) == ("Lyon", False)
    assert body["criteria"].keys() == criteria.keys()
    assert (body["criteria"]["q"], body["criteria"]["created_from"]) == ("lyon", "2026-03-01")


def test_changing_one_thing_keeps_the_others(bob: APIClient) -> None:
    saved = bob.post(FILTERS, {"name": "Lyon", "criteria": {"q": "lyon"}}).headers["Location"]
    assert bob.patch(saved, {"name": "Lyons"}).json()["criteria"] == {"q": "lyon"}
    assert bob.patch(saved, {"criteria": {"owner": 0}}).json()["criteria"] == {"owner": 0}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"criteria": {"q": "x"}}, "name"),
        ({"name": "All", "criteria": {}}, "criteria"),
        ({"name": "All"}, "criteria"),
        ({"name": "All", "criteria": {"age": 3}}, "criteria.age"),
        ({"name": "All", "criteria": {"tags": ["x"]}}, "criteria.tags.0"),
        ({"name": "All", "criteria": [1]}, "criteria"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(bob: APIClient, values: dict[str, Any], field: str) -> None:
    assert problem(bob.post(FILTERS, values), 400, "invalid")["errors"][0]["field"] == field


def test_shared_filters_are_seen_by_all_and_changed_by_admins(alice: APIClient, bob: APIClient) -> None:
    values = {"name": "Key accounts", "criteria": {"q": "key"}, "is_shared": True}
    problem(bob.post(FILTERS, values), 403, "forbidden")
    shared = alice.post(FILTERS, values).headers["Location"]
    assert bob.get(shared).json()["name"] == "Key accounts"
    problem(bob.patch(shared, {"name": "Mine"}), 403, "forbidden")
    problem(bob.delete(shared), 403, "forbidden")
    assert alice.delete(shared).status_code == 204


def test_anothers_own_filter_is_not_there(alice: APIClient, bob: APIClient) -> None:
    own = bob.post(FILTERS, {"name": "Lyon", "criteria": {"q": "lyon"}})
    assert results(alice.get(FILTERS), "name") == []
    for method in (alice.get, alice.patch, alice.delete):
        problem(method(own.headers["Location"]), 404, "not-found")
    problem(alice.get(f"{CONTACTS}?filter={own.json()['id']}"), 400, "invalid-parameters")


# --- What they cost -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tags", "notes", "filters"])
def test_a_page_costs_the_same_whatever_is_on_it(bob: APIClient, make: Make, kind: str) -> None:
    contact = make(INES).pk
    address = {"tags": TAGS, "notes": f"{NOTES}?contact={contact}", "filters": FILTERS}[kind]

    def add(name: str) -> None:
        bob.post(TAGS, {"name": name})
        bob.post(NOTES, {"contact": contact, "text": name})
        bob.post(FILTERS, {"name": name, "criteria": {"q": name}})

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            bob.get(address)
        return len(queries)

    add("one")
    before = cost()
    for name in ("two", "three", "four"):
        add(name)
    assert cost() == before
