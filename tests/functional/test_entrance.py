"""Coming in, by keyboard alone and by every second step there is; each page on the way is looked at."""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD, Northwind
from tests.functional.conftest import NARROW, OpenPage, faults, keep, overflow

pytestmark = pytest.mark.browser


def look_at(page: Page, name: str) -> None:
    """Keeps a picture, and holds the page to what `test_look` asks of every page."""
    keep(page, name)
    assert overflow(page) == []
    assert faults(page) == []


def one_time_code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 10**6:06}"


def code_in(mail: EmailMessage) -> str:
    """The code that stands on a line of its own."""
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.body), re.MULTILINE)
    assert found, mail.body
    return found[1]


def log_in(page: Page, to: str) -> None:
    """Signs Alice in by her password, on the way to a page."""
    page.goto(f"{reverse('account_login')}?next={reverse(to)}")
    page.get_by_label("Email address").fill("alice@northwind.example")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def prove(page: Page) -> None:
    """Answers the question that stands before everything that touches safety."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def with_security_key(page: Page) -> None:
    """Gives the browser a key of its own that is always touched at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})


def test_log_in_by_keyboard_alone(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None)
    page.goto(f"{reverse('account_login')}?next={reverse('mfa_index')}")
    page.keyboard.type("alice@northwind.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Security")).to_be_visible()


def test_log_in_and_look_around_without_script(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None, script=False)
    log_in(page, "mfa_index")
    page.get_by_label("Your account: Alice Lindqvist").click()
    page.get_by_role("link", name="Profile").last.click()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()


def test_a_wrong_password_is_told_beside_the_form(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None, width=NARROW)
    page.goto(reverse("account_login"))
    page.get_by_label("Email address").fill("alice@northwind.example")
    page.get_by_label("Password").fill("not-the-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    look_at(page, "login-refused-light-390")


def test_sign_up_proves_the_address_by_a_code(
    northwind: Northwind, open_page: OpenPage, mailoutbox: list[EmailMessage]
) -> None:
    page = open_page(None, theme="dark")
    page.goto(f"{reverse('account_signup')}?next={reverse('account_email')}")
    page.get_by_label("Email").fill("erin@hale.example")
    page.get_by_label("Your name").fill("Erin Hale")
    page.get_by_label("Company").fill("Hale")
    page.get_by_label("Password").fill("quiet-river-stone")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("erin@hale.example", exact=True)).to_be_visible()
    page.get_by_text("Use another address").click()
    look_at(page, "signup-code-dark-1440")
    page.get_by_label("Code").fill(code_in(mailoutbox[-1]))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Verified")).to_be_visible()


def test_who_asks_too_often_is_told_to_wait(
    northwind: Northwind, signed_in_page: OpenPage, complaints: list[str]
) -> None:
    page = signed_in_page(northwind.alice)
    page.goto(reverse("account_email"))
    page.get_by_label("New address").fill("alice.l@northwind.example")
    page.get_by_role("button", name="Change address").click()
    prove(page)
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_role("heading", name="A moment, please")).to_be_visible()
    look_at(page, "429-light-1440")
    # The browser itself notes the status.
    complaints.clear()


def test_a_new_address_counts_once_its_code_is_entered(
    northwind: Northwind, signed_in_page: OpenPage, mailoutbox: list[EmailMessage]
) -> None:
    page = signed_in_page(northwind.alice)
    page.goto(reverse("account_email"))
    page.get_by_label("New address").fill("alice.l@northwind.example")
    page.get_by_role("button", name="Change address").click()
    prove(page)
    expect(page.get_by_role("heading", name="Is this address yours?")).to_be_visible()
    page.get_by_label("Code").fill(code_in(mailoutbox[-1]))
    page.get_by_role("button", name="Confirm").click()
    page.goto(reverse("account_email"))
    expect(page.get_by_role("main")).to_contain_text("alice.l@northwind.example")


def test_an_authenticator_app_becomes_the_second_step(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None)
    log_in(page, "mfa_activate_totp")
    prove(page)
    secret = page.get_by_label("Key", exact=True).input_value()
    look_at(page, "totp-light-1440")
    page.get_by_label("Code", exact=True).fill(one_time_code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("list", name="Unused codes").get_by_role("listitem")).to_have_count(10)
    look_at(page, "recovery-codes-light-1440")
    recovery = page.get_by_role("list", name="Unused codes").get_by_role("listitem").first.inner_text()
    page.context.clear_cookies()
    log_in(page, "mfa_index")
    look_at(page, "second-step-light-1440")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("9 left")).to_be_visible()
    look_at(page, "security-on-light-1440")


def test_a_security_key_becomes_the_second_step(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None, theme="dark")
    with_security_key(page)
    log_in(page, "mfa_add_webauthn")
    prove(page)
    expect(page.get_by_role("heading", name="Add a security key")).to_be_visible()
    look_at(page, "key-add-dark-1440")
    page.get_by_label("Name").fill("Key ring")
    page.get_by_role("button", name="Add key").click()
    page.wait_for_url(f"**{reverse('mfa_view_recovery_codes')}")
    page.goto(reverse("mfa_list_webauthn"))
    expect(page.get_by_text("Key ring")).to_be_visible()
    look_at(page, "keys-dark-1440")
    page.context.clear_cookies()
    log_in(page, "usersessions_list")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_text("This one")).to_be_visible()


def test_what_touches_safety_asks_who_one_is(northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.alice, theme="dark", width=NARROW)
    page.goto(reverse("mfa_activate_totp"))
    look_at(page, "is-it-you-dark-390")
    prove(page)
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()


def test_signing_out_leads_back_to_the_entrance(northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.bob)
    page.goto(reverse("account_email"))
    page.get_by_label("Your account: Bob Marsh").click()
    expect(page.get_by_text("Member of Northwind")).to_be_visible()
    look_at(page, "account-menu-light-1440")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
