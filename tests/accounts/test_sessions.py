"""People see where they are signed in, and can end it from anywhere."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.accounts.conftest import log_in, who_is_in
from tests.conftest import Globex, Northwind

ALICE = "alice@northwind.example"


def test_the_list_names_the_browsers(northwind: Northwind) -> None:
    here = Client(headers={"user-agent": "Desktop Browser"})
    phone = Client(headers={"user-agent": "Phone Browser"})
    for browser in (here, phone):
        log_in(browser, ALICE)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Desktop Browser" in page
    assert "Phone Browser" in page


def test_others_sessions_are_not_in_it(northwind: Northwind, globex: Globex) -> None:
    charlie = Client(headers={"user-agent": "Charlie's Browser"})
    log_in(charlie, "charlie@globex.example")
    alice = Client()
    log_in(alice, ALICE)
    assert "Charlie&#x27;s Browser" not in alice.get(reverse("usersessions_list")).content.decode()


def test_ending_the_others_leaves_this_one(northwind: Northwind) -> None:
    here, lost = Client(), Client()
    for browser in (here, lost):
        log_in(browser, ALICE)
    here.post(reverse("usersessions_list"))
    assert who_is_in(lost) == ""
    assert who_is_in(here) == "Alice Lindqvist"


def test_signing_out_ends_it(northwind: Northwind) -> None:
    browser = Client()
    log_in(browser, ALICE)
    browser.post(reverse("account_logout"))
    assert who_is_in(browser) == ""
