"""S1: every page of contacts, asked for by another account, by strangers, and by members without the right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import Membership
from contacts import operations, queries
from contacts.filters import Criteria
from contacts.operations import FilterData
from contacts.urls import tags as tag_urls
from contacts.urls import urlpatterns
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind
from tests.contacts.conftest import INES, Make

PATTERNS = [*urlpatterns, *tag_urls.urlpatterns]
#: Pages that are about nothing in particular: each account sees its own.
OPEN = {
    "contact_list",
    "contact_bulk",
    "contact_create",
    "contact_export",
    "contact_import",
    "contact_merge",
    "company_options",
    "saved_filter_create",
    "tag_list",
}
#: Pages whose thing here is Alice's or shared, so that a member may look at most.
NOT_BOBS = {
    "tag_edit",
    "tag_merge",
    "tag_delete",
    "note_edit",
    "note_delete",
    "saved_filter_edit",
    "saved_filter_delete",
}

Ids = dict[str, object]


@pytest.fixture
def ids(make: Make, northwind: Northwind) -> Ids:
    """One of each thing of Northwind, as the URLs name them."""
    contact = make(INES)
    with tenant_scope(northwind.tenant.pk):
        data = FilterData(name="In Lyon", criteria=Criteria(q="lyon"), is_shared=True)
        return {
            "contact_id": contact.pk,
            "note_id": operations.create_note(actor=northwind.alice, contact=contact, text="Likes tea.").pk,
            "filter_id": operations.create_filter(actor=northwind.alice, data=data).pk,
            "tag_id": queries.tags()[0].pk,
            "import_id": operations.upload_import(actor=northwind.alice, file_name="a.csv", content=b"Name\nInes").pk,
            "kind": "csv",
        }


def address(pattern: URLPattern, ids: Ids) -> str:
    wanted = pattern.pattern.converters
    return reverse(str(pattern.name), kwargs={name: value for name, value in ids.items() if name in wanted})


def statuses(client: Client, pattern: URLPattern, ids: Ids) -> set[int]:
    url = address(pattern, ids)
    return {client.get(url).status_code, client.post(url, {"text": "x", "name": "x"}).status_code}


by_name = pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: str(pattern.name))


@by_name
def test_another_account_finds_nothing(
    pattern: URLPattern, ids: Ids, globex: Globex, client_of: Callable[[Membership], Client]
) -> None:
    found = statuses(client_of(globex.charlie), pattern, ids)
    if pattern.name in OPEN:
        assert not {403, 500} & found
    else:
        assert found <= {404, 405}


@by_name
def test_a_stranger_is_asked_to_log_in(pattern: URLPattern, ids: Ids, client: Client) -> None:
    assert statuses(client, pattern, ids) <= {302, 405}


@by_name
def test_a_member_without_the_right_is_told_so(
    pattern: URLPattern, ids: Ids, northwind: Northwind, client_of: Callable[[Membership], Client]
) -> None:
    found = statuses(client_of(northwind.bob), pattern, ids)
    assert (403 in found) == (pattern.name in NOT_BOBS)


def test_no_page_of_another_account_names_anything(
    ids: Ids, globex: Globex, client_of: Callable[[Membership], Client]
) -> None:
    client = client_of(globex.charlie)
    for pattern in PATTERNS:
        if pattern.name in OPEN:
            response = client.get(address(pattern, ids))
            page = b"".join(response) if response.streaming else response.content
            for secret in (b"Moreau", b"Lyon", b"france", b"a.csv"):
                assert secret not in page, pattern.name
