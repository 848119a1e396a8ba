"""Pages for when something is wrong, within the frame for members and at the entrance for strangers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import Membership
from tests.conftest import Northwind
from tests.functional.conftest import NARROW, OpenPage, faults, keep, overflow

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_wrong_address_leads_on(
    signed_in: bool, theme: str, northwind: Northwind, open_page: OpenPage, complaints: list[str]
) -> None:
    member: Membership | None = northwind.alice if signed_in else None
    page = open_page(member, theme=theme, width=NARROW)
    page.goto("/no/such/page/")
    keep(page, f"404-{theme}-{'member' if member else 'stranger'}")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert overflow(page) == []
    assert faults(page) == []
    # The browser itself notes that the page was not found.
    complaints.clear()
