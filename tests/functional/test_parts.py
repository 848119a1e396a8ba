"""The parts of docs/ui.md, in a browser: keys, menus, dialogs, toasts, selection, and what htmx brings."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.conftest import Northwind
from tests.functional.conftest import HEIGHTS, OpenPage, faults, keep, overflow

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _with_gallery(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.functional.gallery"


@pytest.fixture
def gallery(northwind: Northwind, signed_in_page: OpenPage) -> Page:
    page = signed_in_page(northwind.alice)
    page.goto(reverse("gallery"))
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_is_usable_by_everybody(theme: str, northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.alice, theme=theme)
    page.goto(f"{reverse('gallery')}?errors")
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        keep(page, f"gallery-{theme}-{width}")
        assert overflow(page) == []
        assert faults(page) == []


def test_the_skip_link_leads_past_the_navigation(gallery: Page) -> None:
    gallery.keyboard.press("Tab")
    expect(gallery.get_by_role("link", name="Skip to the content")).to_be_focused()
    gallery.keyboard.press("Enter")
    expect(gallery.locator("#main")).to_be_focused()


def test_a_refused_form_leads_to_what_is_wrong(northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.alice)
    page.goto(f"{reverse('gallery')}?errors")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Email").click()
    field = page.get_by_label("Email optional")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Enter a valid email address.")


def test_slash_goes_to_the_search_box(gallery: Page) -> None:
    gallery.keyboard.press("/")
    expect(gallery.get_by_role("searchbox", name="Search contacts")).to_be_focused()


def test_keys_mean_nothing_special_while_one_writes(gallery: Page) -> None:
    gallery.keyboard.press("/")
    gallery.keyboard.type("r?j")
    expect(gallery.get_by_role("searchbox", name="Search contacts")).to_have_value("r?j")
    expect(gallery.get_by_role("dialog")).to_have_count(0)


def test_the_question_mark_lists_the_keys_of_this_page(gallery: Page) -> None:
    gallery.keyboard.press("?")
    help_dialog = gallery.get_by_role("dialog", name="Keyboard shortcuts")
    for line in ("Search contacts", "Go to settings", "Rename", "Next in the list", "Select"):
        expect(help_dialog.get_by_text(line, exact=True)).to_be_visible()
    keep(gallery, "keys-light-1440")
    assert faults(gallery) == []
    gallery.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()


def test_two_keys_in_a_row_lead_to_settings(gallery: Page) -> None:
    gallery.keyboard.press("g")
    gallery.keyboard.press("s")
    gallery.wait_for_url(f"**{reverse('profile')}")


def test_a_dialog_takes_the_focus_and_gives_it_back(gallery: Page) -> None:
    opener = gallery.get_by_role("link", name="Rename")
    opener.focus()
    gallery.keyboard.press("Enter")
    expect(gallery.get_by_label("Name", exact=True).locator("visible=true").last).to_be_focused()
    gallery.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_dialog_closes_by_a_click_beside_it(gallery: Page) -> None:
    gallery.keyboard.press("r")
    dialog = gallery.get_by_role("dialog", name="Rename the tag")
    expect(dialog).to_be_visible()
    gallery.mouse.click(10, 10)
    expect(dialog).to_be_hidden()


def test_a_menu_works_by_keyboard_and_closes_on_escape(gallery: Page) -> None:
    more = gallery.locator("summary", has=gallery.locator("xpath=self::*[@aria-label='More']"))
    more.focus()
    gallery.keyboard.press("Enter")
    gallery.keyboard.press("ArrowDown")
    expect(gallery.get_by_role("link", name="Export")).to_be_focused()
    gallery.keyboard.press("Escape")
    expect(gallery.get_by_role("link", name="Export")).to_be_hidden()
    expect(more).to_be_focused()


def test_the_bell_says_that_nothing_waits(gallery: Page) -> None:
    gallery.locator("summary[aria-label=Notifications]").click()
    expect(gallery.get_by_text("Nothing waits for you")).to_be_visible()
    keep(gallery, "bell-light-1440")
    assert faults(gallery) == []


def test_j_k_x_and_o_walk_through_a_list(gallery: Page) -> None:
    for key in ("j", "j", "j", "k", "x"):
        gallery.keyboard.press(key)
    expect(gallery.get_by_label("Select Tomasz Kowal")).to_be_checked()
    gallery.keyboard.press("o")
    gallery.wait_for_url("**#opened")


def test_the_bulk_bar_comes_with_a_selection_and_counts_it(gallery: Page) -> None:
    bar = gallery.get_by_role("group", name="Selection")
    expect(bar).to_be_hidden()
    gallery.get_by_label("Select Ines Moreau").check()
    expect(bar).to_contain_text("1 selected")
    expect(bar.get_by_text("all 812 that match")).to_be_hidden()
    gallery.get_by_label("Select all").check()
    expect(bar).to_contain_text("3 selected")
    keep(gallery, "bulk-light-1440")
    expect(bar.get_by_text("all 812 that match")).to_be_visible()
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


def test_a_shift_click_selects_what_lies_between(gallery: Page) -> None:
    gallery.get_by_label("Select Ines Moreau").click()
    gallery.get_by_label("Select Yuki Tanaka").click(modifiers=["Shift"])
    expect(gallery.get_by_label("Select Tomasz Kowal")).to_be_checked()


def test_u_takes_back_what_a_toast_offers(gallery: Page) -> None:
    gallery.get_by_label("Select Ines Moreau").check()
    gallery.get_by_role("group", name="Selection").get_by_role("button", name="Delete").click()
    expect(gallery.get_by_role("status")).to_contain_text("Deleted Ines Moreau")
    keep(gallery, "undo-light-1440")
    assert faults(gallery) == []
    gallery.keyboard.press("z")
    expect(gallery.get_by_role("status")).to_contain_text("Ines Moreau is back")


def test_a_toast_leaves_by_itself_unless_it_is_looked_at(northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.alice, changed=True)
    page.clock.install()
    page.goto(reverse("gallery"))
    page.get_by_role("button", name="Show more").or_(page.get_by_role("link", name="Show more")).click()
    toast = page.get_by_text("One more")
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    expect(toast).to_have_count(0)


def test_show_more_brings_the_rest_in_place(gallery: Page) -> None:
    gallery.get_by_role("link", name="Show more").click()
    expect(gallery.get_by_text("Lena Sommer")).to_be_visible()
    expect(gallery.get_by_role("link", name="Show more")).to_have_count(0)
    assert gallery.url.endswith(reverse("gallery"))


def test_a_failure_of_the_server_is_told(gallery: Page, complaints: list[str]) -> None:
    gallery.get_by_role("button", name="Break").click()
    expect(gallery.get_by_role("status")).to_contain_text("That did not work")
    complaints.clear()


def test_a_lost_session_shows_the_page_and_not_a_login_inside_of_it(gallery: Page) -> None:
    with gallery.expect_navigation():
        gallery.get_by_role("button", name="Lose the session").click()
    expect(gallery.get_by_role("heading", name="Gallery")).to_have_count(1)


def test_a_secret_is_copied(gallery: Page) -> None:
    gallery.context.grant_permissions(["clipboard-read", "clipboard-write"])
    gallery.get_by_role("button", name="Copy").click()
    expect(gallery.get_by_role("status")).to_contain_text("Copied")
    assert gallery.evaluate("navigator.clipboard.readText()") == "prm_1234"


def test_a_password_can_be_looked_at(gallery: Page) -> None:
    field = gallery.get_by_label("Password")
    field.fill("correct horse")
    gallery.get_by_role("button", name="Show", exact=True).click()
    expect(field).to_have_attribute("type", "text")


@pytest.mark.parametrize(("theme", "paper"), [("light", "rgb(246, 245, 241)"), ("dark", "rgb(20, 21, 22)")])
def test_the_theme_one_has_chosen_wins_over_the_systems(
    theme: str, paper: str, northwind: Northwind, signed_in_page: OpenPage
) -> None:
    page = signed_in_page(northwind.alice, theme=theme)
    page.goto(reverse("gallery"))
    expect(page.locator("body")).to_have_css("background-color", paper)


def test_strangers_see_the_systems_theme(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(None, theme="dark")
    page.goto(reverse("account_login"))
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 21, 22)")


def test_choosing_a_theme_shows_it_at_once(gallery: Page) -> None:
    light = gallery.evaluate("getComputedStyle(document.body).backgroundColor")
    gallery.get_by_role("group", name="Preview").get_by_label("Dark").check()
    assert gallery.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_side_column_is_a_drawer_on_narrow_screens(northwind: Northwind, signed_in_page: OpenPage) -> None:
    page = signed_in_page(northwind.alice, width=390)
    page.goto(reverse("gallery"))
    link = page.get_by_role("link", name="Everything")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Open the side column").click()
    expect(link).to_be_visible()
    keep(page, "drawer-light-390")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
