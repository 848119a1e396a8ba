"""A second factor: once it is on, the password alone opens nothing."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from celery import Task
from django.core import mail
from django.test import Client
from django.urls import reverse

from crm.lib import crypto
from tests.accounts.conftest import confirm, log_in, totp_code, turn_on_totp, who_is_in
from tests.conftest import Northwind

ALICE = "alice@northwind.example"


@pytest.fixture
def secret(northwind: Northwind) -> str:
    """Alice's, who has turned her second factor on through the page."""
    browser = Client()
    log_in(browser, ALICE)
    return turn_on_totp(browser)


def test_the_password_alone_does_not_let_in(browser: Client, secret: str) -> None:
    assert log_in(browser, ALICE).headers["Location"] == reverse("mfa_authenticate")
    assert who_is_in(browser) == ""


def test_password_and_code_let_in(browser: Client, secret: str) -> None:
    log_in(browser, ALICE)
    browser.post(reverse("mfa_authenticate"), {"code": totp_code(secret)})
    assert who_is_in(browser) == "Alice Lindqvist"


def test_a_wrong_code_does_not(browser: Client, secret: str) -> None:
    log_in(browser, ALICE)
    wrong = f"{(int(totp_code(secret)) + 1) % 1_000_000:06}"
    answer = browser.post(reverse("mfa_authenticate"), {"code": wrong})
    assert "This code is wrong or was used." in answer.content.decode()
    assert who_is_in(browser) == ""


def test_a_code_works_once(browser: Client, secret: str) -> None:
    code = totp_code(secret)
    for client in (Client(), browser):
        log_in(client, ALICE)
        client.post(reverse("mfa_authenticate"), {"code": code})
    assert who_is_in(browser) == ""


def test_a_recovery_code_lets_in_once(browser: Client, secret: str) -> None:
    recovery = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()[0]
    first = Client()
    for client in (first, browser):
        log_in(client, ALICE)
        client.post(reverse("mfa_authenticate"), {"code": recovery})
    assert who_is_in(first) == "Alice Lindqvist"
    assert who_is_in(browser) == ""


def test_its_secret_is_encrypted_at_rest(secret: str) -> None:
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept
    assert crypto.decrypt(kept, purpose="second factor") == secret


@pytest.mark.django_db(transaction=True)
def test_its_owner_is_told_by_mail(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(Task, "apply_async", lambda *_arguments, **_options: None)
    request.getfixturevalue("secret")
    told = "\n".join(str(letter.body) for letter in mail.outbox)
    assert "An authenticator app was added to your Postroom log-in." in told
    assert "If that was not you: set a new password at once" in told


def test_turning_it_on_needs_a_fresh_password(northwind: Northwind, client: Client) -> None:
    client.force_login(northwind.alice.user)
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    confirm(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
