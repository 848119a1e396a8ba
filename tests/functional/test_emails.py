"""The Email page and the reader in a real browser: keyboard, narrow screens, hostile mail, without script."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, Route, expect

from contacts.queries import visible_contacts
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from emails.operations import delete_emails
from tests.conftest import Northwind
from tests.emails.factory import make_email, make_message
from tests.emails.test_html import HOSTILE
from tests.functional import contact_pages, email_pages
from tests.functional.conftest import NARROW, OpenPage, faults, keep

pytestmark = pytest.mark.browser


@pytest.fixture
def listed(northwind: Northwind, open_page: OpenPage) -> Page:
    """Alice's list, with a few weeks of mail."""
    page = open_page(northwind.alice)
    page.goto(email_pages.listed(northwind))
    return page


def test_the_keyboard_walks_opens_and_deletes(listed: Page) -> None:
    listed.keyboard.press("j")
    listed.keyboard.press("j")
    listed.keyboard.press("o")
    reader = listed.locator("#reader")
    expect(reader.locator("h2")).to_have_text("Re: Delivery dates for the Lyon order")
    expect(listed.locator(".mail-rows [aria-current]")).to_have_count(1)
    expect(listed).to_have_url(re.compile(r"/email/\d+/$"))
    listed.keyboard.press("j")
    listed.keyboard.press("o")
    expect(reader.locator("h2")).to_have_text("Contract draft v3")
    rows = listed.locator("[data-row]")
    before = rows.count()
    listed.keyboard.press("e")
    expect(listed.get_by_text("Deleted “Contract draft v3”.")).to_be_visible()
    expect(rows).to_have_count(before - 1)
    expect(reader.locator(".mail-title")).to_have_text("Photos of the whole range in full resolution")
    expect(listed.locator(".mail-rows [aria-current]")).to_be_focused()
    listed.keyboard.press("z")
    expect(listed.get_by_text("Restored 1 email.")).to_be_visible()
    expect(rows).to_have_count(before)


def test_a_dialog_gives_the_focus_back(listed: Page) -> None:
    listed.keyboard.press("j")
    listed.keyboard.press("o")
    expect(listed.locator(".mail-title")).to_be_visible()
    row = listed.locator("[data-row]").first.locator("[data-open]")
    expect(row).to_be_focused()
    listed.keyboard.press("m")
    expect(listed.get_by_role("searchbox", name="Search contacts")).to_be_focused()
    listed.keyboard.press("Escape")
    expect(row).to_be_focused()


def test_a_key_pressed_twice_deletes_one_email(listed: Page) -> None:
    listed.get_by_role("link", name="Contract draft v3").click()
    expect(listed.locator(".mail-title")).to_have_text("Contract draft v3")
    rows = listed.locator("[data-row]")
    before = rows.count()
    listed.locator("#reader [data-key=e]").evaluate("button => { button.click(); button.click(); }")
    expect(rows).to_have_count(before - 1)
    expect(listed.locator("[data-toast]")).to_have_count(1)
    expect(listed.get_by_text("Deleted “Contract draft v3”.")).to_be_visible()
    expect(listed.locator(".mail-title")).to_have_text("Photos of the whole range in full resolution")


def test_going_back_shows_what_was_open_before_and_the_list_stays(listed: Page) -> None:
    first = listed.locator("[data-row]").first.element_handle()
    listed.get_by_role("link", name="Contract draft v3").click()
    expect(listed.locator(".mail-title")).to_have_text("Contract draft v3")
    listed.get_by_role("link", name="Photos of the whole range").click()
    expect(listed.locator(".mail-title")).to_have_text("Photos of the whole range in full resolution")
    listed.go_back()
    expect(listed.locator(".mail-title")).to_have_text("Contract draft v3")
    expect(listed.locator(".mail-rows [aria-current]")).to_have_text("Contract draft v3")
    listed.go_back()
    expect(listed.get_by_text("Choose an email")).to_be_visible()
    assert first is not None
    assert first.evaluate("row => row.isConnected")


def test_the_list_goes_on_by_itself_and_keeps_its_place(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(email_pages.long(northwind))
    rows = page.locator("[data-row]")
    for shown in (30, 60):
        expect(rows).to_have_count(shown)
        page.locator("[data-mail-scroll]").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).to_have_count(70)
    deep = page.get_by_role("link", name="Nr 60")
    deep.scroll_into_view_if_needed()
    deep.click()
    expect(page.locator(".mail-title")).to_have_text("Nr 60")
    at = place_of(page)
    assert at > 1_000
    page.goto("/contacts/")
    page.go_back()
    expect(rows).to_have_count(70)
    expect(page.locator(".mail-title")).to_have_text("Nr 60")
    assert abs(place_of(page) - at) < 5
    # Deleting what is read leaves the list there, and the next one at hand.
    page.keyboard.press("e")
    expect(rows).to_have_count(69)
    assert abs(place_of(page) - at) < 5
    expect(page.locator(":focus")).to_have_text("Nr 61")
    page.keyboard.press("z")
    expect(page.get_by_text("Restored 1 email.")).to_be_visible()
    expect(deep).to_be_visible()
    assert abs(place_of(page) - at) < 5
    page.locator("[data-mail-scroll]").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).to_have_count(70)


def test_a_page_that_is_loaded_anew_finds_its_place(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(email_pages.long(northwind))
    rows = page.locator("[data-row]")
    page.locator("[data-mail-scroll]").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).to_have_count(60)
    page.get_by_role("link", name="Nr 40").scroll_into_view_if_needed()
    at = place_of(page)
    assert at > 1_000
    page.wait_for_function("at => history.state?.place?.at === at", arg=at)
    page.reload()
    expect(rows).to_have_count(60)
    assert abs(place_of(page) - at) < 5
    page.get_by_role("link", name="Nr 40").click()
    expect(page.locator(".mail-title")).to_have_text("Nr 40")
    page.reload()
    expect(rows).to_have_count(60)
    expect(page.locator(".mail-title")).to_have_text("Nr 40")
    assert abs(place_of(page) - at) < 5


def test_a_tall_window_gets_more_rows_below_the_first_ones_however_slowly_scripts_come(
    northwind: Northwind, open_page: OpenPage
) -> None:
    page = open_page(northwind.alice)
    address = email_pages.long(northwind)
    page.set_viewport_size({"width": 1440, "height": 3_200})
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/js/mail-reader*.js", hold)
    page.goto(address, wait_until="commit")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(30)
    page.wait_for_function("() => document.readyState === 'interactive'")
    frame = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(frame)
    late[0].continue_()
    expect(rows.first).to_contain_text("Nr 0")
    expect(rows.nth(45)).to_be_attached()


def place_of(page: Page) -> float:
    place: float = page.locator("[data-mail-scroll]").evaluate("list => list.scrollTop")
    return place


def test_filters_swap_the_list_and_leave_what_is_read(listed: Page, northwind: Northwind) -> None:
    """R38."""
    listed.get_by_role("link", name="Contract draft v3").click()
    expect(listed.locator(".mail-title")).to_have_text("Contract draft v3")
    listed.get_by_text("Team", exact=True).click()
    keep(listed, "email_list-filtering")
    listed.locator(".mail-filters").get_by_role("link", name="Bob").click()
    chip = listed.locator(".mail-chips a")
    expect(chip).to_contain_text("Bob")
    expect(listed.locator("[data-row]")).to_have_count(1)
    expect(listed.locator(".mail-title")).to_have_text("Contract draft v3")
    expect(listed).to_have_url(re.compile(rf"/email/\d+/\?member={northwind.bob.pk}$"))
    keep(listed, "email_list-filtered")
    chip.click()
    expect(listed.locator("[data-row]").nth(2)).to_be_visible()
    listed.go_back()
    expect(chip).to_contain_text("Bob")
    expect(listed.locator("[data-row]")).to_have_count(1)
    listed.keyboard.press("g")
    listed.keyboard.press("d")
    expect(listed.get_by_text("Nothing matches")).to_be_visible()
    expect(listed.get_by_text("Choose an email")).to_have_count(0)
    listed.get_by_role("link", name="Clear filters").click()
    expect(listed.get_by_text("No drafts")).to_be_visible()
    expect(listed).to_have_title("Drafts · Postroom")


def test_new_mail_announces_itself_and_moves_nothing(listed: Page, northwind: Northwind) -> None:
    listed.locator("[data-row]").nth(1).locator("[data-select]").check()
    with tenant_scope(northwind.tenant.pk):
        ines = visible_contacts(northwind.alice).get(first_name="Ines")
        make_email(ines, subject="Just now", sent_at=timezone.now())
    rows = listed.locator("[data-row]")
    before = rows.count()
    look = "() => htmx.trigger(document.querySelector('[data-news]'), 'look')"
    listed.evaluate(look)
    pill = listed.get_by_role("button", name="1 new email")
    expect(pill).to_be_visible()
    expect(rows).to_have_count(before)
    keep(listed, "email_list-news")
    listed.keyboard.press("N")
    expect(rows.first).to_contain_text("Just now")
    expect(pill).to_have_count(0)
    expect(rows.nth(2).locator("[data-select]")).to_be_checked()
    with listed.expect_response("**/email/news/**"):
        listed.evaluate(look)
    expect(pill).to_have_count(0)


def test_what_could_not_be_loaded_can_be_tried_again(
    northwind: Northwind, open_page: OpenPage, complaints: list[str]
) -> None:
    page = open_page(northwind.alice)
    page.route("**/email/?*cursor=*", lambda route: route.fulfill(status=500))
    page.goto(email_pages.long(northwind))
    page.locator("[data-mail-scroll]").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    again = page.get_by_role("link", name="Could not load more. Try again")
    expect(again).to_be_visible()
    complaints.clear()
    page.unroute("**/email/?*cursor=*")
    again.click()
    expect(page.locator("[data-row]")).to_have_count(60)


def test_several_are_ticked_and_deleted(listed: Page) -> None:
    for _ in range(2):
        listed.keyboard.press("j")
        listed.keyboard.press("x")
    expect(listed.locator(".bulk")).to_contain_text("2 selected")
    keep(listed, "email_list-selected")
    listed.keyboard.press("#")
    expect(listed.get_by_text("Deleted 3 emails in 2 conversations.")).to_be_visible()
    expect(listed.locator("[data-row]:has(:focus)")).to_contain_text("Contract draft v3")


def test_another_list_begins_with_nothing_ticked(listed: Page) -> None:
    listed.locator("[data-row]").first.locator("[data-select]").check()
    expect(listed.locator(".bulk")).to_contain_text("1 selected")
    listed.locator("nav[aria-label=Boxes]").get_by_text("Incoming").click()
    expect(listed.get_by_role("heading", name="Incoming")).to_be_visible()
    expect(listed.locator("[data-select]:checked")).to_have_count(0)


def test_what_another_has_deleted_leaves_the_list_as_it_is(listed: Page, northwind: Northwind) -> None:
    listed.get_by_text("Team", exact=True).click()
    listed.locator(".mail-filters").get_by_role("link", name="Bob").click()
    chip = listed.locator(".mail-chips a")
    expect(chip).to_be_visible()
    row = listed.locator("[data-row]")
    expect(row).to_have_count(1)
    with tenant_scope(northwind.tenant.pk):
        delete_emails(actor=northwind.ada, ids=[int(row.locator("[data-select]").input_value())])
    row.locator("[data-open]").click()
    expect(listed.get_by_text("This email is no longer here")).to_be_visible()
    expect(chip).to_be_visible()


def test_a_narrow_screen_shows_one_at_a_time(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, width=NARROW)
    page.goto(email_pages.listed(northwind))
    page.get_by_role("link", name="Contract draft v3").click()
    expect(page.locator("#reader h2")).to_be_visible()
    expect(page.locator(".mail-list")).to_be_hidden()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".mail-list")).to_be_visible()
    expect(page.locator("#reader")).to_be_hidden()
    page.go_back()
    expect(page.locator(".mail-title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".mail-list")).to_be_visible()
    page.get_by_role("button", name="Open the side column").click()
    page.locator("#mail-side").get_by_role("link", name="Sent").click()
    expect(page).to_have_title("Sent · Postroom")
    expect(page.locator("#side")).to_be_hidden()


def test_without_script_it_opens_and_deletes_too(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice, script=False)
    page.goto(email_pages.listed(northwind))
    page.get_by_role("link", name="Contract draft v3").click()
    expect(page.locator("#reader h2")).to_have_text("Contract draft v3")
    page.get_by_role("button", name="Delete", exact=True).last.click()
    expect(page.get_by_text("Deleted “Contract draft v3”.")).to_be_visible()


def test_html_is_shown_whole_with_its_history_folded(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(email_pages.rich(northwind))
    frame = page.frame_locator("[data-mail-body]")
    expect(frame.get_by_text("the 4th works")).to_be_visible()
    expect(frame.get_by_text("Can you confirm the dates below?")).to_be_hidden()
    inside = page.frames[-1]
    fits = "() => document.documentElement.scrollHeight <= window.innerHeight"
    page.wait_for_function("() => document.querySelector('[data-mail-body]').height > 100")
    low = page.locator("[data-mail-body]").bounding_box()
    frame.get_by_label("Show quoted text").check()
    expect(frame.get_by_text("Can you confirm the dates below?")).to_be_visible()
    page.wait_for_function(
        "(low) => document.querySelector('[data-mail-body]').getBoundingClientRect().height > low",
        arg=low["height"] if low else 0,
    )
    assert inside.evaluate(fits)
    assert frame.locator("img[alt=Plan]").evaluate("image => image.complete && image.naturalWidth") == 1
    assert faults(page) == []


def test_a_signature_and_what_it_answers_fold_and_unfold(northwind: Northwind, open_page: OpenPage) -> None:
    html = (
        '<p>Yes, that works.</p><div class="gmail_signature">Ines, +33 4 72</div>'
        '<div class="gmail_quote"><blockquote>Can you confirm?</blockquote></div>'
    )
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        email = make_message(f"Subject: Hello\nContent-Type: text/html\n\n{html}".encode(), ines)
    page = open_page(northwind.alice)
    page.goto(f"/email/{email.pk}/")
    frame = page.frame_locator("[data-mail-body]")
    expect(frame.get_by_text("that works")).to_be_visible()
    for folded in ("Ines, +33", "Can you confirm?"):
        expect(frame.get_by_text(folded)).to_be_hidden()
    frame.get_by_label("Show quoted text and signature").check()
    for folded in ("Ines, +33", "Can you confirm?"):
        expect(frame.get_by_text(folded)).to_be_visible()


def test_hostile_mail_runs_nothing_and_asks_for_nothing(
    northwind: Northwind, open_page: OpenPage, complaints: list[str]
) -> None:
    """S3."""
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        html = "".join(HOSTILE).replace("alert(1)", "parent.document.title='ran'")
        raw = f"From: ines@atelier-lyon.example\nSubject: Hello\nContent-Type: text/html\n\n{html}<p>The end.</p>"
        email = make_message(raw.encode(), ines, sender=("<img src=x onerror=alert(1)>", "ines@atelier-lyon.example"))
    page = open_page(northwind.alice)
    asked: list[str] = []
    page.on("request", lambda request: note(request, asked))
    page.goto(f"/email/{email.pk}/")
    expect(page.frame_locator("[data-mail-body]").get_by_text("The end.")).to_be_visible()
    assert asked == []
    assert page.title() == "Hello · Postroom"
    page.goto(f"/email/{email.pk}/body/")
    expect(page.get_by_text("The end.")).to_be_visible()
    assert asked == []
    assert [one for one in complaints if "script" in one] == []


@pytest.mark.parametrize("style", ["min-height:100vh", "margin-bottom:50dvh", "height:9000in;width:9000px"])
def test_mail_that_grows_with_its_frame_stays_as_it_is(northwind: Northwind, open_page: OpenPage, style: str) -> None:
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        html = f'<div style="{style}"><p>Hello</p></div><p style="margin-top:-90px">The end.</p>'
        email = make_message(f"Subject: Hello\nContent-Type: text/html\n\n{html}".encode(), ines)
    page = open_page(northwind.alice)
    page.goto(f"/email/{email.pk}/")
    expect(page.frame_locator("[data-mail-body]").get_by_text("The end.")).to_be_attached()
    page.wait_for_function("() => document.querySelector('[data-mail-body]').height")
    frames = "n => new Promise(done => { const next = () => (n-- ? requestAnimationFrame(next) : done()); next(); })"
    heights = []
    for _ in range(2):
        page.evaluate(frames, 20)
        heights.append(page.locator("[data-mail-body]").evaluate("frame => frame.offsetHeight"))
    assert heights[0] == heights[1] <= 20_000


def note(request: Request, asked: list[str]) -> None:
    if "127.0.0.1" not in request.url and "localhost" not in request.url and not request.url.startswith("data:"):
        asked.append(request.url)


def test_remote_pictures_come_with_a_click(northwind: Northwind, open_page: OpenPage, complaints: list[str]) -> None:
    page = open_page(northwind.alice)
    asked: list[str] = []
    page.on("request", lambda request: note(request, asked))
    page.goto(email_pages.rich(northwind))
    frame = page.frame_locator("[data-mail-body]")
    expect(frame.get_by_text("Pictures from elsewhere are not loaded")).to_be_visible()
    assert asked == []
    with page.expect_request("https://tracker.example/**") as loading:
        frame.get_by_role("link", name="Load them").click()
    assert not loading.value.headers.get("referer")
    expect(frame.get_by_text("Pictures from elsewhere")).to_have_count(0)
    # The browser of the tests reaches loopback alone, and says so.
    complaints.clear()


def test_a_note_and_an_email_stand_on_one_timeline(northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(northwind.alice)
    page.goto(email_pages.timeline(northwind))
    page.get_by_placeholder("What should the team remember").fill("Wants the offer by May.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline .note-text").first).to_have_text("Wants the offer by May.")
    expect(page.locator("#timeline [id^=email-]")).to_have_count(3)
    row = page.locator("#timeline [id^=email-]").first
    row.locator("summary").click()
    row.get_by_role("button", name="Remove from this contact").click()
    expect(page.get_by_text("Removed “Re: Delivery dates for the Lyon order” from Ines Moreau.")).to_be_visible()
    expect(page.locator("#timeline [id^=email-]")).to_have_count(2)
    page.locator("#timeline [id^=email-] h3 a").first.click()
    expect(page.frame_locator("#timeline [data-mail-body]").get_by_text("the 4th works")).to_be_visible()


def test_a_second_contact_gets_the_email_with_one_click(northwind: Northwind, open_page: OpenPage) -> None:
    """R15."""
    page = open_page(northwind.alice)
    page.goto(email_pages.plain(northwind))
    parties = page.locator(".mail-party")
    expect(parties.filter(has_text="I. Moreau").get_by_text("Store here")).to_be_visible()
    parties.filter(has_text="I. Moreau").get_by_role("button").click()
    expect(page.get_by_text("Stored for I. Moreau.")).to_be_visible()
    expect(page.locator(".mail-party").filter(has_text="I. Moreau").get_by_text("Stored")).to_be_visible()


def test_odd_mail_is_shown_sensibly(northwind: Northwind, open_page: OpenPage) -> None:
    """Megabyte lines, right-to-left names, no subject, hundreds of recipients."""
    with tenant_scope(northwind.tenant.pk):
        ines = contact_pages.fill(northwind)
        email: Email = make_email(
            ines,
            subject="",
            sender=("דנה 🦊 " + "x" * 150, "dana@atelier-lyon.example"),
            to=[f"someone.{number}@atelier-lyon.example" for number in range(300)],
            text="w" * 300_000,
            snippet="w" * 200,
        )
    for width in (1440, NARROW):
        page = open_page(northwind.alice, width=width)
        page.goto(f"/email/{email.pk}/")
        expect(page.locator("#reader h2")).to_have_text("(no subject)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        keep(page, f"email_detail-odd-{width}")
