"""Connecting a mailbox in a real browser, with the outside world's own pages in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from contacts import operations as contacts
from contacts.data import ContactData
from crm.lib.tenancy import tenant_scope
from emailsync import engine
from emailsync.models import Mailbox, Run
from tests.conftest import Northwind
from tests.functional import mailbox_pages
from tests.functional.conftest import NARROW, WIDE, OpenPage, keep

pytestmark = pytest.mark.browser
ALICE, INES = "alice@northwind.example", "ines@atelier-lyon.example"


@pytest.fixture
def outside(emulator: httpx.Client, emulator_url: str, mail: Callable[..., bytes], settings: Settings) -> None:
    """The providers' endpoints, and three messages of Alice's in both: two with Ines, one of a stranger."""
    settings.GOOGLE_API_ROOT = settings.GOOGLE_OAUTH_ROOT = settings.MICROSOFT_LOGIN_ROOT = emulator_url
    settings.MICROSOFT_GRAPH_ROOT = f"{emulator_url}/graph"
    settings.GOOGLE_CLIENT_SECRET = settings.MICROSOFT_CLIENT_SECRET = "demo-secret"
    settings.PACED = False


def receive(emulator: httpx.Client, mail: Callable[..., bytes], provider: str) -> None:
    for number, sender in enumerate((INES, INES, "stranger@elsewhere.example")):
        raw = mail(From=sender, To=ALICE, Message_ID=f"<{number}@outside.example>")
        query = {"provider": provider}
        emulator.post(f"mailboxes/{ALICE}/messages", content=raw, params=query).raise_for_status()


def newest(northwind: Northwind, kind: Run.Kind) -> dict[str, int]:
    with tenant_scope(northwind.tenant.pk):
        run = Run.objects.filter(kind=kind).latest("id")
    return {"tenant_id": northwind.tenant.pk, "run_id": run.pk}


def allow_at_google(page: Page) -> None:
    expect(page).to_have_title(re.compile("Google"))
    page.get_by_label(re.compile(ALICE)).check()
    page.get_by_role("button", name="Continue").click()


def allow_at_microsoft(page: Page) -> None:
    expect(page).to_have_title(re.compile("Microsoft"))
    page.get_by_label(re.compile(ALICE)).check()
    page.get_by_role("button", name="Accept").click()


PROVIDERS: list[Any] = [
    pytest.param("google", "Connect Gmail", "Go on to Google", allow_at_google, WIDE, id="gmail-wide"),
    pytest.param("google", "Connect Gmail", "Go on to Google", allow_at_google, NARROW, id="gmail-narrow"),
    pytest.param("microsoft", "Connect Microsoft 365", "Go on to Microsoft", allow_at_microsoft, WIDE, id="graph-wide"),
]


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(("provider", "connect", "go_on", "allow", "width"), PROVIDERS)
def test_from_the_empty_page_to_a_synced_mailbox(
    northwind: Northwind,
    open_page: OpenPage,
    emulator: httpx.Client,
    mail: Callable[..., bytes],
    complaints: list[str],
    provider: str,
    connect: str,
    go_on: str,
    allow: Callable[[Page], None],
    width: int,
) -> None:
    with tenant_scope(northwind.tenant.pk):
        data = ContactData(first_name="Ines", last_name="Moreau", emails=(INES,))
        contacts.create_contact(actor=northwind.alice, data=data)
    receive(emulator, mail, provider)
    page = open_page(northwind.alice, width=width)
    page.goto(reverse("email_settings"))
    page.get_by_role("link", name=connect).click()
    page.get_by_label(re.compile("Mark what is stored")).check()
    expect(page.get_by_role("row", name=re.compile("Change mail"))).to_be_visible()
    page.get_by_role("button", name=go_on).click()
    allow(page)
    expect(page.get_by_text("Counting what concerns your contacts")).to_be_visible()
    assert not engine.preview(**newest(northwind, Run.Kind.PREVIEW))
    expect(page.get_by_text("About 2 emails for 1 contact")).to_be_visible()
    expect(page.get_by_text("Ines Moreau")).to_be_visible()
    page.get_by_role("button", name="Start syncing").click()
    expect(page.get_by_text("Reading history: 0 messages so far")).to_be_visible()
    with tenant_scope(northwind.tenant.pk):
        mailbox = Mailbox.objects.get()
    engine.poll(tenant_id=northwind.tenant.pk, mailbox_id=mailbox.pk)
    engine.walk(**newest(northwind, Run.Kind.HISTORY))
    expect(page.get_by_text("2 stored, 0 skipped, 0 failed")).to_be_visible()
    expect(page.get_by_text("Connected: last looked")).to_be_visible()
    # The outside world's pages have no icon.
    complaints[:] = [each for each in complaints if "favicon.ico" not in each]


def test_manual_mode_hides_what_it_does_not_need(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(mailbox_pages.connecting(northwind))
    page.get_by_role("radio", name=re.compile("Manual")).check()
    expect(page.get_by_label("How much history")).to_be_hidden()
    expect(page.get_by_role("row", name=re.compile("Read mail"))).to_be_hidden()
    expect(page.get_by_role("row", name=re.compile("Send mail"))).to_be_visible()
    keep(page, "mailbox_connect-manual")


def test_the_label_is_switched_without_a_button(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(mailbox_pages.several(northwind))
    page.get_by_role("switch").first.click()
    expect(page.get_by_text("Nothing more is marked in alice@northwind.example.")).to_be_visible()
    with tenant_scope(northwind.tenant.pk):
        assert not Mailbox.objects.get(address=ALICE).wants_label


def test_disconnecting_is_one_click(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, width=NARROW)
    page.goto(mailbox_pages.several(northwind))
    page.get_by_role("button", name="Disconnect sales@northwind.example").click()
    expect(page.get_by_text("Stored mail stays.")).to_be_visible()
    keep(page, "mailbox-disconnected")
    expect(page.locator("#main").get_by_role("heading", name="sales@northwind.example")).to_have_count(0)


def test_it_works_without_scripts(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, script=False)
    page.goto(mailbox_pages.several(northwind))
    page.get_by_role("switch").first.uncheck()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Nothing more is marked")).to_be_visible()
