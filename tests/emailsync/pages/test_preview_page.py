"""What would be stored, and for whom, before anything is (R21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Duplicates, Membership, Tenant
from contacts import operations as contacts
from contacts.data import ContactData
from crm.lib.product import NEVER
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from emailsync import overview, private
from emailsync.models import Mailbox, Run
from exclusions.models import Exclusion
from tests.conftest import Northwind
from tests.emailsync.conftest import Workers, World
from tests.emailsync.labels import Labels
from tests.emailsync.pages.conftest import Browser, mailboxes_of, runs_of, toasts
from tests.emailsync.pages.rows import make_mailbox, make_run

BrowserOf = Callable[[Membership], Browser]
ClientOf = Callable[[Membership], Client]
ALICE, INES, TOM = "alice@northwind.example", "ines@atelier-lyon.example", "tom@contoso.example"
both_providers = pytest.mark.parametrize("provider", ["gmail", "graph"])


def add(member: Membership, *emails: str, **fields: Any) -> None:
    with tenant_scope(member.tenant_id):
        contacts.create_contact(actor=member, data=ContactData(emails=emails, **fields))


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


def look(client: Client, mailbox: Mailbox) -> str:
    return words(client.get(reverse("mailbox_preview", args=[mailbox.pk])))


@pytest.fixture
def correspondence(northwind: Northwind, world: World, provider: str) -> None:
    """Three messages with Ines, one of them to Tom too, and one of a stranger."""
    add(northwind.alice, INES, first_name="Ines", last_name="Moreau")
    add(northwind.alice, TOM, first_name="Tom", last_name="Reed")
    for number in range(2):
        world.put(ALICE, provider, From=INES, Message_ID=f"<{number}@atelier-lyon.example>")
    world.put(ALICE, provider, From=ALICE, To=f"{INES}, {TOM}", Message_ID="<3@northwind.example>", folder="sent")
    world.put(ALICE, provider, From="stranger@elsewhere.example", Message_ID="<4@elsewhere.example>")


@both_providers
@pytest.mark.usefixtures("correspondence")
def test_it_counts_for_whom(northwind: Northwind, browser_of: BrowserOf, workers: Workers, provider: str) -> None:
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    assert "Counting what concerns your contacts" in look(browser.client, mailbox)
    workers.work()
    page = look(browser.client, mailbox)
    assert "About <b>3</b> emails for <b>2</b> contacts" in page
    assert page.index("Ines Moreau") < page.index("3 emails</span>") < page.index("Tom Reed")
    assert "1 email</span>" in page


@both_providers
@pytest.mark.usefixtures("correspondence")
def test_nothing_is_opened_for_it(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, world: World, provider: str
) -> None:
    browser_of(northwind.alice).connect(provider, ALICE)
    workers.work()
    asked = [f"{each['path']}?{each.get('query', '')}" for each in world.requests(mailbox=ALICE)]
    assert asked
    assert not [each for each in asked if "format=raw" in each or "$value" in each]


@both_providers
@pytest.mark.usefixtures("correspondence")
def test_start_begins_and_the_card_says_so(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, provider: str
) -> None:
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    workers.work()
    (mailbox,) = mailboxes_of(northwind.alice)
    page = browser.client.post(reverse("mailbox_start", args=[mailbox.pk]), follow=True)
    assert f"{ALICE} is syncing now." in toasts(page)
    workers.work()
    page = browser.client.get(reverse("email_settings"))
    assert "3 stored, 0 skipped, 0 failed" in words(page)
    assert "Connected: last looked" in words(page)


def test_another_stretch_of_history_is_counted_anew(northwind: Northwind, browser_of: BrowserOf) -> None:
    add(northwind.alice, INES)
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    (mailbox,) = mailboxes_of(northwind.alice)
    browser.client.post(reverse("mailbox_preview", args=[mailbox.pk]), {"history": "all"})
    (mailbox,) = mailboxes_of(northwind.alice)
    assert mailbox.history_days is None
    assert [(run.state, run.since is None) for run in runs_of(mailbox)] == [("cancelled", False), ("running", True)]


def test_a_stretch_that_is_none_is_refused(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice, state="waiting")
    url = reverse("mailbox_preview", args=[mailbox.pk])
    assert client_of(northwind.alice).post(url, {"history": "7"}).status_code == 422


def test_it_can_be_come_back_to_later(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice, state="waiting", since=None)
    page = words(client_of(northwind.alice).get(reverse("email_settings")))
    assert reverse("mailbox_preview", args=[mailbox.pk]) in page


def test_nobody_to_look_for_is_said_with_what_to_do(northwind: Northwind, browser_of: BrowserOf) -> None:
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    page = look(browser.client, mailboxes_of(northwind.alice)[0])
    assert "No contact has an email address yet" in page
    assert reverse("contact_import") in page


def test_what_runs_already_has_no_preview(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    answer = client_of(northwind.alice).get(reverse("mailbox_preview", args=[mailbox.pk]))
    assert answer["Location"] == reverse("email_settings")


def test_a_count_that_cannot_go_on_says_why(northwind: Northwind, client_of: ClientOf) -> None:
    """E10: its grant is gone."""
    mailbox = make_mailbox(northwind.alice, state="waiting")
    make_run(mailbox, Run.Kind.PREVIEW, next_at=None, problem="Google wants you to log in again.")
    page = look(client_of(northwind.alice), mailbox)
    assert "The count has stopped" in page
    assert "Google wants you to log in again." in page


def test_the_bar_asks_for_the_page_when_it_is_done(northwind: Northwind, client_of: ClientOf) -> None:
    mailbox = make_mailbox(northwind.alice, state="waiting")
    run = make_run(mailbox, Run.Kind.PREVIEW, addresses=[INES])
    url, client = reverse("mailbox_preview_progress", args=[mailbox.pk]), client_of(northwind.alice)
    assert "HX-Refresh" not in client.get(url).headers
    with tenant_scope(northwind.tenant.pk):
        Run.objects.filter(pk=run.pk).update(state="done")
    assert client.get(url).headers["HX-Refresh"] == "true"


def test_start_wants_the_right_to_full_sync(northwind: Northwind, client_of: ClientOf) -> None:
    """R23."""
    mailbox = make_mailbox(northwind.bob, state="waiting")
    with tenant_scope(northwind.tenant.pk):
        Membership.objects.filter(pk=northwind.bob.pk).update(can_full_sync=False)
    assert client_of(northwind.bob).post(reverse("mailbox_start", args=[mailbox.pk])).status_code == 403
    assert mailboxes_of(northwind.bob)[0].state == "waiting"


# --- For whom: the reader -------------------------------------------------------------------------


def counted(northwind: Northwind, counts: dict[str, int], *, tenant: Tenant | None = None) -> dict[str, int]:
    mailbox = make_mailbox(northwind.alice, state="waiting")
    run = make_run(mailbox, Run.Kind.PREVIEW, result={"messages": 9, "contacts": counts, "waiting": []})
    with tenant_scope(northwind.tenant.pk):
        member = Membership.objects.select_related("tenant").get(pk=northwind.alice.pk)
        return {contact.name: number for contact, number in overview.expected(member, run).rows}


def test_all_addresses_of_a_contact_count(northwind: Northwind) -> None:
    add(northwind.alice, INES, "im@atelier-lyon.example", last_name="Moreau")
    assert counted(northwind, {INES: 3, "im@atelier-lyon.example": 2}) == {"Moreau": 5}


def test_an_address_of_several_counts_for_the_first(northwind: Northwind) -> None:
    """R5."""
    add(northwind.alice, INES, last_name="First")
    add(northwind.alice, INES, last_name="Second")
    assert counted(northwind, {INES: 3}) == {"First": 3}


def test_or_for_all_where_the_account_wants_that(northwind: Northwind) -> None:
    """R5."""
    add(northwind.alice, INES, last_name="First")
    add(northwind.alice, INES, last_name="Second")
    with tenant_scope(northwind.tenant.pk):
        Tenant.objects.filter(pk=northwind.tenant.pk).update(duplicates=Duplicates.ALL)
    assert counted(northwind, {INES: 3}) == {"First": 3, "Second": 3}


def test_contacts_of_others_stay_unnamed(northwind: Northwind) -> None:
    """R37."""
    add(northwind.bob, INES, last_name="Bob's own", owner_id=northwind.bob.pk, is_private=True)
    assert counted(northwind, {INES: 3}) == {}


def test_no_more_than_fifty_are_named(northwind: Northwind, client_of: ClientOf) -> None:
    counts = {f"c{number}@contoso.example": number + 1 for number in range(53)}
    for address in counts:
        add(northwind.alice, address)
    mailbox = make_mailbox(northwind.alice, state="waiting")
    result = {"messages": 99, "contacts": counts, "waiting": []}
    make_run(mailbox, Run.Kind.PREVIEW, state="done", result=result, addresses=list(counts))
    page = look(client_of(northwind.alice), mailbox)
    assert page.count('class="who"') == overview.NAMED
    assert "and 3 more contacts" in page


# --- What looks private ---------------------------------------------------------------------------

BANK, SHOP = "service@volksbank.example", "carla@contoso.example"


@pytest.fixture
def private_mail(northwind: Northwind, world: World, provider: str) -> None:
    """Ines and a bank are contacts; a stranger writes a code to Alice and Ines."""
    for address in (INES, BANK, SHOP):
        add(northwind.alice, address)
    world.put(ALICE, provider, From=BANK, subject="Your statement", Message_ID="<1@volksbank.example>")
    world.put(ALICE, provider, From=BANK, subject="Another", Message_ID="<2@volksbank.example>")
    world.put(ALICE, provider, From="login@portal.example", Cc=INES, subject="Your security code")
    world.put(ALICE, provider, From=INES, subject="Offer")
    world.put(ALICE, provider, From="pay@elsewhere.example", subject="Your payslip")
    world.put(ALICE, provider, From=ALICE, To=INES, subject="Password reset", folder="sent")


@both_providers
@pytest.mark.usefixtures("private_mail")
def test_senders_of_what_looks_private_are_pointed_out(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, world: World, provider: str
) -> None:
    """Only those of what would be stored, never our own; none is ticked, and nothing was opened for it."""
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    workers.work()
    page = look(browser.client, mailboxes_of(northwind.alice)[0])
    assert "it may be wrong" in page
    assert f'value="{BANK}" form="start"' in page
    assert "Looks like a bank" in page
    assert "2 emails" in page
    assert "Looks like one-time codes or passwords" in page
    assert page.count('name="exclude"') == 2
    assert "checked" not in page[page.index("Looks private") : page.index("Start syncing")]
    asked = [f"{each['path']}?{each.get('query', '')}" for each in world.requests(mailbox=ALICE)]
    assert not [each for each in asked if "format=raw" in each or "$value" in each]


@both_providers
def test_mail_to_many_is_told_by_its_headers(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, world: World, provider: str
) -> None:
    """Graph lists none of these: they are asked for of one message a sender, and still nothing is opened."""
    for address in (INES, SHOP):
        add(northwind.alice, address)
    for number in range(3):
        word = "<https://contoso.example/stop>"
        world.put(ALICE, provider, From=SHOP, subject=f"New in spring {number}", List_Unsubscribe=word)
        world.put(ALICE, provider, From=INES, subject=f"Offer {number}")
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    workers.work()
    page = look(browser.client, mailboxes_of(northwind.alice)[0])
    assert f'value="{SHOP}" form="start"' in page
    assert "Looks like mail to many" in page
    assert "3 emails" in page
    assert page.count('name="exclude"') == 1
    asked = [f"{each['path']}?{each.get('query', '')}" for each in world.requests(mailbox=ALICE)]
    assert not [each for each in asked if "format=raw" in each or "$value" in each]
    assert sum("internetMessageHeaders" in each for each in asked) == (2 if provider == "graph" else 0)


@both_providers
@pytest.mark.usefixtures("private_mail")
def test_what_is_ticked_is_excluded_before_anything_is_stored(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, provider: str
) -> None:
    """R14: by the one operation, with the reason; a form adds nobody whom the page has not named."""
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    workers.work()
    (mailbox,) = mailboxes_of(northwind.alice)
    url = reverse("mailbox_start", args=[mailbox.pk])
    page = browser.client.post(url, {"exclude": [BANK, INES, "x"]}, follow=True)
    assert f"{ALICE} is syncing now. 1 sender is excluded." in toasts(page)
    workers.work()
    with tenant_scope(northwind.tenant.pk):
        [entry] = Exclusion.objects.all()
        assert (entry.value, entry.created_by_id) == (BANK, northwind.alice.pk)
        assert entry.reason == f"Left out when {ALICE} was connected"
        senders = set(Email.objects.values_list("from_address", flat=True))
        assert senders == {INES, ALICE, "login@portal.example"}
        assert Run.objects.get(mailbox=mailbox, kind=Run.Kind.PREVIEW).result == {}


def test_mail_to_many_says_so_where_gmail_tells(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, world: World
) -> None:
    add(northwind.alice, SHOP)
    raw = world.mail(From=SHOP, subject="Our autumn", List_Unsubscribe="<https://contoso.example/off>")
    world.put(ALICE, "gmail", raw)
    browser = browser_of(northwind.alice)
    browser.connect("gmail", ALICE)
    workers.work()
    assert "Looks like mail to many" in look(browser.client, mailboxes_of(northwind.alice)[0])


def test_what_is_noted_of_senders_is_bounded(northwind: Northwind, client_of: ClientOf) -> None:
    noted = {f"bank{number}@bank.example": ["bank", number + 1] for number in range(60)}
    mailbox = make_mailbox(northwind.alice, state="waiting")
    result = {"messages": 99, "contacts": {}, "waiting": [], "private": noted}
    make_run(mailbox, Run.Kind.PREVIEW, state="done", result=result, addresses=[INES])
    page = look(client_of(northwind.alice), mailbox)
    assert page.count('name="exclude"') == private.SHOWN


@both_providers
def test_mail_with_the_label_that_keeps_it_out_is_not_counted_by_envelopes(
    northwind: Northwind, browser_of: BrowserOf, workers: Workers, world: World, provider: str
) -> None:
    """Nor pointed out: it is not stored anyhow."""
    add(northwind.alice, BANK)
    key = world.put(ALICE, provider, From=BANK)
    Labels(world).put(ALICE, provider, key)
    browser = browser_of(northwind.alice)
    browser.connect(provider, ALICE)
    workers.work()
    assert "Looks private" not in look(browser.client, mailboxes_of(northwind.alice)[0])


def test_the_pages_say_that_there_is_such_a_label(northwind: Northwind, client_of: ClientOf) -> None:
    make_mailbox(northwind.alice)
    client = client_of(northwind.alice)
    assert f"label “{NEVER}”" in words(client.get(reverse("mailbox_connect", args=["gmail"])))
    assert f"category “{NEVER}”" in words(client.get(reverse("mailbox_connect", args=["graph"])))
    assert f"“{NEVER}”" in words(client.get(reverse("email_settings")))
