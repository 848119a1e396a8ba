"""Where the start leads: members to their contacts, strangers to the log-in, the rest to an account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import operations, queries
from accounts.models import Membership, Role, User
from crm.lib.tenancy import tenant_scope
from tests.accounts.conftest import who_is_in
from tests.conftest import Northwind, make_user

ClientOf = Callable[[Membership], Client]


def test_members_come_to_their_contacts(client_of: ClientOf, northwind: Northwind) -> None:
    assert client_of(northwind.bob).get(reverse("home")).headers["Location"].startswith("/contacts/")


def test_strangers_come_to_the_log_in(db: None, browser: Client) -> None:
    assert browser.get(reverse("home")).headers["Location"] == f"{reverse('account_login')}?next=/"


class TestSomebodyInNoAccount:
    @pytest.fixture
    def noa(self, db: None) -> User:
        return make_user("noa@harbour.example", "Noa Brandt")

    @pytest.fixture
    def browser(self, client: Client, noa: User) -> Client:
        client.force_login(noa)
        return client

    @pytest.mark.parametrize("name", ["home", "profile", "members", "api_tokens", "audit_log"])
    def test_comes_to_the_page_that_says_so(self, browser: Client, name: str) -> None:
        assert browser.get(reverse(name)).headers["Location"] == reverse("no_account")

    def test_is_told_to_open_one_or_to_be_invited(self, browser: Client) -> None:
        page = browser.get(reverse("no_account")).content.decode()
        assert "Open an account" in page
        assert "ask a colleague to invite <strong>noa@harbour.example</strong>" in page

    def test_opens_one_and_owns_it(self, browser: Client, noa: User) -> None:
        answer = browser.post(reverse("create_account"), {"name": "Harbour"})
        assert answer.headers["Location"] == reverse("members")
        (owner,) = queries.memberships_of(noa)
        assert (owner.tenant.name, owner.role) == ("Harbour", Role.OWNER)
        assert who_is_in(browser) == "Noa Brandt"

    def test_that_clicks_twice_opens_one(self, browser: Client, noa: User) -> None:
        for _ in range(2):
            browser.post(reverse("create_account"), {"name": "Harbour"})
        assert len(queries.memberships_of(noa)) == 1

    @pytest.mark.parametrize("name", ["", "   ", "x" * 101])
    def test_has_to_give_it_a_name(self, browser: Client, noa: User, name: str) -> None:
        answer = browser.post(reverse("create_account"), {"name": name})
        assert answer.status_code == 422
        assert "name" in answer.context["form"].errors
        assert queries.memberships_of(noa) == []


def test_members_can_open_another_account_beside_theirs(client_of: ClientOf, northwind: Northwind) -> None:
    client_of(northwind.bob).post(reverse("create_account"), {"name": "Marsh Consulting"})
    assert [found.tenant.name for found in queries.memberships_of(northwind.bob.user)] == [
        "Northwind",
        "Marsh Consulting",
    ]


def test_somebody_deactivated_is_out_at_once(client_of: ClientOf, northwind: Northwind) -> None:
    browser = client_of(northwind.bob)
    assert who_is_in(browser) == "Bob Marsh"
    with tenant_scope(northwind.tenant.pk):
        operations.deactivate_member(actor=northwind.ada, member=northwind.bob)
    assert browser.get(reverse("profile")).headers["Location"] == reverse("no_account")


def test_somebody_deactivated_falls_back_to_another_account(client_of: ClientOf, northwind: Northwind) -> None:
    operations.create_account(user=northwind.bob.user, name="Marsh Consulting")
    browser = client_of(northwind.bob)
    with tenant_scope(northwind.tenant.pk):
        operations.deactivate_member(actor=northwind.ada, member=northwind.bob)
    assert browser.get(reverse("profile")).context["membership"].tenant.name == "Marsh Consulting"
