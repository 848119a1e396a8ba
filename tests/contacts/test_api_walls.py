"""What one may not see over the API is not there (S1, R37)."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from tests.conftest import ApiOf, Globex, Northwind
from tests.contacts.conftest import INES, Make
from tests.integrations.conftest import problem, schema

LISTS = ("contacts", "tags", "filters")
CHANGES: dict[str, dict[str, Any]] = {
    "contacts": {"last_name": "Taken"},
    "tags": {"name": "taken"},
    "notes": {"text": "Taken"},
    "filters": {"name": "Taken"},
}


@pytest.fixture
def objects(northwind: Northwind, api_of: ApiOf, make: Make) -> dict[str, str]:
    """One of each of Northwind's, all shared with the whole team: kind -> address."""
    alice = api_of(northwind.alice)
    contact = make(INES)
    note = alice.post("/api/v1/notes/", {"contact": contact.pk, "text": "Secret"})
    values = {"name": "Key accounts", "criteria": {"q": "key"}, "is_shared": True}
    saved = alice.post("/api/v1/filters/", values)
    tag = alice.get("/api/v1/tags/").json()["results"][0]
    return {
        "contacts": f"/api/v1/contacts/{contact.pk}/",
        "tags": f"/api/v1/tags/{tag['id']}/",
        "notes": note.headers["Location"],
        "filters": saved.headers["Location"],
    }


@pytest.fixture
def charlie(globex: Globex, api_of: ApiOf) -> APIClient:
    return api_of(globex.charlie)


@pytest.mark.parametrize("kind", CHANGES)
def test_another_tenants_objects_are_not_there(objects: dict[str, str], charlie: APIClient, kind: str) -> None:
    problem(charlie.get(objects[kind]), 404, "not-found")
    problem(charlie.patch(objects[kind], CHANGES[kind]), 404, "not-found")
    problem(charlie.delete(objects[kind]), 404, "not-found")


@pytest.mark.parametrize("kind", LISTS)
def test_another_tenants_lists_are_empty(objects: dict[str, str], charlie: APIClient, kind: str) -> None:
    assert charlie.get(f"/api/v1/{kind}/").json() == {"next": None, "previous": None, "results": []}


def test_another_tenants_contact_takes_no_note(objects: dict[str, str], charlie: APIClient) -> None:
    contact = int(objects["contacts"].split("/")[-2])
    problem(charlie.get(f"/api/v1/notes/?contact={contact}"), 404, "not-found")
    problem(charlie.post("/api/v1/notes/", {"contact": contact, "text": "Hello"}), 404, "not-found")


def test_another_tenants_member_cannot_own(northwind: Northwind, charlie: APIClient) -> None:
    answer = charlie.post("/api/v1/contacts/", {"last_name": "Moreau", "owner": northwind.alice.pk})
    assert [error["field"] for error in problem(answer, 400, "invalid")["errors"]] == ["owner"]


def test_another_tenants_tags_and_filters_narrow_nothing(objects: dict[str, str], charlie: APIClient) -> None:
    for name, kind in (("tag", "tags"), ("filter", "filters")):
        number = objects[kind].split("/")[-2]
        problem(charlie.get(f"/api/v1/contacts/?{name}={number}"), 400, "invalid-parameters")


def test_a_token_stays_in_its_tenant_though_its_person_is_in_two(
    northwind: Northwind, globex: Globex, objects: dict[str, str], api_of: ApiOf
) -> None:
    with tenant_scope(globex.tenant.pk):
        guest = Membership.objects.create(user=northwind.bob.user)
    for member, status in ((northwind.bob, 200), (guest, 404)):
        program = api_of(member)
        assert program.get("/api/v1/me/").json()["tenant"]["id"] == member.tenant_id
        assert program.get(objects["contacts"]).status_code == status


def test_every_kind_of_object_is_tried_here() -> None:
    kinds = {path.split("/")[3] for path in schema()["paths"] if "{" in path}
    # The walls around objects of other apps are tested with them.
    assert kinds & {"contacts", "tags", "notes", "filters"} == CHANGES.keys()


def test_a_private_contact_is_its_owners_alone(northwind: Northwind, api_of: ApiOf) -> None:
    bob = api_of(northwind.bob)
    made = bob.post("/api/v1/contacts/", {"last_name": "Quiet", "is_private": True, "owner": northwind.bob.pk})
    note = bob.post("/api/v1/notes/", {"contact": made.json()["id"], "text": "Secret"})
    for other in (api_of(northwind.alice), api_of(northwind.ada)):
        assert other.get("/api/v1/contacts/?q=quiet").json()["results"] == []
        for method in (other.get, other.patch, other.delete):
            problem(method(made.headers["Location"]), 404, "not-found")
            problem(method(note.headers["Location"]), 404, "not-found")
    assert bob.get(made.headers["Location"]).status_code == 200


def test_nobody_makes_anothers_contact_private(northwind: Northwind, api_of: ApiOf, make: Make) -> None:
    contact = make(INES, by=northwind.alice)
    answer = api_of(northwind.bob).patch(
        f"/api/v1/contacts/{contact.pk}/", {"is_private": True, "owner": northwind.alice.pk}
    )
    assert [error["field"] for error in problem(answer, 400, "invalid")["errors"]] == ["is_private"]
