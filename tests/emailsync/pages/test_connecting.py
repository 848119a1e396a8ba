"""Connecting a mailbox, from the page of choices to the preview (R21, R22, S4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import Settings

from accounts.models import AuditEntry, Membership
from crm.lib.tenancy import tenant_scope
from emailsync.connections import unseal
from tests.conftest import Northwind
from tests.emailsync.conftest import World
from tests.emailsync.pages.conftest import Browser, consent, mailboxes_of, runs_of, toasts

BrowserOf = Callable[[Membership], Browser]
ALICE, BOB = "alice@northwind.example", "bob@northwind.example"


def asked_scopes(url: str) -> set[str]:
    """Of the log-in address, without those that say who it is."""
    scopes = parse_qs(urlsplit(url).query)["scope"][0].split()
    named = {each.rpartition("/")[2] for each in scopes}
    return named - {"openid", "email", "profile", "offline_access", "User.Read"}


def test_alice_connects_gmail(northwind: Northwind, browser_of: BrowserOf) -> None:
    page = browser_of(northwind.alice).connect("gmail", ALICE, history="365", label="on")
    (mailbox,) = mailboxes_of(northwind.alice)
    assert f"Connected {ALICE}." in toasts(page)
    assert page.redirect_chain[-1][0] == reverse("mailbox_preview", args=[mailbox.pk])
    assert (mailbox.provider, mailbox.mode, mailbox.state) == ("gmail", "full", "waiting")
    assert (mailbox.history_days, mailbox.wants_label, mailbox.since) == (365, True, None)
    assert set(mailbox.rights) == {"read", "send", "label"}


def test_bob_connects_microsoft_365(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser_of(northwind.bob).connect("graph", BOB, history="all")
    (mailbox,) = mailboxes_of(northwind.bob)
    assert (mailbox.provider, mailbox.address, mailbox.state) == ("graph", BOB, "waiting")
    assert (mailbox.history_days, set(mailbox.rights)) == (None, {"read", "send"})


@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_the_count_begins_and_nothing_else(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser_of(northwind.alice).connect(provider, ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    assert [run.kind for run in runs_of(mailbox)] == ["preview"]
    assert mailbox.next_poll_at is None


def test_the_grant_is_encrypted_at_rest(northwind: Northwind, browser_of: BrowserOf) -> None:
    """S2."""
    browser_of(northwind.alice).connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    assert "token" not in mailbox.grant
    assert "refresh_token" in unseal(mailbox)


def test_aliases_come_along(northwind: Northwind, browser_of: BrowserOf, world: World) -> None:
    """R3: they are own addresses from the first message on."""
    world.http.put(f"google/accounts/{ALICE}", json={"sendAs": [{"sendAsEmail": "sales@northwind.example"}]})
    browser_of(northwind.alice).connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    with tenant_scope(northwind.tenant.pk):
        assert mailbox.door.aliases == ["sales@northwind.example"]


@pytest.mark.parametrize(
    ("provider", "fields", "scopes"),
    [
        ("gmail", {"mode": "manual"}, {"gmail.send"}),
        ("gmail", {}, {"gmail.readonly", "gmail.send"}),
        ("gmail", {"label": "on"}, {"gmail.modify"}),
        ("graph", {"mode": "manual"}, {"Mail.Send"}),
        ("graph", {}, {"Mail.Read", "Mail.Send"}),
        ("graph", {"label": "on"}, {"Mail.Read", "Mail.Send", "Mail.ReadWrite", "MailboxSettings.ReadWrite"}),
    ],
)
def test_no_more_is_asked_for_than_was_chosen(
    northwind: Northwind, browser_of: BrowserOf, provider: str, fields: dict[str, str], scopes: set[str]
) -> None:
    """R22."""
    assert asked_scopes(browser_of(northwind.alice).leave(provider, **fields)) == scopes


@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_the_log_in_has_pkce_and_a_state(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    """S4."""
    asked = parse_qs(urlsplit(browser_of(northwind.alice).leave(provider)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 16


@pytest.mark.parametrize("provider", ["gmail", "graph"])
def test_a_manual_mailbox_is_ready_at_once_and_reads_nothing(
    northwind: Northwind, browser_of: BrowserOf, provider: str
) -> None:
    """R22."""
    page = browser_of(northwind.alice).connect(provider, ALICE, mode="manual")
    (mailbox,) = mailboxes_of(northwind.alice)
    assert page.redirect_chain[-1][0] == reverse("email_settings")
    assert (mailbox.mode, mailbox.state, mailbox.next_poll_at) == ("manual", "active", None)
    assert runs_of(mailbox) == []
    assert "Connected for sending: nothing is read" in page.content.decode()


def test_connecting_is_in_the_audit_log(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser_of(northwind.alice).connect("gmail", ALICE)
    with tenant_scope(northwind.tenant.pk):
        assert AuditEntry.objects.filter(action="mailbox.connected", actor=northwind.alice).exists()


def test_who_has_no_right_to_full_mode_is_told_why(northwind: Northwind, browser_of: BrowserOf) -> None:
    """R23."""
    forbid_full_sync(northwind.bob)
    browser = browser_of(northwind.bob)
    page = browser.client.get(reverse("mailbox_connect", args=["gmail"])).content.decode()
    assert "An admin of the account has switched off full sync for you." in page
    answer = browser.choose("gmail")
    assert (answer.status_code, b"switched off full sync" in answer.content) == (422, True)
    assert browser.choose("gmail", mode="manual").status_code == 200


def test_who_loses_the_right_on_the_way_connects_nothing(northwind: Northwind, browser_of: BrowserOf) -> None:
    """R23."""
    browser = browser_of(northwind.bob)
    url = browser.leave("gmail")
    forbid_full_sync(northwind.bob)
    page = browser.come_back(consent(url, BOB))
    assert "You may not connect a mailbox in full mode." in toasts(page)
    assert mailboxes_of(northwind.bob) == []


def test_two_members_cannot_connect_one_mailbox(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser_of(northwind.alice).connect("gmail", ALICE)
    page = browser_of(northwind.bob).connect("gmail", ALICE)
    assert f"{ALICE} is connected by Alice Lindqvist already" in toasts(page)
    assert mailboxes_of(northwind.bob) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"mode": "half"}, "Choose full or manual."),
        ({"history": "7"}, "Choose one of: none, 30, 90 or 365 days, or all."),
        ({"history": ""}, "This field is required."),
    ],
)
def test_odd_choices_are_refused(
    northwind: Northwind, browser_of: BrowserOf, fields: dict[str, Any], says: str
) -> None:
    answer = browser_of(northwind.alice).choose("gmail", **fields)
    assert (answer.status_code, says in answer.content.decode()) == (422, True)


def test_a_provider_without_an_app_sends_nobody_anywhere(
    northwind: Northwind, browser_of: BrowserOf, settings: Settings
) -> None:
    settings.GOOGLE_CLIENT_ID = ""
    page = browser_of(northwind.alice).client.get(reverse("mailbox_connect", args=["gmail"]), follow=True)
    assert "This Postroom is not set up for Gmail yet." in toasts(page)


def test_there_is_no_third_provider(northwind: Northwind, browser_of: BrowserOf) -> None:
    assert browser_of(northwind.alice).client.get("/settings/email/connect/imap/").status_code == 404


def test_a_log_in_that_cannot_begin_says_so(northwind: Northwind, browser_of: BrowserOf, settings: Settings) -> None:
    """Microsoft's is asked for its configuration first."""
    settings.MICROSOFT_TENANT = "11111111-1111-4111-8111-111111111111"
    page = browser_of(northwind.alice).client.post(
        reverse("mailbox_connect", args=["graph"]), {"mode": "manual"}, follow=True
    )
    assert "directory" in toasts(page)


@pytest.mark.parametrize(("allowed", "says"), [("True", "can connect now"), ("False", "Nothing was changed")])
def test_an_administrators_consent_is_no_log_in(
    northwind: Northwind, browser_of: BrowserOf, allowed: str, says: str
) -> None:
    page = browser_of(northwind.alice).come_back({"admin_consent": allowed, "tenant": "t", "state": "s"})
    assert says in toasts(page)
    assert mailboxes_of(northwind.alice) == []


@pytest.mark.parametrize("name", ["mailbox_connect", "mailbox_callback", "mailbox_reconnect"])
def test_no_transaction_is_open_while_a_provider_is_asked(name: str) -> None:
    """E1."""
    arguments: dict[str, list[Any]] = {"mailbox_connect": ["gmail"], "mailbox_reconnect": [1]}
    assert getattr(resolve(reverse(name, args=arguments.get(name))).func, "between_scopes", False)


def test_a_stranger_has_to_log_in_first(db: None, client: Client) -> None:
    answer = client.get(reverse("mailbox_callback"), {"state": "s", "code": "c"})
    assert (answer.status_code, "/auth/login/" in answer["Location"]) == (302, True)


def forbid_full_sync(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        Membership.objects.filter(pk=member.pk).update(can_full_sync=False)
