"""A new log-in for a mailbox that lost its own (E10)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.connections import unseal
from emailsync.models import Mailbox
from providers.base import Kind
from tests.conftest import Northwind
from tests.emailsync.pages.conftest import Browser, consent, leads_to, mailboxes_of, toasts

BrowserOf = Callable[[Membership], Browser]
ALICE = "alice@northwind.example"


def change(mailbox: Mailbox, **fields: object) -> None:
    with tenant_scope(mailbox.tenant_id):
        Mailbox.objects.filter(pk=mailbox.pk).update(**fields)


def lost(browser: Browser, member: Membership, provider: str = "gmail") -> Mailbox:
    """A mailbox that was synced up to a cursor, and then lost its grant."""
    browser.connect(provider, ALICE)
    (mailbox,) = mailboxes_of(member)
    change(
        mailbox,
        state=Mailbox.State.RECONNECT,
        cursor="41",
        is_primed=True,
        since=timezone.now(),
        problem=Kind.ACCOUNT,
        problem_detail="Google wants the mailbox's owner to log in again.",
        problem_at=timezone.now(),
    )
    return mailbox


def leave(browser: Browser, mailbox: Mailbox, **fields: str) -> str:
    return leads_to(browser.client.post(reverse("mailbox_reconnect", args=[mailbox.pk]), fields))


@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_the_same_address_goes_on_where_it_was(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser = browser_of(northwind.alice)
    before = lost(browser, northwind.alice, provider)
    page = browser.come_back(consent(leave(browser, before), ALICE))
    (after,) = mailboxes_of(northwind.alice)
    assert f"Reconnected {ALICE}." in toasts(page)
    assert (after.pk, after.state, after.cursor, after.problem) == (before.pk, "active", "41", "")
    assert unseal(after) != unseal(before)


def test_the_page_shows_what_is_wrong_and_the_button_that_mends_it(northwind: Northwind, browser_of: BrowserOf) -> None:
    """R40."""
    browser = browser_of(northwind.alice)
    mailbox = lost(browser, northwind.alice)
    page = browser.client.get(reverse("email_settings")).content.decode()
    assert "Log-in ended: reconnect" in page
    assert "Email account not found" in page
    assert reverse("mailbox_reconnect", args=[mailbox.pk]) in page


def test_the_address_is_suggested_to_the_provider(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    url = leave(browser, lost(browser, northwind.alice))
    assert parse_qs(urlsplit(url).query)["login_hint"] == [ALICE]


@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_another_address_is_refused(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser = browser_of(northwind.alice)
    before = lost(browser, northwind.alice, provider)
    page = browser.come_back(consent(leave(browser, before), "other@northwind.example"))
    (after,) = mailboxes_of(northwind.alice)
    assert "You logged in as other@northwind.example, but this mailbox is alice@northwind.example" in toasts(page)
    assert (after.state, after.grant) == ("reconnect", before.grant)


def test_connecting_the_same_address_again_reconnects_it(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    before = lost(browser, northwind.alice)
    page = browser.connect("gmail", ALICE)
    assert "Reconnected" in toasts(page)
    assert [mailbox.pk for mailbox in mailboxes_of(northwind.alice)] == [before.pk]


def test_its_mode_is_not_changed_on_the_way(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE, mode="manual")
    page = browser.connect("gmail", ALICE, mode="full")
    assert "stays in manual mode" in toasts(page)


def test_the_label_can_be_allowed_later(northwind: Northwind, browser_of: BrowserOf) -> None:
    """R42."""
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    browser.come_back(consent(leave(browser, mailbox, label="yes"), ALICE))
    (mailbox,) = mailboxes_of(northwind.alice)
    assert (mailbox.wants_label, "label" in mailbox.rights) == (True, True)


def test_a_mailbox_that_waits_goes_on_waiting(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    page = browser.come_back(consent(leave(browser, mailbox), ALICE))
    assert page.redirect_chain[-1][0] == reverse("mailbox_preview", args=[mailbox.pk])
    assert mailboxes_of(northwind.alice)[0].state == "waiting"


def test_it_waits_for_who_may_not_sync(northwind: Northwind, browser_of: BrowserOf) -> None:
    """R23: logging in again does not give the right back."""
    browser = browser_of(northwind.bob)
    browser.connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.bob)
    with tenant_scope(northwind.tenant.pk):
        Membership.objects.filter(pk=northwind.bob.pk).update(can_full_sync=False)
    page = browser.client.post(reverse("mailbox_reconnect", args=[mailbox.pk]), follow=True)
    assert "switched off full sync for you" in toasts(page)


def test_a_mailbox_that_was_disconnected_meanwhile_stays_so(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    mailbox = lost(browser, northwind.alice)
    answer = consent(leave(browser, mailbox), ALICE)
    browser.client.post(reverse("mailbox_disconnect", args=[mailbox.pk]))
    page = browser.come_back(answer)
    assert "was disconnected meanwhile" in toasts(page)
    assert mailboxes_of(northwind.alice)[0].state == "disconnected"
