"""The reader in a real browser: moving, storing, conversations, files, paper, by keyboard too; and hostile mail."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.emails.factory import make_email, make_message
from tests.emails.tricks import REMOTE_PICTURES, TRICKS, message_of
from tests.emails.with_files import WITH_FILES
from tests.functional import contact_pages, email_pages
from tests.functional.conftest import NARROW, WIDE, OpenPage, faults, keep

pytestmark = pytest.mark.browser
REMOTE = re.compile(r"^(?!data:|blob:|about:|https?://(127\.0\.0\.1|localhost)[:/])")


@pytest.fixture
def opened(northwind: Northwind, open_page: OpenPage) -> Page:
    """Alice at the email in plain text."""
    page = open_page(northwind.alice)
    page.goto(email_pages.plain(northwind))
    return page


def test_it_is_moved_by_keyboard_and_back(opened: Page) -> None:
    """R16."""
    opened.keyboard.press("m")
    search = opened.get_by_role("searchbox", name="Search contacts").last
    expect(search).to_be_focused()
    opened.keyboard.type("tomas")
    expect(opened.locator(".picker-found button")).to_have_text(re.compile("Tomasz Kowal"))
    keep(opened, "reader-choose")
    assert faults(opened) == []
    opened.keyboard.press("ArrowDown")
    expect(opened.locator(".picker-found button")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(opened.get_by_text(re.compile("Moved from .* to Tomasz Kowal."))).to_be_visible()
    opened.get_by_role("button", name="Undo").click()
    expect(opened.get_by_text("Moved back to")).to_be_visible()


def test_a_contact_is_made_of_an_address_and_gets_the_email(opened: Page) -> None:
    """R15."""
    opened.get_by_role("link", name="Create and store for logistics@atelier-lyon.example").click()
    dialog = opened.locator("dialog[open]")
    expect(dialog.get_by_label("First name")).to_have_value("Logistics")
    keep(opened, "reader-create")
    dialog.get_by_label("Last name").fill("Desk")
    dialog.get_by_role("button", name="Create and store").click()
    expect(opened.get_by_text("Added Logistics Desk, and stored the email for them.")).to_be_visible()
    expect(opened.locator(".mail-party").filter(has_text="Logistics Desk").get_by_text("Stored")).to_be_visible()


def test_messages_of_a_conversation_unfold_where_they_are(opened: Page) -> None:
    folded = opened.locator(".mail-folded").first
    expect(folded).to_contain_text("also in Ada Okafor’s mailbox")
    opened.keyboard.press("p")
    expect(folded.locator("[data-unfold]")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(folded.locator(".mail-in-place")).to_be_visible()
    keep(opened, "reader-unfolded")
    assert faults(opened) == []
    opened.keyboard.press("Enter")
    expect(folded.locator(".mail-in-place")).to_be_hidden()
    opened.keyboard.press("n")
    expect(opened.locator("[data-message-focus]")).to_be_focused()
    opened.keyboard.press("?")
    for words in ("Move the opened email to another contact", "Next message of the conversation", "Back to the list"):
        expect(opened.locator("#keys")).to_contain_text(words)


def test_a_long_conversation_begins_near_the_opened_one(northwind: Northwind, open_page: OpenPage) -> None:
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        first = make_email(ines, subject="Number 0")
        emails = [first, *(make_email(ines, subject=f"Number {one}", thread=first.thread) for one in range(1, 60))]
    page = open_page(northwind.alice)
    page.goto(f"/email/{emails[50].pk}/")
    expect(page.locator(".mail-message")).to_be_in_viewport()
    expect(page.locator(".mail-folded")).to_have_count(29)
    page.get_by_role("link", name="30 earlier emails").click()
    expect(page.locator(".mail-folded")).to_have_count(59)
    expect(page.get_by_text("earlier email")).to_have_count(0)


def test_without_script_it_is_moved_and_read_too(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, script=False)
    page.goto(email_pages.plain(northwind))
    page.get_by_role("link", name="Move to another contact", exact=True).click()
    page.get_by_role("searchbox", name="Search contacts").last.fill("tomas")
    page.get_by_role("searchbox", name="Search contacts").last.press("Enter")
    page.get_by_role("button", name=re.compile("Tomasz Kowal")).click()
    expect(page.get_by_text(re.compile("Moved from .* to Tomasz Kowal."))).to_be_visible()
    page.locator(".mail-folded a.open").first.click()
    expect(page.locator("#reader h2")).to_have_text("Delivery dates for the Lyon order")


def test_files_are_looked_at_in_place(northwind: Northwind, open_page: OpenPage) -> None:
    with tenant_scope(northwind.tenant.pk):
        email = make_message(WITH_FILES, contact_pages.fill(northwind))
    page = open_page(northwind.alice)
    page.goto(f"/email/{email.pk}/")
    expect(page.locator(".mail-file")).to_have_count(7)
    keep(page, "reader-files")
    dialog = page.locator("dialog[open]")
    page.get_by_role("link", name="Preview notes.txt").click()
    expect(dialog.locator("pre")).to_contain_text("<b>not bold</b>")
    keep(page, "reader-file-text")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Preview gate.png").click()
    picture = dialog.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    page.keyboard.press("Escape")
    with page.expect_event("framenavigated", lambda frame: frame.url.endswith("/pdf/")):
        page.get_by_role("link", name="Preview plan.pdf").click()
    expect(dialog.locator("iframe")).to_be_visible()
    keep(page, "reader-file-pdf")


def test_what_is_printed_is_the_mail_alone(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    path = email_pages.rich(northwind)
    page.goto(path)
    page.locator(".mail-tools summary").last.click()
    page.get_by_role("link", name="Print", exact=True).click()
    printed = page.frame_locator(".mail-paper-out")
    expect(printed.get_by_text("the 4th works")).to_be_attached()
    page.emulate_media(media="print")
    expect(page.locator(".mail-list")).to_be_hidden()
    expect(page.locator(".mail-tools")).to_be_hidden()
    expect(page.locator(".mail-body")).to_be_visible()
    keep(page, "reader-printed")
    page.goto(f"{path}print/")
    expect(page.get_by_text("Can you confirm the dates below?")).to_be_visible()
    keep(page, "reader-print")


def test_the_original_is_a_page(northwind: Northwind, open_page: OpenPage) -> None:
    path = f"{email_pages.rich(northwind)}original/"
    for width in (WIDE, NARROW):
        page = open_page(northwind.alice, width=width)
        page.goto(path)
        expect(page.get_by_text("Message-ID: <rich@atelier-lyon.example>")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults(page) == []
        keep(page, f"reader-original-{width}")


def test_no_trick_runs_a_script_or_asks_for_anything(
    northwind: Northwind, open_page: OpenPage, complaints: list[str]
) -> None:
    """S3: before the click nothing leaves, after it pictures alone do."""
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        email = make_message(message_of(TRICKS), ines, sender=("<img src=x onerror=ran(1)>", "x@evil.example"))
    page = open_page(northwind.alice)
    asked: list[Request] = []
    dialogs: list[str] = []

    def note(request: Request) -> None:
        if REMOTE.match(request.url):
            asked.append(request)

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", note)
    page.on("dialog", dismiss)
    for path in (f"/email/{email.pk}/", f"/email/{email.pk}/body/", f"/email/{email.pk}/print/"):
        page.goto(path)
        frame = page.frame_locator("[data-mail-body]") if path.endswith(f"{email.pk}/") else page
        expect(frame.get_by_text("The end of all tricks.")).to_be_attached()
        page.wait_for_load_state("networkidle")
        assert [one.url for one in asked] == []
    page.goto(f"/email/{email.pk}/")
    body = page.frame_locator("[data-mail-body]")
    body.get_by_role("link", name="Load them").click()
    expect(body.get_by_text("Pictures from elsewhere")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert {one.resource_type for one in asked} == {"image"}
    assert {one.url for one in asked} == set(REMOTE_PICTURES)
    assert dialogs == []
    for one in page.frames:
        assert one.evaluate("() => document.documentElement.dataset.ran ?? window.ran ?? null") is None
    assert "Hello" in page.title()
    # The browser of the tests reaches loopback alone, and says so; of what its policy refused nothing may be a script.
    assert [one for one in complaints if "script" in one.lower()] == []
    complaints.clear()
