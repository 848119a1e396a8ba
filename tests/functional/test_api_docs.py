"""The API's docs in a real browser, under the content policy that we send."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from tests.conftest import Northwind, token_of
from tests.functional.conftest import NARROW, WIDE, OpenPage, faults, keep, overflow


@pytest.fixture
def docs(northwind: Northwind, open_page: OpenPage) -> Page:
    return visit(open_page, northwind.bob)


def visit(open_page: OpenPage, who: Membership | None, *, theme: str = "light", width: int = WIDE) -> Page:
    page = open_page(who, theme=theme, width=width)
    page.goto("/api/docs/")
    expect(page.locator(".opblock-summary-path", has_text="/contacts/").first).to_be_visible()
    return page


def open_operation(page: Page, operation: str) -> None:
    page.locator(f"#operations-{operation} .opblock-summary-control").click()
    page.locator(f"#operations-{operation}").get_by_role("button", name="Try it out").click()


@pytest.mark.parametrize(("theme", "width"), [("light", WIDE), ("dark", NARROW)])
def test_everybody_can_read_the_docs(northwind: Northwind, open_page: OpenPage, theme: str, width: int) -> None:
    page = visit(open_page, None if width == WIDE else northwind.bob, theme=theme, width=width)
    open_operation(page, "contacts-list_contacts")
    open_operation(page, "contacts-create_contact")
    expect(page.get_by_label("Request body")).to_be_visible()
    keep(page, f"api_docs-{theme}-{width}")
    assert (faults(page), overflow(page)) == ([], [])


def test_with_a_token_an_operation_can_be_tried(northwind: Northwind, docs: Page) -> None:
    docs.get_by_role("button", name="Authorize").click()
    docs.get_by_label("auth-bearer-value").fill(token_of(northwind.bob))
    docs.get_by_role("button", name="Apply credentials").click()
    docs.get_by_role("button", name="Close").last.click()
    open_operation(docs, "me-me")
    docs.locator("#operations-me-me").get_by_role("button", name="Execute").click()
    expect(docs.locator("#operations-me-me .live-responses-table")).to_contain_text("bob@northwind.example")


def test_without_one_it_says_what_is_missing(docs: Page, complaints: list[str]) -> None:
    open_operation(docs, "me-me")
    docs.locator("#operations-me-me").get_by_role("button", name="Execute").click()
    expect(docs.locator("#operations-me-me .live-responses-table")).to_contain_text("problem:token-missing")
    # The browser itself notes every 401.
    assert len(complaints) == 1
    complaints.clear()
