"""Log-ins that lead nowhere: declined, unticked, forged, replayed, too old (S4). Each says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.middleware import TENANT_KEY
from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.views import log_ins
from tests.conftest import Globex, Northwind
from tests.emailsync.conftest import World
from tests.emailsync.pages.conftest import Browser, consent, mailboxes_of, toasts

BrowserOf = Callable[[Membership], Browser]
ALICE = "alice@northwind.example"
BEGIN_AGAIN = "please connect again"
both_providers = pytest.mark.parametrize("provider", ["gmail", "graph"])


@both_providers
def test_declining_is_no_error(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser = browser_of(northwind.alice)
    page = browser.come_back(consent(browser.leave(provider), ALICE, allow=False))
    assert "othing was connected" in toasts(page)
    assert b"toast info" in page.content
    assert mailboxes_of(northwind.alice) == []


def test_reading_unticked_connects_nothing(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    page = browser.come_back(consent(browser.leave("gmail"), ALICE, untick={"gmail.readonly"}))
    assert "You did not allow Postroom to read your mail" in toasts(page)
    assert mailboxes_of(northwind.alice) == []


def test_sending_unticked_connects_for_reading_and_says_so(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    page = browser.come_back(consent(browser.leave("gmail"), ALICE, untick={"gmail.send"}))
    assert "it reads, but cannot send for you" in toasts(page)
    assert [mailbox.rights for mailbox in mailboxes_of(northwind.alice)] == [["read"]]


@both_providers
def test_a_wrong_state_is_refused(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser = browser_of(northwind.alice)
    answer = consent(browser.leave(provider), ALICE)
    assert BEGIN_AGAIN in toasts(browser.come_back({**answer, "state": "made-up"}))
    assert BEGIN_AGAIN in toasts(browser.come_back({"code": answer["code"]}))
    assert mailboxes_of(northwind.alice) == []


@both_providers
def test_another_session_cannot_end_what_this_one_began(
    northwind: Northwind, browser_of: BrowserOf, provider: str
) -> None:
    """Who is lured to a callback of somebody else's log-in connects nothing."""
    answer = consent(browser_of(northwind.alice).leave(provider), ALICE)
    page = browser_of(northwind.bob).come_back(answer)
    assert BEGIN_AGAIN in toasts(page)
    assert mailboxes_of(northwind.bob) == []


@both_providers
def test_a_callback_works_once(northwind: Northwind, browser_of: BrowserOf, provider: str) -> None:
    browser = browser_of(northwind.alice)
    answer = consent(browser.leave(provider), ALICE)
    browser.come_back(answer)
    assert BEGIN_AGAIN in toasts(browser.come_back(answer))
    assert len(mailboxes_of(northwind.alice)) == 1


def test_a_log_in_ends_after_ten_minutes(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    answer = consent(browser.leave("gmail"), ALICE)
    session = browser.client.session
    session[log_ins.KEY][answer["state"]]["until"] -= 601
    session.save()
    assert "more than ten minutes ago" in toasts(browser.come_back(answer))
    assert mailboxes_of(northwind.alice) == []


def test_several_tabs_do_not_disturb_each_other(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    first, second = browser.leave("gmail"), browser.leave("graph")
    browser.come_back(consent(first, ALICE))
    browser.come_back(consent(second, "alice@outlook.northwind.example"))
    assert [mailbox.provider for mailbox in mailboxes_of(northwind.alice)] == ["gmail", "graph"]


def test_a_session_keeps_no_more_than_five(northwind: Northwind, browser_of: BrowserOf) -> None:
    """S8."""
    browser = browser_of(northwind.alice)
    urls = [browser.leave("gmail") for _ in range(7)]
    assert len(browser.client.session[log_ins.KEY]) == 5
    assert "Connected" in toasts(browser.come_back(consent(urls[-1], ALICE)))


def test_what_was_begun_in_one_account_does_not_end_in_another(
    northwind: Northwind, globex: Globex, browser_of: BrowserOf
) -> None:
    browser = browser_of(northwind.alice)
    answer = consent(browser.leave("gmail"), ALICE)
    other = also_in(globex, northwind.alice)
    session = browser.client.session
    session[TENANT_KEY] = globex.tenant.pk
    session.save()
    assert "You have switched to another account" in toasts(browser.come_back(answer))
    assert mailboxes_of(northwind.alice) == mailboxes_of(other) == []


@both_providers
def test_a_provider_that_breaks_down_is_named(
    northwind: Northwind, browser_of: BrowserOf, world: World, provider: str
) -> None:
    browser = browser_of(northwind.alice)
    answer = consent(browser.leave(provider), ALICE)
    world.fault("/token" if provider == "gmail" else "/common/oauth2/v2.0/token", status=503, times=9)
    page = browser.come_back(answer)
    assert page.status_code == 200
    assert "Nothing was connected: please try again in a moment." in toasts(page)
    assert mailboxes_of(northwind.alice) == []


def test_an_administrators_policy_is_explained(northwind: Northwind, browser_of: BrowserOf, world: World) -> None:
    browser = browser_of(northwind.alice)
    url = browser.leave("gmail")
    world.post("knobs", google_login_error="admin_policy_enforced")
    state = url.partition("state=")[2].partition("&")[0]
    page = browser.come_back({"error": "admin_policy_enforced", "state": state})
    assert "Your Google administrator does not allow Postroom" in toasts(page)


def test_nothing_of_the_log_in_stays_in_the_session(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    assert browser.client.session[log_ins.KEY] == {}
    assert browser.client.get(reverse("email_settings")).status_code == 200


def also_in(globex: Globex, member: Membership) -> Membership:
    """The same person as a member of Globex too."""
    with tenant_scope(globex.tenant.pk):
        return Membership.objects.create(user=member.user)
