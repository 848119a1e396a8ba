"""The three doors of the exclusion list in a real browser: as owner, admin and member, by hand and by keyboard."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contacts import operations as contacts
from contacts.data import ContactData
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from exclusions import operations
from exclusions.models import Exclusion
from tests.conftest import Globex, Northwind
from tests.emails.factory import make_email
from tests.functional.conftest import NARROW, OpenPage, faults, keep

pytestmark = pytest.mark.browser


@pytest.fixture
def ines(northwind: Northwind) -> Contact:
    """A contact with three emails."""
    data = ContactData("Ines", "Moreau", "Atelier Lyon", emails=("ines@atelier-lyon.example",))
    with tenant_scope(northwind.tenant.pk):
        contact = contacts.create_contact(actor=northwind.alice, data=data)
        for subject in ("Offer", "Contract", "Photos"):
            make_email(contact, subject=subject, seen_by=northwind.alice)
    return contact


def test_the_owner_excludes_over_the_email_page(
    northwind: Northwind, ines: Contact, open_page: OpenPage, complaints: list[str]
) -> None:
    """Typed, seen what it concerns, removed what is stored, and all of it taken back."""
    page = open_page(northwind.alice)
    page.goto(reverse("email_list"))
    page.keyboard.press("g")
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog", name="Excluded Emails")
    field = dialog.get_by_role("textbox", name="Exclude addresses or domains")
    expect(field).to_be_focused()
    page.keyboard.type("atelier-lyon.example, nonsense, gmail.com")
    expect(dialog.get_by_text("1 contact, 3 stored emails")).to_be_visible()
    expect(dialog.get_by_text("“nonsense” is neither an address nor a domain")).to_be_visible()
    keep(page, "exclusions-dialog-preview")
    assert faults(page) == []
    page.set_viewport_size({"width": NARROW, "height": 844})
    keep(page, "exclusions-dialog-preview-narrow")
    page.set_viewport_size({"width": 1440, "height": 900})
    dialog.get_by_role("checkbox", name="Also remove the stored emails.").check()
    dialog.get_by_role("button", name="Exclude", exact=True).click()
    expect(dialog.get_by_text("3 stored emails were removed")).to_be_visible()
    expect(field).to_have_value("nonsense\ngmail.com")
    # The answer's status says that not all of it could be.
    complaints.clear()
    expect(dialog.get_by_role("button", name="Remove atelier-lyon.example")).to_be_attached()
    keep(page, "exclusions-dialog-left")
    dialog.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Brought back 3 emails.")).to_be_visible()
    expect(page.get_by_role("link", name="Contract")).to_be_visible()


def test_an_admin_keeps_the_list_in_the_settings_by_keyboard(
    northwind: Northwind, ines: Contact, open_page: OpenPage
) -> None:
    with tenant_scope(northwind.tenant.pk):
        operations.exclude(actor=northwind.bob, value="ines@atelier-lyon.example")
    page = open_page(northwind.ada)
    page.goto(reverse("email_settings"))
    page.get_by_role("link", name="Excluded Emails").click()
    row = page.get_by_role("listitem").filter(has_text="ines@atelier-lyon.example")
    expect(row).to_contain_text("Bob Marsh")
    bin_button = row.get_by_role("button", name="Remove ines@atelier-lyon.example")
    assert opacity_of(page) == "0"
    row.hover()
    expect(bin_button).to_have_css("opacity", "1")
    page.mouse.move(0, 0)
    row.get_by_role("link", name="Reason and last day of").focus()
    page.keyboard.press("Tab")
    expect(bin_button).to_be_focused()
    expect(bin_button).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("ines@atelier-lyon.example is no longer excluded.")).to_be_visible()
    keep(page, "exclusions-removed")
    page.get_by_role("button", name="Import what was missed").click()
    expect(page.get_by_text("Looking through the mailboxes for what was missed of 1 contact.")).to_be_visible()
    page.get_by_role("searchbox", name="Search the list").fill("nothing")
    expect(page.get_by_text("Nothing like that is excluded")).to_be_visible()
    assert faults(page) == []


def test_a_member_turns_the_switch_of_a_contact(
    northwind: Northwind, globex: Globex, ines: Contact, open_page: OpenPage
) -> None:
    """And Charlie's account hears nothing of it."""
    page = open_page(northwind.bob)
    page.goto(reverse("contact_detail", args=[ines.pk]))
    switch = page.get_by_role("switch", name="Email Sync of Ines Moreau")
    expect(switch).to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Email Sync of Ines Moreau is off.")).to_be_visible()
    expect(switch).not_to_be_checked()
    expect(page.get_by_text("3 emails stored before.")).to_be_visible()
    page.goto(reverse("excluded_settings"))
    expect(page.get_by_text("by an Email Sync switch")).to_be_visible()
    page.goto(reverse("contact_detail", args=[ines.pk]))
    switch.click()
    expect(switch).to_be_checked()
    expect(page.get_by_role("button", name="Import what was missed")).to_be_visible()
    keep(page, "contact-sync-missed")
    assert faults(page) == []
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("button", name="Import what was missed")).to_have_count(0)
    with tenant_scope(globex.tenant.pk):
        assert not Exclusion.objects.exists()


def test_without_script_it_is_seen_first_too(northwind: Northwind, ines: Contact, open_page: OpenPage) -> None:
    page = open_page(northwind.bob, script=False)
    page.goto(reverse("email_list"))
    page.get_by_role("link", name="Excluded Emails").click()
    page.get_by_role("textbox", name="Exclude addresses or domains").fill("ines@atelier-lyon.example")
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("1 contact, 3 stored emails")).to_be_visible()
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_role("button", name="Remove ines@atelier-lyon.example")).to_be_attached()
    page.get_by_role("button", name="Remove ines@atelier-lyon.example").click()
    expect(page.get_by_text("You have excluded nothing yet")).to_be_visible()


def opacity_of(page: Page) -> str:
    """How much is seen of the bin of the first row while nobody points at it."""
    page.mouse.move(0, 0)
    return str(page.locator(".excluded-row .bin").first.evaluate("bin => getComputedStyle(bin).opacity"))
