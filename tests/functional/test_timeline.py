"""A contact's timeline in a real browser: emails and conversations open in place, older ones come by themselves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.emails.factory import make_email
from tests.functional import contact_pages, email_pages
from tests.functional.conftest import NARROW, OpenPage, faults, keep, overflow

pytestmark = pytest.mark.browser


def test_emails_open_close_and_go_where_they_are(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    path = email_pages.timeline(northwind)
    page.goto(f"{path}?tab=emails")
    row = page.locator("#timeline .timeline > li").first
    row.locator("h3 a").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".mail-in-place")).to_contain_text("gate C is the right one")
    keep(page, "timeline-open")
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(row.locator(".mail-in-place")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(row.locator(".mail-in-place")).to_be_visible()
    row.get_by_role("button", name="Remove from this contact").last.click()
    expect(page.get_by_text("Removed “Re: Delivery dates for the Lyon order” from Ines Moreau.")).to_be_visible()
    expect(page.locator("#timeline .timeline > li")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is stored for Ines Moreau again.")).to_be_visible()
    expect(page.locator("#timeline .timeline > li")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"\?tab=emails$"))


def test_a_conversation_opens_with_all_its_messages(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, width=NARROW, theme="dark")
    page.goto(email_pages.timeline(northwind))
    page.get_by_role("link", name="Show conversations").click()
    rows = page.locator("#timeline li[id^=email-]")
    expect(rows).to_have_count(2)
    rows.first.locator("h3 a").click()
    expect(rows.first.locator(".mail-folded")).to_have_count(2)
    expect(rows.first.locator(".mail-in-place")).to_contain_text("gate C is the right one")
    rows.first.locator("[data-unfold]").nth(1).click()
    expect(rows.first.locator(".mail-in-place")).to_have_count(2)
    keep(page, "timeline-conversation")
    assert overflow(page) == []
    assert faults(page) == []


def test_older_ones_come_as_one_scrolls(northwind: Northwind, open_page: OpenPage) -> None:
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        for number in range(45):
            make_email(ines, subject=f"Number {number}")
    page = open_page(northwind.alice)
    page.goto(f"/contacts/{ines.pk}/?tab=emails")
    rows = page.locator("#timeline li[id^=email-]")
    expect(rows).to_have_count(20)
    for count in (40, 45):
        page.locator(".more-notes").scroll_into_view_if_needed()
        expect(rows).to_have_count(count)
    expect(page.locator(".more-notes")).to_have_count(0)
