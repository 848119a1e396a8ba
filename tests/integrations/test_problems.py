"""Every error has one shape (RFC 9457), says what to do, and leaves nothing half-done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from rest_framework.test import APIClient

from contacts import operations
from contacts.models import Tag
from contacts.operations import InvalidTag
from crm.lib.tenancy import tenant_scope
from integrations.parsers import BODY_MAXIMUM
from tests.conftest import ApiOf, Northwind
from tests.integrations.conftest import problem

CONTACTS = "/api/v1/contacts/"
TAGS = "/api/v1/tags/"


@pytest.fixture
def alice(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.alice)


def tag_names(northwind: Northwind) -> list[str]:
    with tenant_scope(northwind.tenant.pk):
        return list(Tag.objects.values_list("name", flat=True))


def fail(*_arguments: object, **_keywords: object) -> Any:
    raise RuntimeError("a secret of ours")


def test_a_problem_names_the_place_and_the_request(alice: APIClient) -> None:
    body = problem(alice.get(f"{CONTACTS}999/"), 404, "not-found")
    assert body["instance"] == f"{CONTACTS}999/"
    assert len(body["request_id"]) == 32


# --- Addresses, methods, formats ----------------------------------------------------------------


def test_an_unknown_address_points_to_the_docs(client: Client) -> None:
    assert "/api/docs/" in problem(client.get("/api/v1/nowhere/"), 404, "not-found")["detail"]


@pytest.mark.parametrize("address", ["/api/v1/contacts", "/api/v1/contacts/1"])
def test_a_forgotten_slash_is_pointed_out(client: Client, address: str) -> None:
    assert f"use {address}/" in problem(client.post(address), 404, "not-found")["detail"]


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v2/", "/api/v1/contacts/abc/", "/api/v1/contacts/-1/", "/api/x?y=1"]
)
def test_no_address_below_the_api_answers_a_page(client: Client, address: str) -> None:
    problem(client.get(address), 404, "not-found")


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "00"])
def test_numbers_that_no_object_has_are_not_found(alice: APIClient, number: str) -> None:
    problem(alice.get(f"{CONTACTS}{number}/"), 404, "not-found")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_method_that_is_not_there_names_those_that_are(alice: APIClient, method: str) -> None:
    response = alice.generic(method.upper(), CONTACTS)
    problem(response, 405, "method-not-allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "POST", "HEAD"}


def test_asking_for_html_is_not_acceptable(alice: APIClient) -> None:
    problem(alice.get(CONTACTS, HTTP_ACCEPT="text/html"), 406, "not-acceptable")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_that_is_not_json_is_refused(alice: APIClient, media_type: str) -> None:
    response = alice.post(TAGS, b"name=france", content_type=media_type)
    assert "Content-Type: application/json" in problem(response, 415, "unsupported-media-type")["detail"]


def test_a_host_that_is_not_ours_gets_a_problem_too(alice: APIClient) -> None:
    problem(alice.get(CONTACTS, HTTP_HOST="evil.example"), 400, "bad-request")


# --- Bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"{", b'{"name": NaN}', b"\xff\xfe", b'{"name": "x"', b"[" * 100_000])
def test_malformed_json_is_said_to_be_so(alice: APIClient, body: bytes) -> None:
    problem(alice.post(TAGS, body, content_type="application/json"), 400, "malformed-json")


def test_a_charset_that_is_none_is_refused(alice: APIClient) -> None:
    response = alice.post(TAGS, b"{}", content_type="application/json; charset=bz2_codec")
    problem(response, 400, "malformed-json")


@pytest.mark.parametrize("body", [b"[]", b'"name"', b"1", b"null", b"true", b""])
def test_json_that_is_no_object_is_invalid(alice: APIClient, body: bytes) -> None:
    problem(alice.post(TAGS, body, content_type="application/json"), 400, "invalid")


def test_a_body_has_a_bound(alice: APIClient) -> None:
    body = b'{"name": "' + b"x" * BODY_MAXIMUM + b'"}'
    problem(alice.post(TAGS, body, content_type="application/json"), 413, "too-large")


def test_each_fault_of_a_body_is_named_with_its_place(alice: APIClient) -> None:
    faults = {"emails": ["ines@atelier-lyon.example", "no address"], "owner": 99}
    errors = problem(alice.post(CONTACTS, faults), 400, "invalid")["errors"]
    assert {(error["field"], error["pointer"]) for error in errors} == {
        ("emails.1", "#/emails/1"),
        ("owner", "#/owner"),
    }


def test_a_fault_of_the_whole_points_to_the_whole(alice: APIClient) -> None:
    [error] = problem(alice.post(CONTACTS, {}), 400, "invalid")["errors"]
    assert (error["field"], error["pointer"]) == ("", "#")
    assert "at least one" in error["detail"]


def test_a_misspelt_field_is_refused_with_the_right_one(alice: APIClient) -> None:
    [error] = problem(alice.post(CONTACTS, {"first_nmae": "Ines"}), 400, "invalid")["errors"]
    assert (error["pointer"], error["detail"]) == ("#/first_nmae", 'Not known here. Did you mean "first_name"?')


def test_a_field_with_odd_letters_has_an_escaped_pointer(alice: APIClient) -> None:
    [error] = problem(alice.post(CONTACTS, {"a/b~c.d": 1}), 400, "invalid")["errors"]
    assert (error["field"], error["pointer"]) == ("a/b~c.d", "#/a~1b~0c.d")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize("field", ["first_name", "emails", "tags"])
def test_what_the_database_cannot_hold_is_refused(alice: APIClient, field: str, text: str) -> None:
    # Escaped by hand: no honest client could encode a lone surrogate.
    body = json.dumps({field: text if field == "first_name" else [text]})
    problem(alice.post(CONTACTS, body, content_type="application/json"), 400, "invalid")


# --- Query parameters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "sort=age",
        "tag=nobody's",
        "filter=1",
        "updated_since=yesterday",
        "updated_since=0001-01-01T00:00:00%2B23:59",
        "created_from=2026-02-30",
        "has_email=perhaps",
        "q=%00",
        "owner=-1",
        f"q={'x' * 201}",
        "colour=red",
    ],
)
def test_a_bad_parameter_is_named(alice: APIClient, query: str) -> None:
    [error] = problem(alice.get(f"{CONTACTS}?{query}"), 400, "invalid-parameters")["errors"]
    assert error["parameter"] == query.partition("=")[0]


def test_an_operation_without_parameters_refuses_them(alice: APIClient) -> None:
    problem(alice.get("/api/v1/me/?fields=name"), 400, "invalid-parameters")


@pytest.mark.parametrize("cursor", ["x", "WzAsMV0:abc", "%F0%9F%92%A9", "a" * 5_000])
def test_a_made_up_cursor_is_refused(alice: APIClient, cursor: str) -> None:
    problem(alice.get(f"{CONTACTS}?cursor={cursor}"), 400, "bad-cursor")


# --- Our own faults -----------------------------------------------------------------------------


def test_our_own_fault_tells_nothing_of_our_inside(alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.queries.contact_page", fail)
    alice.raise_request_exception = False
    response = alice.get(CONTACTS)
    problem(response, 500, "internal")
    assert "secret" not in response.content.decode()


def test_our_own_fault_is_told_to_those_who_watch(alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.queries.contact_page", fail)
    with pytest.raises(RuntimeError, match="a secret of ours"):
        alice.get(CONTACTS)


def test_a_fault_outside_of_the_views_is_a_problem_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.queries.token_by_key", fail)
    client.raise_request_exception = False
    response = client.get(CONTACTS, headers={"Authorization": "Bearer x"})
    problem(response, 500, "internal")
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RuntimeError(), 500, "internal"), (InvalidTag("name", "No."), 400, "invalid"), (Http404(), 404, "not-found")],
)
def test_a_request_that_fails_half_way_changes_nothing(
    northwind: Northwind, alice: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def half(**values: Any) -> Any:
        create(**values)
        raise error

    create = operations.create_tag
    monkeypatch.setattr("contacts.operations.create_tag", half)
    alice.raise_request_exception = False
    problem(alice.post(TAGS, {"name": "france"}), status, code)
    assert tag_names(northwind) == []


def test_a_refused_request_changes_nothing(northwind: Northwind, alice: APIClient) -> None:
    problem(alice.post(CONTACTS, {"last_name": "Moreau", "tags": ["france"], "owner": 999}), 400, "invalid")
    assert tag_names(northwind) == []
