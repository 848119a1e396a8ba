"""The schema is whole, and anybody can read it, as text or as pages."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Membership
from integrations.problems import KINDS
from integrations.urls import v1
from tests.conftest import Northwind
from tests.integrations.conftest import schema

SCHEMA = schema()
OPERATIONS = [
    (path, method, operation)
    for path, item in SCHEMA["paths"].items()
    for method, operation in item.items()
    if isinstance(operation, dict) and "responses" in operation
]

# --- The schema itself --------------------------------------------------------------------------


def test_the_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_is_openapi_3_1_with_a_bearer_token() -> None:
    assert SCHEMA["openapi"] == "3.1.0"
    assert SCHEMA["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_every_address_of_the_api_is_in_it() -> None:
    assert len({path for path, _, _ in OPERATIONS}) == len(v1)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_named_and_explained(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["operationId"].replace("_", "").isalpha()
    assert len(operation["tags"]) == 1
    assert all(response.get("description") or "$ref" in response for response in operation["responses"].values())
    assert {"400", "401", "406", "429", "500"} <= operation["responses"].keys()


def test_every_problem_there_is_can_be_looked_up() -> None:
    types = SCHEMA["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types == [f"urn:postroom:problem:{code}" for code in KINDS]


def test_a_stranger_gets_the_schema_as_json_or_yaml(db: None, client: Client) -> None:
    assert client.get("/api/schema/").json()["info"]["title"] == "Postroom"
    yaml = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert yaml.content.decode().startswith("openapi: 3.1.0\n")


# --- Its pages ----------------------------------------------------------------------------------


def test_the_index_names_addresses_that_exist(db: None, client: Client) -> None:
    index = client.get("/api/v1/").json()
    assert {name: client.get(url).status_code for name, url in index.items()} == {
        **dict.fromkeys(
            ("contacts", "emails", "notes", "tags", "filters", "exclusions", "mailboxes", "sync", "me"), 401
        ),
        **dict.fromkeys(("schema", "docs"), 200),
    }


def test_a_bad_token_is_told_at_the_index_too(db: None, client: Client) -> None:
    assert client.get("/api/v1/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_docs_come_from_our_own_server_without_inline_script(
    northwind: Northwind, client: Client, client_of: Callable[[Membership], Client]
) -> None:
    for reader in (client, client_of(northwind.bob)):
        page = reader.get("/api/docs/")
        assert page.status_code == 200
        assert "<script>" not in page.content.decode()
        assert "://" not in page.content.decode().replace("http://testserver", "")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"].split("; ")
        assert reader.get("/api/docs/?script=").headers["Content-Type"] == "application/javascript"


def test_only_the_docs_may_have_inline_styles(db: None, client: Client) -> None:
    policies = [client.get(path).headers["Content-Security-Policy"] for path in ("/api/docs/", "/api/schema/")]
    assert ["'unsafe-inline'" in policy for policy in policies] == [True, False]
