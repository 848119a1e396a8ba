"""People in several accounts see one at a time, and only those they are in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import operations
from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from tests.conftest import Globex, Northwind

ClientOf = Callable[[Membership], Client]
SWITCH = "/accounts/switch/"


@pytest.fixture
def consultancy(northwind: Northwind) -> Membership:
    """Bob's own account, beside Northwind."""
    return operations.create_account(user=northwind.bob.user, name="Marsh Consulting")


def tenant_of(browser: Client) -> str:
    return str(browser.get(reverse("profile")).context["membership"].tenant)


def test_switching_goes_to_the_other_account(
    client_of: ClientOf, northwind: Northwind, consultancy: Membership
) -> None:
    browser = client_of(northwind.bob)
    assert tenant_of(browser) == "Northwind"
    browser.post(SWITCH, {"tenant": consultancy.tenant_id})
    assert tenant_of(browser) == "Marsh Consulting"


def test_the_menu_offers_the_others(client_of: ClientOf, northwind: Northwind, consultancy: Membership) -> None:
    offered = client_of(northwind.bob).get(reverse("profile")).context["other_memberships"]
    assert [found.tenant.name for found in offered] == ["Marsh Consulting"]


def test_nobody_can_switch_to_an_account_of_others(client_of: ClientOf, northwind: Northwind, globex: Globex) -> None:
    browser = client_of(globex.charlie)
    assert browser.post(SWITCH, {"tenant": northwind.tenant.pk}).status_code == 404
    assert tenant_of(browser) == "Globex"


@pytest.mark.parametrize("tenant", ["", "x", "-1", "0", "9" * 30])
def test_an_odd_account_is_not_found(client_of: ClientOf, northwind: Northwind, tenant: str) -> None:
    assert client_of(northwind.bob).post(SWITCH, {"tenant": tenant}).status_code == 404


def test_nobody_can_switch_back_to_where_they_were_deactivated(
    client_of: ClientOf, northwind: Northwind, consultancy: Membership
) -> None:
    with tenant_scope(northwind.tenant.pk):
        operations.deactivate_member(actor=northwind.alice, member=northwind.bob)
    assert client_of(consultancy).post(SWITCH, {"tenant": northwind.tenant.pk}).status_code == 404


def test_switching_needs_a_post(client_of: ClientOf, northwind: Northwind) -> None:
    assert client_of(northwind.bob).get(SWITCH).status_code == 405


def test_being_seen_in_one_account_does_not_show_in_the_other(
    client_of: ClientOf, northwind: Northwind, consultancy: Membership
) -> None:
    client_of(consultancy).get(reverse("profile"))
    rows = client_of(northwind.alice).get(reverse("members")).context["rows"]
    assert next(row.member for row in rows if row.member == northwind.bob).last_seen_at is None
