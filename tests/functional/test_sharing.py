"""Who sees whose emails, in a real browser: asked and answered by keyboard, and without script."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.conftest import Northwind
from tests.functional import sharing_pages
from tests.functional.conftest import NARROW, OpenPage, faults, keep

pytestmark = pytest.mark.browser
LOCKED = "Only the subject is shared with you"


def open_bell(page: Page) -> None:
    """By keyboard."""
    page.locator(".bell > summary").focus()
    page.keyboard.press("Enter")


def test_bob_asks_and_alice_answers_with_the_keyboard_alone(northwind: Northwind, open_page: OpenPage) -> None:
    url = sharing_pages.locked(northwind)
    bob = open_page(northwind.bob)
    bob.goto(url)
    expect(bob.locator("#reader").get_by_text(LOCKED)).to_be_visible()
    ask = bob.get_by_role("button", name="Ask for access")
    ask.focus()
    keep(bob, "sharing-locked")
    bob.keyboard.press("Enter")
    expect(bob.get_by_text("Asked Alice Lindqvist.")).to_be_visible()

    alice = open_page(northwind.alice, theme="dark")
    alice.goto(reverse("contact_list"))
    open_bell(alice)
    keep(alice, "sharing-bell")
    assert faults(alice) == []
    allow = alice.get_by_role("button", name="Allow Bob")
    allow.focus()
    alice.keyboard.press("Enter")
    expect(alice.get_by_text("can read it now.")).to_be_visible()

    bob.goto(url)
    expect(bob.locator("#reader").get_by_text("The 4th works.")).to_be_visible()
    open_bell(bob)
    expect(bob.locator(".bell-item")).to_have_count(2)
    keep(bob, "sharing-answers")
    bob.get_by_role("button", name="Dismiss the answer of Alice Lindqvist").press("Enter")
    open_bell(bob)
    expect(bob.locator(".bell-item")).to_have_count(1)


def within(page: Page) -> None:
    """What is open lies within the window."""
    box = page.locator("main .menu[open] .menu-panel").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW


def test_alice_says_who_sees_what_without_script_on_a_small_screen(northwind: Northwind, open_page: OpenPage) -> None:
    url = sharing_pages.asked(northwind)
    alice = open_page(northwind.alice, width=NARROW, script=False)
    alice.goto(url)
    alice.get_by_label("Who sees this conversation").click()
    keep(alice, "sharing-menu-narrow")
    within(alice)
    alice.get_by_role("button", name="Remove Ada").click()
    expect(alice.get_by_text("can no longer read it.")).to_be_visible()
    alice.get_by_label("Who sees this conversation").click()
    alice.get_by_role("button", name="Only me").click()
    expect(alice.get_by_text("Your emails in this conversation: only me.")).to_be_visible()
    alice.goto(sharing_pages.card_of_ines(northwind))
    alice.locator(".sharing-fact").click()
    keep(alice, "sharing-contact-narrow")
    within(alice)
    alice.goto(reverse("email_settings"))
    alice.get_by_text("Subject only").first.click()
    within(alice)
    alice.get_by_role("button", name="Everyone who sees the contact").click()
    expect(alice.get_by_text("everyone who sees the contact from now on.")).to_be_visible()
    keep(alice, "sharing-settings-narrow")
