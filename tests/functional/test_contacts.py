"""Contacts in a real browser: what takes a keyboard, a script, or both."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Membership
from contacts import operations
from contacts.data import ContactData
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.functional import contact_pages
from tests.functional.conftest import OpenPage, keep

pytestmark = pytest.mark.browser


@pytest.fixture
def page(northwind: Northwind, open_page: OpenPage) -> Page:
    """Alice's list, with some people on it."""
    page = open_page(northwind.alice)
    page.goto(contact_pages.listed(northwind))
    return page


class TestTheList:
    def test_results_and_address_follow_the_typing(self, page: Page) -> None:
        page.keyboard.press("/")
        page.keyboard.type("hale mar")
        expect(page.get_by_role("link", name="Marcus Hale")).to_be_visible()
        expect(page.get_by_role("link", name="Ines Moreau")).to_have_count(0)
        expect(
            page.get_by_role("link", name="Save filter").or_(page.get_by_role("button", name="Save filter"))
        ).to_be_visible()
        expect(page.get_by_role("link", name="All contacts")).not_to_have_attribute("aria-current", "page")
        expect(page).to_have_url(re.compile(r"\?q=hale%20mar$"))
        page.reload()
        expect(page.get_by_role("link", name="Marcus Hale")).to_be_visible()
        expect(page.get_by_text("2 contacts")).to_be_visible()

    def test_the_search_keeps_the_other_filters(self, page: Page) -> None:
        page.get_by_text("Owner", exact=True).first.click()
        page.get_by_role("link", name="You", exact=True).click()
        page.get_by_label("Search contacts").fill("moreau")
        expect(page.get_by_role("link", name="Ines Moreau")).to_be_visible()
        expect(page.get_by_role("link", name="I. Moreau")).to_have_count(0)
        expect(page.get_by_role("link", name="Owner: Alice Lindqvist")).to_be_visible()

    def test_more_filters_combine(self, page: Page) -> None:
        page.get_by_text("More", exact=True).click()
        page.get_by_label("Company", exact=True).fill("hale marine")
        keep(page, "contact_list-more-filters")
        page.get_by_role("button", name="Show them").click()
        expect(page.get_by_text("2 contacts")).to_be_visible()

    def test_what_is_ticked_is_deleted_and_comes_back(self, page: Page) -> None:
        page.get_by_label("Select Ines Moreau").check()
        page.get_by_label("Select Dana Fox").check()
        keep(page, "contact_list-selection")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted 2 contacts.")).to_be_visible()
        expect(page.get_by_role("link", name="Dana Fox")).to_have_count(0)
        page.keyboard.press("z")
        expect(page.get_by_text("Restored 2 contacts.")).to_be_visible()
        expect(page.get_by_role("link", name="Dana Fox")).to_be_visible()

    def test_what_is_ticked_is_tagged(self, page: Page) -> None:
        page.get_by_label("Select Dana Fox").check()
        page.get_by_label("Tag the selected contacts").or_(page.locator(".bulk summary", has_text="Tag")).first.click()
        page.get_by_label("Tag", exact=True).fill("fair 2026")
        keep(page, "contact_list-bulk-tag")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Tagged 1 contact “fair 2026”.")).to_be_visible()

    def test_rows_are_walked_and_opened_by_keys(self, page: Page) -> None:
        for key in ("j", "j", "x", "j", "k", "o"):
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name="Jo Berg")).to_be_visible()

    def test_a_filter_is_saved_where_it_is_set(self, page: Page) -> None:
        page.goto(f"{page.url}?q=hale")
        page.get_by_role("link", name="Save filter").or_(page.get_by_role("button", name="Save filter")).first.click()
        page.get_by_label("Name").fill("Hale people")
        keep(page, "contact_list-save-filter")
        page.get_by_role("dialog").get_by_role("button", name="Save filter").click()
        expect(page.get_by_role("heading", name="Hale people")).to_be_visible()
        expect(page.get_by_role("navigation", name="Saved filters").get_by_text("Hale people")).to_be_visible()

    def test_more_rows_come_at_a_click(self, northwind: Northwind, open_page: OpenPage) -> None:
        with tenant_scope(northwind.tenant.pk):
            for number in range(55):
                data = ContactData(last_name=f"Number {number:02}")
                operations.create_contact(actor=northwind.alice, data=data)
        page = open_page(northwind.alice)
        page.goto(reverse("contact_list"))
        page.get_by_label("Select all contacts shown").check()
        expect(page.get_by_label("all that match (55)")).to_be_visible()
        page.get_by_role("link", name="Show more").click()
        expect(page.get_by_role("link", name="Number 54")).to_be_visible()
        expect(page.get_by_role("link", name="Show more")).to_have_count(0)


class TestOneContact:
    @pytest.fixture
    def ines(self, northwind: Northwind, open_page: OpenPage) -> Page:
        page = open_page(northwind.alice)
        page.goto(contact_pages.one(northwind))
        return page

    def test_a_note_is_written_changed_and_deleted_in_place(self, ines: Page) -> None:
        ines.keyboard.press("n")
        ines.keyboard.type("Sent the samples.")
        ines.get_by_role("button", name="Save note").click()
        expect(ines.locator("article.note").first).to_contain_text("Sent the samples.")
        note = ines.locator("article.note").first
        note.get_by_label("What to do with this note").click()
        keep(ines, "contact_detail-note-menu")
        note.get_by_role("link", name="Edit").click()
        note.get_by_role("textbox", name="Note").fill("Sent two samples.")
        note.get_by_role("button", name="Save note").click()
        expect(ines.locator("article.note").first).to_contain_text("Sent two samples.")
        ines.locator("article.note").first.get_by_label("What to do with this note").click()
        ines.locator("article.note").first.get_by_role("button", name="Delete").click()
        expect(ines.get_by_text("Deleted the note.")).to_be_visible()
        expect(ines.get_by_text("Sent two samples.")).to_have_count(0)

    def test_tags_come_and_go_in_place(self, ines: Page) -> None:
        ines.get_by_label("Add a tag").fill("vip")
        ines.keyboard.press("Enter")
        expect(ines.get_by_role("button", name="Take off the tag vip")).to_be_visible()
        ines.get_by_role("button", name="Take off the tag vip").click()
        expect(ines.get_by_role("button", name="Take off the tag vip")).to_have_count(0)
        expect(ines.get_by_text("Took “vip” off 1 contact.")).to_be_visible()

    def test_e_edits_and_rows_are_added_moved_and_removed(self, ines: Page) -> None:
        ines.keyboard.press("e")
        ines.get_by_role("button", name="Add another address").click()
        ines.keyboard.type("ines@new.example")
        group = ines.get_by_role("group", name="Email addresses")
        group.get_by_role("button", name="Make this the first").last.click()
        group.get_by_role("button", name="Remove this one").nth(1).click()
        keep(ines, "contact_edit-rows")
        ines.get_by_role("button", name="Save").click()
        emails = ines.locator("dd a[href^='mailto:']")
        expect(emails).to_have_text(["ines@new.example", "i.moreau@mail.example"])

    def test_a_mistake_is_shown_beside_its_field(self, ines: Page, complaints: list[str]) -> None:
        ines.keyboard.press("e")
        ines.get_by_label("Email address", exact=True).fill("nonsense")
        ines.get_by_role("button", name="Save").click()
        expect(ines.get_by_label("Email address", exact=True)).to_have_accessible_description(
            "“nonsense” is not an email address. An email address must have an @-sign. "
            "Write it like name@company.example."
        )
        keep(ines, "contact_edit-mistake")
        # Chromium notes the answer's status, 422, on its console.
        complaints.clear()


class TestImporting:
    def test_a_file_is_looked_at_imported_and_taken_back(
        self, northwind: Northwind, open_page: OpenPage, tmp_path: Path
    ) -> None:
        file = tmp_path / "Kontakte.csv"
        file.write_text(contact_pages.FILE, encoding="utf-8")
        page = open_page(northwind.alice)
        page.goto(reverse("contact_import"))
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Look at it").click()
        page.get_by_role("button", name="Import 5 rows").click()
        expect(page.get_by_role("progressbar", name="Importing")).to_be_visible()
        import_id = int(page.url.strip("/").split("/")[-1])
        operations.run_import(tenant_id=northwind.tenant.pk, import_id=import_id)
        # The bar notices by itself, and loads the page.
        expect(page.get_by_text("You can take the whole import back")).to_be_visible()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("Took back the import: 3 contacts deleted")).to_be_visible()


class TestWithoutScript:
    """The basics work where nothing but HTML does."""

    @pytest.fixture
    def plain(
        self,
        chromium: Browser,
        live_server: LiveServer,
        northwind: Northwind,
        client_of: Callable[[Membership], Client],
    ) -> Page:
        context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
        key = client_of(northwind.alice).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        context.set_default_timeout(15_000)
        return context.new_page()

    def test_a_contact_is_added_with_several_addresses_found_and_annotated(self, plain: Page) -> None:
        plain.goto(reverse("contact_create"))
        plain.get_by_label("First name").fill("Ines")
        plain.get_by_label("Email address", exact=True).fill("ines@mail.example")
        plain.get_by_label("Email address 2").fill("ines@new.example")
        plain.get_by_role("button", name="Add contact").click()
        expect(plain.get_by_text("ines@new.example")).to_be_visible()
        plain.get_by_label("New note").fill("Likes tea.")
        plain.get_by_role("button", name="Save note").click()
        expect(plain.get_by_text("Likes tea.")).to_be_visible()
        plain.get_by_label("Search contacts").fill("new.example")
        plain.keyboard.press("Enter")
        expect(plain.get_by_role("link", name="Ines")).to_be_visible()
        plain.get_by_label("Select Ines").check()
        plain.get_by_role("button", name="Delete").click()
        expect(plain.get_by_text("Deleted Ines.")).to_be_visible()
        plain.get_by_role("button", name="Undo").click()
        expect(plain.get_by_text("Restored Ines.")).to_be_visible()
