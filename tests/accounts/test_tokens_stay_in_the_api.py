"""A token is for the API, where its scope and its limits are enforced; pages know sessions alone (S1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import queries
from accounts.models import Membership, TokenScope
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind, token_of


@pytest.fixture
def alices_key(northwind: Northwind) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(northwind.alice, TokenScope.READ)}"}


def test_with_a_session_of_another_it_changes_nothing(
    alices_key: dict[str, str], northwind: Northwind, globex: Globex, client_of: Callable[[Membership], Client]
) -> None:
    charlie = client_of(globex.charlie)
    page = charlie.get(reverse("members"), headers=alices_key)
    assert "ada@northwind.example" not in page.text
    assert "charlie@globex.example" in page.text
    url = reverse("member_deactivate", args=[northwind.ada.pk])
    assert charlie.post(url, headers=alices_key).status_code == 404


def test_without_a_session_it_opens_no_page(alices_key: dict[str, str], client: Client) -> None:
    answer = client.get(reverse("contact_list"), headers=alices_key)
    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_a_session_opens_nothing_of_the_api(northwind: Northwind, client_of: Callable[[Membership], Client]) -> None:
    assert client_of(northwind.alice).get(reverse("api_me")).status_code == 401
    with tenant_scope(northwind.tenant.pk):
        assert not queries.tokens_of(northwind.alice).exists()
