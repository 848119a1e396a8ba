"""Settings in a real browser: what script adds to pages that work without it."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import audit
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.functional.conftest import OpenPage, faults
from tests.functional.settings_pages import full_audit_log, invitation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def members(northwind: Northwind, open_page: OpenPage) -> Page:
    """Alice's list of members."""
    page = open_page(northwind.alice)
    page.goto(reverse("members"))
    return page


def test_a_role_changes_in_place(members: Page) -> None:
    members.get_by_label("Role of Bob Marsh").select_option("admin")
    expect(members.get_by_text("Bob Marsh is admin now")).to_be_visible()
    members.reload()
    expect(members.get_by_label("Role of Bob Marsh")).to_have_value("admin")


def test_a_right_changes_by_its_switch(members: Page) -> None:
    switch = members.get_by_label("Bob Marsh may see the activity page")
    switch.uncheck()
    expect(members.get_by_text("with the rights you chose")).to_be_visible()
    members.reload()
    expect(switch).not_to_be_checked()


def test_a_deactivation_is_taken_back_by_the_toast(members: Page) -> None:
    members.get_by_role("button", name="Deactivate Bob Marsh").click()
    expect(members.get_by_text("Deactivated", exact=True)).to_be_visible()
    members.get_by_role("button", name="Undo").click()
    expect(members.get_by_text("Bob Marsh is active again")).to_be_visible()
    expect(members.get_by_role("button", name="Deactivate Bob Marsh")).to_be_visible()


def test_the_keyboard_alone_invites_somebody(members: Page) -> None:
    members.keyboard.press("c")
    expect(members.get_by_label("Email address")).to_be_focused()
    members.keyboard.type("noa@northwind.example")
    members.keyboard.press("Enter")
    expect(members.get_by_role("button", name="Send noa@northwind.example the link again")).to_be_visible()


def test_an_invitation_that_fails_comes_back_open_with_its_reason(members: Page, complaints: list[str]) -> None:
    members.keyboard.press("c")
    members.get_by_label("Email address").fill("bob@northwind.example")
    members.get_by_role("button", name="Send the invitation").click()
    expect(members.get_by_text("bob@northwind.example is already a member.")).to_be_visible()
    assert faults(members) == []
    # The browser notes each answer of 422, which is what this was about.
    complaints.clear()


def test_the_theme_shows_before_it_is_saved(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.bob, theme="light")
    page.goto(reverse("profile"))
    page.get_by_label("Theme").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_older_entries_come_below_the_newer(northwind: Northwind, open_page: OpenPage) -> None:
    full_audit_log(northwind)
    with tenant_scope(northwind.tenant.pk):
        for number in range(60):
            audit.record(northwind.bob, "test.done", f"did {number}")
    page = open_page(northwind.alice)
    page.goto(reverse("audit_log"))
    expect(page.locator(".entry")).to_have_count(50)
    page.get_by_role("link", name="Show older entries").click()
    expect(page.get_by_text("created the account Northwind")).to_be_visible()
    expect(page.get_by_role("link", name="Show older entries")).to_have_count(0)


def test_a_newcomer_joins_by_the_link(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None)
    page.goto(invitation(northwind))
    page.get_by_label("Your name").fill("Noa Brandt")
    page.get_by_label("Password", exact=True).fill("sailing-to-lyon-42")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Welcome to Northwind.")).to_be_visible()


def test_a_new_tokens_key_can_be_reached_and_copied(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.bob)
    page.goto(reverse("api_tokens"))
    page.get_by_label("Name").fill("Website form")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_label("Its key")).to_have_value(re.compile("^prm_"))
    assert faults(page) == []
