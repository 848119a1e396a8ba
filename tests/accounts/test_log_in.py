"""Log-in by address and password: patient with people, not with those who guess (S5)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from tests.accounts.conftest import NEW_PASSWORD, last_mail, log_in, who_is_in
from tests.conftest import PASSWORD, Northwind

ALICE, BOB = "alice@northwind.example", "bob@northwind.example"


def test_the_right_password_lets_in(browser: Client, northwind: Northwind) -> None:
    log_in(browser, ALICE)
    assert who_is_in(browser) == "Alice Lindqvist"


def test_the_case_of_the_address_does_not_matter(browser: Client, northwind: Northwind) -> None:
    log_in(browser, "Alice@NORTHWIND.example")
    assert who_is_in(browser) == "Alice Lindqvist"


@pytest.mark.parametrize("email", [ALICE, "nobody@northwind.example"])
def test_a_wrong_password_says_the_same_whether_the_address_is_known(
    browser: Client, northwind: Northwind, email: str
) -> None:
    answer = log_in(browser, email, "not-her-password")
    assert "Address and password do not match." in answer.content.decode()
    assert who_is_in(browser) == ""


def test_who_guesses_has_to_wait_even_with_the_right_password(browser: Client, northwind: Northwind) -> None:
    for _ in range(5):
        log_in(browser, ALICE, "a-guess")
    assert "Too many failed log-ins" in log_in(browser, ALICE).content.decode()
    assert who_is_in(browser) == ""


def test_others_do_not_wait_for_one_who_is_guessed_at(browser: Client, northwind: Northwind) -> None:
    for _ in range(5):
        log_in(browser, ALICE, "a-guess")
    log_in(browser, BOB)
    assert who_is_in(browser) == "Bob Marsh"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_log_in_leads_to_no_other_site(browser: Client, northwind: Northwind, place: str) -> None:
    assert log_in(browser, ALICE, next=place).headers["Location"] == reverse("home")


def test_somebody_switched_off_cannot_log_in(browser: Client, northwind: Northwind) -> None:
    northwind.bob.user.is_active = False
    northwind.bob.user.save()
    log_in(browser, BOB)
    assert who_is_in(browser) == ""


class TestANewPassword:
    def test_by_mail_replaces_the_old_one(self, browser: Client, northwind: Northwind) -> None:
        browser.post(reverse("account_reset_password"), {"email": ALICE})
        found = re.search(r"http://\S+(/auth/\S+)", str(last_mail().body))
        assert found is not None
        form = browser.get(found[1], follow=True)
        browser.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert who_is_in(Client()) == ""
        log_in(browser, ALICE, NEW_PASSWORD)
        assert who_is_in(browser) == "Alice Lindqvist"

    def test_is_not_mailed_a_link_to_strangers(self, browser: Client, northwind: Northwind) -> None:
        browser.post(reverse("account_reset_password"), {"email": "nobody@northwind.example"})
        assert [letter.to for letter in mail.outbox] == [["nobody@northwind.example"]]
        assert "Nobody logs in to Postroom with this address" in str(last_mail().body)
        assert "/password/reset/key/" not in str(last_mail().body)

    @pytest.mark.parametrize("weak", ["short", "password123", "alice@northwind"])
    def test_has_to_be_strong(self, client_of: Callable[[Membership], Client], northwind: Northwind, weak: str) -> None:
        browser = client_of(northwind.alice)
        form = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
        browser.post(reverse("account_change_password"), form)
        northwind.alice.user.refresh_from_db()
        assert northwind.alice.user.check_password(PASSWORD)

    def test_ends_all_other_sessions(self, northwind: Northwind) -> None:
        here, elsewhere = Client(), Client()
        for browser in (here, elsewhere):
            log_in(browser, ALICE)
        form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        here.post(reverse("account_change_password"), form)
        assert who_is_in(elsewhere) == ""


def test_the_session_cookie_is_out_of_reach_for_scripts(browser: Client, northwind: Northwind) -> None:
    cookie = log_in(browser, ALICE).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
