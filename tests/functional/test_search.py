"""The search box of the Email page in a real browser, with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import Northwind
from tests.functional import email_pages
from tests.functional.conftest import OpenPage, faults, keep

pytestmark = pytest.mark.browser


def test_the_keyboard_alone_searches_with_what_is_suggested(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(email_pages.to_search(northwind))
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search mail")
    expect(box).to_be_focused()
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("from:")
    page.keyboard.type("del -fro")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("del -from:")
    page.keyboard.type("ines")
    expect(options.first).to_contain_text("ines@atelier-lyon.example")
    assert faults(page) == []
    keep(page, "search-suggestions")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()
    box.fill("delivery from:ines@")
    expect(options.first).to_contain_text("ines@atelier-lyon.example")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile(r"^delivery from:ines@\S+ $"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=delivery"))
    expect(page.locator(".mail-rows mark").first).to_have_text("Delivery")
    # What is found is at hand: the next key is for the list.
    expect(page.locator("[data-open]").first).to_be_focused()
    keep(page, "search-found")
    box.fill("delivery before:soon")
    box.press("Enter")
    expect(page.get_by_role("status").filter(has_text="is no date")).to_contain_text("write before:2026-03-31")
    assert faults(page) == []
    keep(page, "search-problem")
