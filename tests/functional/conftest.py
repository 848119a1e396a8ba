"""A real Chromium in front of the live server; pages that complain fail their test.

A page of these fixtures is watched while it is used: a console error, an uncaught exception or something
that the content policy refused (S6) fails the test that visited it. The browser reaches loopback alone.
Set SCREENSHOTS to a folder to keep what `keep` is asked to.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Membership, Theme, User

WIDE, NARROW = 1440, 390
#: Milliseconds that a busy machine may take to show something.
PATIENCE = 15_000
HEIGHTS = {WIDE: 900, NARROW: 844}
FLAGS = [
    # Chromium's sandbox needs privileges that containers lack; what it opens here is our own pages.
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
COMPLAIN_OF_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""
expect.set_options(timeout=PATIENCE)


class OpenPage(Protocol):
    """Makes a page for somebody; ``theme`` is "system", "light" or "dark", ``script`` whether JavaScript runs.

    Say ``changed`` where the test does something to the page's context that cannot be undone.
    """

    def __call__(
        self,
        member: Membership | None,
        *,
        theme: str = "light",
        width: int = WIDE,
        script: bool = True,
        changed: bool = False,
    ) -> Page: ...


def find_chromium() -> str:
    """The browser's path; skips where there is none, but not on CI, where that would hide everything."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "No Chromium: install Debian's package chromium, or name the browser in CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(autouse=True)
def _apps_at_the_providers(settings: Settings) -> None:
    """Postroom as somebody has set it up, so that mailboxes can be connected."""
    settings.GOOGLE_CLIENT_ID = "postroom-demo.apps.googleusercontent.example"
    settings.MICROSOFT_CLIENT_ID = "postroom-demo"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module, not a session: while it is open Playwright's event loop counts as running.

    Django therefore takes the test's own queries for asynchronous ones, and is told that they are not;
    tests elsewhere that start loops of their own could not.
    """
    path = find_chromium()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the pages of this test complained of so far; clear it where a complaint is expected."""
    found: list[str] = []
    yield found
    assert found == []


class Contexts:
    """The browser's contexts, lent to one test at a time.

    What makes a page slow to open is all that a new context has yet to learn: styles, scripts, a process of its own.
    A context comes back as it was made, without cookies or rights.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, list[BrowserContext]] = {}
        self._lent: list[tuple[str, BrowserContext]] = []

    def lend(self, *, changed: bool, **options: Any) -> BrowserContext:
        """One that no other page of this test has; what comes back `changed` is not lent again."""
        kind = "" if changed else repr(options)
        idle = self._idle.get(kind)
        context = idle.pop() if idle else self._make(options)
        self._lent.append((kind, context))
        return context

    def take_back(self) -> None:
        """The test is over."""
        while self._lent:
            kind, context = self._lent.pop()
            if not kind:
                context.close()
                continue
            for page in context.pages:
                page.close()
            context.clear_cookies()
            context.clear_permissions()
            self._idle.setdefault(kind, []).append(context)

    def _make(self, options: dict[str, Any]) -> BrowserContext:
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(COMPLAIN_OF_POLICY)
        return context


@pytest.fixture(scope="module")
def contexts(chromium: Browser) -> Contexts:
    """Those of `chromium`, with which they end."""
    return Contexts(chromium)


@pytest.fixture
def open_page(
    contexts: Contexts,
    complaints: list[str],
    live_server: LiveServer,
    client_of: Callable[[Membership], Client],
) -> Iterator[OpenPage]:
    """Pages for members (signed in) and strangers (None); paths are relative to the live server."""

    def make(
        member: Membership | None,
        *,
        theme: str = "light",
        width: int = WIDE,
        script: bool = True,
        changed: bool = False,
    ) -> Page:
        context = contexts.lend(
            changed=changed,
            base_url=live_server.url,
            # Strangers see what the system says; a member's own choice has to win over the opposite.
            color_scheme="dark" if (theme == "dark") == (member is None) else "light",
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        if member is not None:
            User.objects.filter(pk=member.user_id).update(theme=Theme(theme))
            key = client_of(member).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    contexts.take_back()


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.text} ({message.location['url']})")


@pytest.fixture
def signed_in_page(open_page: OpenPage) -> OpenPage:
    """`open_page` by the name that reads well where a member is meant."""
    return open_page


def faults(page: Page) -> list[str]:
    """The serious and critical violations that axe finds on the page as it stands, one a line."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run({resultTypes: ['violations']})).violations"
    )
    return [
        f"{violation['id']}: {node['html'][:160]} — {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """What reaches beyond the right edge of the window: nothing, where nothing scrolls sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
          [...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
            .map((element) => element.outerHTML.slice(0, 120))"""
    )
    return found


def keep(page: Page, name: str) -> None:
    """Writes a picture where SCREENSHOTS names a folder: of the page, or of the window if something lies above."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    above = page.locator("dialog:modal, :popover-open, .menu[open], .toast, .bulk").locator("visible=true").count()
    if not above:
        page.evaluate("scrollTo(0, 0)")
    # Hiding the caret would leave style attributes behind, which htmx copies and the content policy refuses.
    page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=not above, caret="initial")
