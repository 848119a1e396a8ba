"""Signing up makes a log-in and an account; the address has to be proven before anybody comes in."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import queries
from accounts.models import Role, User
from tests.accounts.conftest import NEW_PASSWORD, last_code, last_mail, who_is_in
from tests.conftest import Northwind

NOA = {"name": "Noa Brandt", "account": "Harbour", "email": "Noa@Harbour.example", "password1": NEW_PASSWORD}
pytestmark = pytest.mark.django_db


def sign_up(browser: Client, **changed: str) -> int:
    return browser.post(reverse("account_signup"), NOA | changed).status_code


def test_the_newcomer_owns_an_account_of_that_name(browser: Client) -> None:
    sign_up(browser)
    (owner,) = queries.memberships_of(User.objects.get(email="noa@harbour.example"))
    assert (owner.tenant.name, owner.role, owner.user.name) == ("Harbour", Role.OWNER, "Noa Brandt")


def test_the_account_is_named_after_the_person_where_no_company_is_given(browser: Client) -> None:
    sign_up(browser, account="")
    (owner,) = queries.memberships_of(User.objects.get(email="noa@harbour.example"))
    assert owner.tenant.name == "Noa Brandt's account"


def test_nobody_is_in_before_the_address_is_proven(browser: Client) -> None:
    sign_up(browser)
    assert last_mail().to == ["noa@harbour.example"]
    assert who_is_in(browser) == ""


def test_the_code_from_the_mail_proves_the_address(browser: Client) -> None:
    sign_up(browser)
    browser.post(reverse("account_email_verification_sent"), {"code": last_code()})
    assert who_is_in(browser) == "Noa Brandt"
    assert EmailAddress.objects.get(email="noa@harbour.example").verified


def test_a_wrong_code_proves_nothing(browser: Client) -> None:
    sign_up(browser)
    browser.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
    assert who_is_in(browser) == ""


@pytest.mark.parametrize("password", ["postroom", "password123", "83726354928", "noa@harbour.example", "qwertyuiop"])
def test_a_weak_password_is_refused(browser: Client, password: str) -> None:
    answer = browser.post(reverse("account_signup"), NOA | {"password1": password})
    assert "password1" in answer.context["form"].errors
    assert not queries.has_signed_up("noa@harbour.example")


def test_an_address_that_is_taken_is_told_to_its_owner_alone(browser: Client, northwind: Northwind) -> None:
    stranger = browser.post(reverse("account_signup"), NOA | {"email": "bob@northwind.example"})
    newcomer = Client().post(reverse("account_signup"), NOA)
    assert stranger.headers["Location"] == newcomer.headers["Location"]
    assert mail.outbox[0].to == ["bob@northwind.example"]
    assert "has a log-in already" in str(mail.outbox[0].body)
    assert queries.memberships_of(northwind.bob.user)[0].user.name == "Bob Marsh"


def test_the_mail_speaks_to_the_newcomer_in_plain_words(browser: Client) -> None:
    sign_up(browser)
    assert last_mail().subject == f"{last_code()} is your Postroom code"
    assert "Welcome to Postroom" in str(last_mail().body)
    assert "example.com" not in str(last_mail().body)
