"""The API does what its schema says, whatever is sent to it.

Random requests of each kind; with ``CONFORMANCE=all`` also all those at the edges of the schema, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient
from schemathesis import Case
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from contacts import queries
from crm.lib.tenancy import tenant_scope
from crm.wsgi import application
from emails.models import Access
from exclusions.models import Removal
from tests.conftest import ApiOf, Northwind, token_of
from tests.emails.factory import WITH_A_FILE, make_message
from tests.emailsync.pages.rows import make_mailbox
from tests.integrations.conftest import schema

FEW = settings(max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
# A JSON schema cannot say that an address is one, or that a contact needs one of three fields; and tests
# of their own, by the header that is given here, ask what bad tokens are told.
BEYOND_A_SCHEMA = [positive_data_acceptance, ignored_auth]
promise = schemathesis.openapi.from_dict(schema())
promise.config.phases.coverage.enabled = os.environ.get("CONFORMANCE") == "all"
promise.app = application


@pytest.fixture
def _one_connection(ids: dict[str, int]) -> Iterator[None]:
    """The requests share the test's transaction, as those of Django's own test client do."""
    # After `ids`, whose client connects the signals again.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(northwind: Northwind, api_of: ApiOf) -> dict[str, int]:
    """The ids of objects that are there, by the names that paths give them."""
    program: APIClient = api_of(northwind.alice)
    contact = program.post("/api/v1/contacts/", {"last_name": "Moreau", "tags": ["france"]}).json()["id"]
    note = program.post("/api/v1/notes/", {"contact": contact, "text": "Call back."}).json()
    saved = program.post("/api/v1/filters/", {"name": "Lyon", "criteria": {"q": "lyon"}}).json()
    tag = program.get("/api/v1/tags/").json()["results"][0]
    entry = program.post("/api/v1/exclusions/", {"value": "private.example"}).json()
    with tenant_scope(northwind.tenant.pk):
        email = make_message(WITH_A_FILE, queries.get_contact(northwind.alice, contact))
        asked = Access.objects.create(thread=email.thread, asker=northwind.bob, owner=northwind.alice)
        removal = Removal.objects.create(member=northwind.alice, label="private.example", addresses=[])
    return {
        "access_id": asked.pk,
        "contact_id": contact,
        "exclusion_id": entry["id"],
        "removal_id": removal.pk,
        "note_id": note["id"],
        "filter_id": saved["id"],
        "tag_id": tag["id"],
        "email_id": email.pk,
        "thread_id": email.thread_id,
        "mailbox_id": make_mailbox(northwind.alice).pk,
        "position": 0,
    }


@pytest.fixture
def headers(northwind: Northwind) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(northwind.alice)}"}


@promise.parametrize()
@FEW
@pytest.mark.usefixtures("_one_connection")
def test_whatever_is_sent_is_answered_as_promised(
    case: Case[Any], ids: dict[str, int], headers: dict[str, str]
) -> None:
    # An odd id stays odd; any other becomes that of an object that is there.
    if all(isinstance(given, int) for given in case.path_parameters.values()):
        case.path_parameters = {name: ids[name] for name in case.path_parameters}
    case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)
