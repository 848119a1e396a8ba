"""The page in Chromium: without scripts, by keyboard, in both themes, wide and narrow, against hostile mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.emulator.conftest import Mail
from tests.emulator.outside.conftest import ALICE, INES, Put
from tests.functional.conftest import FLAGS, HEIGHTS, NARROW, WIDE, faults, find_chromium, keep, overflow

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Newest = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for this module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, page: httpx.Client) -> Iterator[Open]:
    """A window on the page: `browse(width=390, theme="dark", scripts=False)`."""
    contexts: list[BrowserContext] = []

    def open_window(*, width: int = WIDE, theme: Any = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=str(page.base_url),
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=theme,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


def test_a_mail_is_written_and_read_without_scripts(browse: Open, newest: Newest) -> None:
    window = browse(scripts=False)
    window.goto("/")
    window.get_by_role("link", name="Write", exact=True).click()
    window.get_by_label("From").fill(f"Ines Moreau <{INES}>")
    window.get_by_label("To", exact=True).fill(ALICE)
    window.get_by_label("Subject").fill("Delivery dates")
    window.get_by_label("Text", exact=True).fill("The 4th works.")
    window.get_by_label("Attachments").set_input_files(
        {"name": "gate.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"}
    )
    window.get_by_role("button", name="Send").click()
    window.get_by_role("status").get_by_role("link", name="Alice Lindqvist").click()
    expect(window.frame_locator("iframe").get_by_text("The 4th works.")).to_be_visible()
    expect(window.get_by_role("link", name="gate.pdf")).to_be_visible()
    assert newest(ALICE)["subject"] == "Delivery dates"


def test_the_keyboard_reaches_everything(browse: Open, put: Put, mail: Mail) -> None:
    put(ALICE, mail(subject="By keyboard"))
    window = browse()
    window.goto("/")
    window.keyboard.press("Tab")
    assert window.locator(":focus").inner_text() == "Skip to the content"
    window.keyboard.press("Enter")
    window.get_by_role("main").get_by_role("link", name="Alice Lindqvist").focus()
    window.keyboard.press("Enter")
    window.get_by_role("link", name="By keyboard").focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="By keyboard")).to_be_visible()


@pytest.mark.parametrize("sample", ["hostile", "pixel"])
def test_hostile_mail_runs_and_loads_nothing(browse: Open, page: httpx.Client, newest: Newest, sample: str) -> None:
    page.post("/try", data={"sender": INES, "to": ALICE, "sample": sample})
    path = f"/mail/{ALICE}/{newest(ALICE)['gmail_id']}"
    window = browse()
    asked: list[Request] = []
    window.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # Playwright wants a function.
    for address in (path, f"{path}/body"):
        window.goto(address)
        window.wait_for_load_state("networkidle")
        assert window.title() != "ran"
    foreign = [request for request in asked if not request.url.startswith((str(page.base_url), "data:"))]
    # Chromium tells of what it was asked to load and refused by policy.
    assert foreign
    assert {request.failure for request in foreign} == {"csp"}


@pytest.mark.parametrize(("theme", "width"), [("light", WIDE), ("dark", NARROW)])
def test_pages_are_accessible_and_fit(browse: Open, put: Put, mail: Mail, width: int, theme: str) -> None:
    message = put(ALICE, mail("A longer text.\r\n" * 30, Cc=INES), labels="INBOX,Customers")
    window = browse(width=width, theme=theme)
    for path in (
        "/",
        f"/mail/{ALICE}",
        message,
        f"{message}/original",
        f"/write?how=all&of={message[6:]}",
        "/try",
        "/break",
    ):
        window.goto(path)
        keep(window, f"outside{path.split('?')[0].replace('/', '-')}-{theme}-{width}")
        assert faults(window) == []
        assert overflow(window) == []
