"""A new address takes effect once its owner has proven it, in lower case, and the old one is told."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import confirm, last_code, log_in, who_is_in
from tests.conftest import Northwind


@pytest.fixture
def browser(client: Client, northwind: Northwind) -> Client:
    """Bob's, who has just said that it is him."""
    log_in(client, "bob@northwind.example")
    confirm(client)
    return client


def ask(browser: Client, email: str) -> None:
    browser.post(reverse("account_email"), {"email": email, "action_add": ""})


def prove(browser: Client) -> None:
    browser.post(reverse("account_email_verification_sent"), {"code": last_code()})


def test_a_stolen_session_cannot_change_the_address(client: Client, northwind: Northwind) -> None:
    log_in(client, "bob@northwind.example")
    ask(client, "mallory@globex.example")
    assert mail.outbox == []


def test_nothing_changes_before_it_is_proven(browser: Client, northwind: Northwind) -> None:
    ask(browser, "robert@northwind.example")
    assert User.objects.get(pk=northwind.bob.user_id).email == "bob@northwind.example"


def test_once_proven_it_is_the_log_in(browser: Client, northwind: Northwind) -> None:
    ask(browser, "Robert@Northwind.EXAMPLE")
    prove(browser)
    (address,) = EmailAddress.objects.filter(user=northwind.bob.user)
    assert (address.email, address.verified, address.primary) == ("robert@northwind.example", True, True)
    elsewhere = Client()
    log_in(elsewhere, "robert@northwind.example")
    assert who_is_in(elsewhere) == "Bob Marsh"


def test_the_old_address_is_told(browser: Client) -> None:
    ask(browser, "robert@northwind.example")
    prove(browser)
    letter = next(letter for letter in mail.outbox if letter.to == ["bob@northwind.example"])
    assert "with robert@northwind.example from now on" in str(letter.body)


def test_the_old_address_no_longer_logs_in(browser: Client) -> None:
    ask(browser, "robert@northwind.example")
    prove(browser)
    elsewhere = Client()
    log_in(elsewhere, "bob@northwind.example")
    assert who_is_in(elsewhere) == ""


def test_nobody_can_take_anothers_address(browser: Client, northwind: Northwind) -> None:
    ask(browser, "alice@northwind.example")
    assert not EmailAddress.objects.filter(user=northwind.bob.user, email="alice@northwind.example").exists()
    assert User.objects.get(pk=northwind.bob.user_id).email == "bob@northwind.example"
