"""Settings > Email: one's own mailboxes, in plain words (R39, R40, R42)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.models import Run
from emailsync.queries import RIGHT_GONE
from providers.base import Kind
from tests.conftest import Globex, Northwind
from tests.emailsync.pages.conftest import Browser, mailboxes_of, toasts
from tests.emailsync.pages.rows import make_mailbox, make_run

BrowserOf = Callable[[Membership], Browser]
ClientOf = Callable[[Membership], Client]
ALICE = "alice@northwind.example"


def shown(client: Client) -> str:
    """The page's words, one blank between them."""
    page = client.get(reverse("email_settings"))
    assert page.status_code == 200
    return " ".join(page.content.decode().replace("\xa0", " ").split())


def test_without_a_mailbox_it_says_what_is_read_and_what_never(northwind: Northwind, client_of: ClientOf) -> None:
    page = shown(client_of(northwind.alice))
    for words in (
        "No mailbox is connected yet",
        "Only messages from or to your contacts are stored",
        "Other mail is never opened.",
        "Connect Gmail",
        "Connect Microsoft 365",
    ):
        assert words in page


def test_a_provider_without_an_app_is_explained_to_who_can_help_it(
    northwind: Northwind, client_of: ClientOf, settings: Settings
) -> None:
    settings.MICROSOFT_CLIENT_ID = ""
    admin, member = shown(client_of(northwind.ada)), shown(client_of(northwind.bob))
    assert "docs/microsoft.md" in admin
    assert "Microsoft 365 cannot be connected yet: whoever runs this Postroom has to set it up first." in member
    assert "Connect Microsoft 365" not in member
    assert "Connect Gmail" in member


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Connected: last looked 20 seconds ago"),
        ({"polled_at": None}, "Connected: about to look for the first time"),
        ({"mode": "manual", "polled_at": None}, "Connected for sending: nothing is read"),
        ({"state": "waiting", "since": None}, "Waiting for your go: nothing is stored yet"),
        ({"state": "reconnect"}, "Log-in ended: reconnect"),
        ({"state": "disabled"}, "2-way sync disabled"),
        ({"state": "failed"}, "Stopped by an error"),
        ({"problem": Kind.API, "problem_detail": "Gmail asks us to wait."}, "Held up, and trying again"),
    ],
)
def test_each_state_has_words_of_its_own(
    northwind: Northwind, client_of: ClientOf, fields: dict[str, Any], words: str
) -> None:
    make_mailbox(northwind.alice, **fields)
    assert words in shown(client_of(northwind.alice))


@pytest.mark.parametrize("kind", list(Kind))
def test_each_error_is_named_as_it_is_with_its_remedy(northwind: Northwind, client_of: ClientOf, kind: Kind) -> None:
    """R40."""
    now = timezone.now()
    make_mailbox(
        northwind.alice, state="failed", problem=kind, problem_detail="What happened.", problem_at=now, next_poll_at=now
    )
    page = shown(client_of(northwind.alice))
    for words in (f"<h2>{kind.value}</h2>", "What happened.", "Since", "next try"):
        assert words in page


def test_who_lost_the_right_is_sent_to_the_admins_not_to_the_log_in(northwind: Northwind, client_of: ClientOf) -> None:
    """R23."""
    make_mailbox(northwind.bob, state="disabled", problem=Kind.DISABLED, problem_detail=RIGHT_GONE)
    page = shown(client_of(northwind.bob))
    assert "Ask the owner or an admin of the account." in page
    assert 'class="btn primary">Reconnect' not in page


def test_the_history_shows_how_far_it_is(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    make_run(mailbox, progress=0.621, handled=1240, stored=1200, skipped=40)
    page = shown(client_of(northwind.alice))
    assert "Reading history: 1,240 messages so far" in page
    assert "62 %" in page
    assert "every 2s" in page


def test_the_history_shows_what_became_of_it(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    make_run(mailbox, state="done", progress=1, handled=1243, stored=1100, duplicates=100, skipped=40, failed=3)
    assert "1,200 stored, 40 skipped, 3 failed" in shown(client_of(northwind.alice))


def test_its_line_is_asked_for_again_and_the_page_when_more_changes(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    run = make_run(mailbox, handled=1, stored=1)
    url, client = reverse("mailbox_state", args=[mailbox.pk]), client_of(northwind.alice)
    assert "HX-Refresh" not in client.get(url, {"was": "active-1-0"}).headers
    with tenant_scope(northwind.tenant.pk):
        Run.objects.filter(pk=run.pk).update(state="done")
    assert client.get(url, {"was": "active-1-0"}).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("name", ["mailbox_state", "mailbox_preview_progress"])
def test_what_was_disconnected_elsewhere_is_not_asked_for_again(
    northwind: Northwind, client_of: ClientOf, name: str
) -> None:
    mailbox = make_mailbox(northwind.alice)
    client = client_of(northwind.alice)
    client.post(reverse("mailbox_disconnect", args=[mailbox.pk]))
    answer = client.get(reverse(name, args=[mailbox.pk]))
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (404, "true")


def test_sync_now_makes_it_due(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice, next_poll_at=timezone.now() + timedelta(hours=1))
    page = client_of(northwind.alice).post(reverse("mailbox_sync", args=[mailbox.pk]), follow=True)
    assert f"Looking into {ALICE} now." in toasts(page)
    due = mailboxes_of(northwind.alice)[0].next_poll_at
    assert due is not None
    assert due <= timezone.now()


def test_the_label_is_switched_with_one_click(northwind: Northwind, client_of: ClientOf) -> None:
    """R42."""
    mailbox = make_mailbox(northwind.alice)
    url, client = reverse("mailbox_label", args=[mailbox.pk]), client_of(northwind.alice)
    client.post(url, {"wants_label": "on"})
    assert mailboxes_of(northwind.alice)[0].wants_label
    client.post(url)
    assert not mailboxes_of(northwind.alice)[0].wants_label


def test_a_label_that_was_not_allowed_cannot_be_switched_on(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice, rights=["read", "send"])
    client = client_of(northwind.alice)
    assert "Allow and mark" in shown(client)
    page = client.post(reverse("mailbox_label", args=[mailbox.pk]), {"wants_label": "on"}, follow=True)
    assert "reconnect it and allow that" in toasts(page)
    assert not mailboxes_of(northwind.alice)[0].wants_label


def test_disconnecting_takes_one_click_and_forgets_the_log_in(
    northwind: Northwind, browser_of: BrowserOf, emulator: httpx.Client, workers: Any
) -> None:
    """E10."""
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    page = browser.client.post(reverse("mailbox_disconnect", args=[mailbox.pk]), follow=True)
    assert "Stored mail stays." in toasts(page)
    assert "No mailbox is connected yet" in page.content.decode()
    workers.work()
    assert mailboxes_of(northwind.alice)[0].grant == ""
    asked = emulator.get("requests", params={"path": "/revoke"}).json()["requests"]
    assert len(asked) == 1


def test_colleagues_mailboxes_are_not_shown(northwind: Northwind, globex: Globex, client_of: ClientOf) -> None:
    """S1."""
    make_mailbox(northwind.alice)
    for member in (northwind.ada, northwind.bob, globex.charlie):
        assert ALICE not in shown(client_of(member)).replace("Alice", "")


def test_it_costs_the_same_however_many_mailboxes_there_are(
    northwind: Northwind, client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_run(make_mailbox(northwind.alice, f"alice{number}@northwind.example"))
    client = client_of(northwind.alice)
    shown(client)
    with django_assert_max_num_queries(16):
        shown(client)
