"""The list by its doors on the Email page and in the settings: adding, seeing, taking off (R7, R12, R14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Email, Link
from exclusions.models import Exclusion, Removal
from tests.conftest import Globex, Northwind
from tests.emails.conftest import Make
from tests.exclusions.pages import HTMX, PAGE, add, preview, seen, undo, values, words


def test_who_comes_first_is_told_what_to_write(alice: Client, bob: Client) -> None:
    assert "Nothing is excluded yet" in words(alice.get(PAGE))
    assert "You have excluded nothing yet" in words(bob.get(PAGE))


def test_an_address_is_previewed_with_what_it_concerns_and_then_added(
    bob: Client, email: Make, ines: Contact, paul: Contact
) -> None:
    """R12"""
    email(ines)
    email(ines, paul, to=["alice@northwind.example", "paul@atelier-lyon.example"])
    told = words(preview(bob, "Ines <INES@atelier-lyon.example>"))
    assert "1 contact, 2 stored emails" in told
    assert "2 contacts, 2 stored emails" in words(preview(bob, "atelier-lyon.example"))
    page = add(bob, "Ines <INES@atelier-lyon.example>", reason="My sister")
    assert values(page) == ["ines@atelier-lyon.example"]
    assert "Excluded ines@atelier-lyon.example." in words(page)
    assert "My sister · You" in words(page)


def test_nothing_is_written_before_it_was_seen_what_it_concerns(bob: Client, email: Make, ines: Contact) -> None:
    """R12, for those without script as well"""
    email(ines)
    page = bob.post(f"{PAGE}add/", {"text": "ines@atelier-lyon.example"})
    assert "1 contact, 1 stored email" in words(page)
    assert values(page) == []
    stale = seen(bob, "paul@atelier-lyon.example")
    assert values(bob.post(f"{PAGE}add/", {"text": "ines@atelier-lyon.example", "seen": stale})) == []
    mark = seen(bob, "ines@atelier-lyon.example")
    page = bob.post(f"{PAGE}add/", {"text": "ines@atelier-lyon.example", "seen": mark}, follow=True)
    assert values(page) == ["ines@atelier-lyon.example"]


def test_stored_emails_are_removed_on_request_and_brought_back_for_30_days(
    alice: Client, northwind: Northwind, email: Make, ines: Contact, paul: Contact
) -> None:
    """R12, R17: an email that Paul has too stays for him."""
    email(ines, subject="Alone")
    email(ines, paul, subject="Shared", to=["alice@northwind.example", "paul@atelier-lyon.example"])
    page = add(alice, "ines@atelier-lyon.example", remove_stored="on")
    assert "2 stored emails were removed" in words(page)
    with tenant_scope(northwind.tenant.pk):
        assert [one.subject for one in Email.objects.filter(deleted_at=None)] == ["Shared"]
        assert list(Link.objects.filter(removed_at=None).values_list("contact", flat=True)) == [paul.pk]
    undone = undo(alice, page)
    assert "Brought back 2 emails." in words(undone)
    assert values(undone) == []
    with tenant_scope(northwind.tenant.pk):
        assert Email.objects.filter(deleted_at=None).count() == 2
        assert Link.objects.filter(removed_at=None).count() == 3


def test_removed_emails_come_back_by_the_list_too_while_the_entry_stays(
    alice: Client, northwind: Northwind, email: Make, ines: Contact
) -> None:
    email(ines)
    page = add(alice, "ines@atelier-lyon.example", remove_stored="on")
    assert "1 stored email of ines@atelier-lyon.example removed" in words(page)
    with tenant_scope(northwind.tenant.pk):
        removal = Removal.objects.get()
    page = alice.post(f"{PAGE}removals/{removal.pk}/restore/", headers=HTMX)
    assert "Brought back 1 email." in words(page)
    assert values(page) == ["ines@atelier-lyon.example"]


def test_adding_touches_no_stored_mail_by_itself(
    alice: Client, northwind: Northwind, email: Make, ines: Contact
) -> None:
    """R12"""
    email(ines)
    add(alice, "atelier-lyon.example")
    with tenant_scope(northwind.tenant.pk):
        assert Link.objects.filter(removed_at=None).count() == 1


def test_many_are_pasted_and_each_line_is_told(bob: Client, northwind: Northwind) -> None:
    pasted = (
        "eve@private.example, private.example; Moreau, Ines <ines@lyon.example>\nnonsense\nMAILTO:eve@private.example"
    )
    told = words(preview(bob, pasted))
    assert "3 entries to add" in told
    assert "Line 2: “nonsense” is neither an address nor a domain" in told
    assert "Line 3: It is on line 1 already." in told
    page = add(bob, pasted)
    assert sorted(values(page)) == ["eve@private.example", "ines@lyon.example", "private.example"]
    assert "“nonsense” is neither" in words(page)
    assert page.status_code == 422
    assert ">nonsense</textarea>" in page.content.decode()


def test_a_csv_file_is_read_with_a_head_and_without(bob: Client) -> None:
    with_head = "Name;E-Mail;Reason\nEve;eve@private.example;A friend\nX;bad@;\n"
    for content, expected in (
        (with_head, ["eve@private.example"]),
        ("clinic.example\nbank.example,My bank\n", ["bank.example", "clinic.example"]),
    ):
        file = SimpleUploadedFile("list.csv", content.encode())
        page = bob.post(f"{PAGE}add/", {"file": file}, headers=HTMX)
        fields = {name: page.content.decode().split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen",)}
        listed = page.context["form"]["listed"].value()
        page = bob.post(f"{PAGE}add/", {"listed": listed, **fields}, headers=HTMX)
        assert sorted(value for value in values(page) if value in expected) == expected
    assert "A friend · You" in words(bob.get(PAGE))
    assert "My bank · You" in words(bob.get(PAGE))


def test_a_line_of_a_file_that_is_wrong_is_told_with_its_number(bob: Client) -> None:
    file = SimpleUploadedFile("list.csv", b"email\n\neve@private.example\nbad@\n")
    assert "Line 4: “bad@” is neither" in words(bob.post(f"{PAGE}add/", {"file": file}, headers=HTMX))


def test_a_file_that_is_none_or_too_long_is_refused_with_a_sentence(bob: Client) -> None:
    for content, sentence in (
        (b"\x00\x01\x02", "This is no text file"),
        (b"", "is empty"),
        (b"\n\n", "The file is empty"),
        (b"x@y.example\n" * 10_001, "10,000 go in at once"),
    ):
        page = bob.post(f"{PAGE}add/", {"file": SimpleUploadedFile("list.csv", content)}, headers=HTMX)
        assert sentence in words(page)
        assert page.status_code == 422


def test_a_public_mail_domain_wants_a_second_word(alice: Client, email: Make, ines: Contact) -> None:
    told = words(preview(alice, "gmail.com"))
    assert "gmail.com is a public mail domain." in told
    assert "it concerns 0 of your contacts" in told
    page = add(alice, "gmail.com, private.example")
    assert values(page) == ["private.example"]
    assert "Exclude all of gmail.com" in words(page)
    page = add(alice, "gmail.com", confirmed="gmail.com")
    assert values(page)[0] == "gmail.com"


def test_an_own_address_is_refused_with_the_reason(alice: Client) -> None:
    """R3"""
    page = add(alice, "bob@northwind.example")
    assert values(page) == []
    assert "This is an address of Bob Marsh, of your team: own addresses need no entry." in words(page)


def test_own_addresses_are_shown_and_cannot_be_removed(bob: Client) -> None:
    """R3, R7"""
    told = words(bob.get(PAGE))
    assert "Own addresses of your team 3, left out by themselves" in told
    assert "alice@northwind.example Alice Lindqvist, log-in" in told


def test_what_is_there_already_is_pointed_out_as_far_as_one_may_know(
    northwind: Northwind, alice: Client, bob: Client, ada: Client
) -> None:
    """R7"""
    add(bob, "private.example")
    assert "You have excluded private.example already." in words(preview(bob, "private.example"))
    assert "already by Bob Marsh’s entry" in words(preview(ada, "private.example"))
    assert "covered already by Bob Marsh’s entry private.example" in words(preview(alice, "eve@private.example"))
    add(alice, "secret.example")
    told = words(preview(bob, "eve@secret.example"))
    assert "eve@secret.example is excluded for the account already" in told
    assert "Alice" not in told


def test_owner_and_admin_see_all_with_authors_and_a_member_their_own(
    alice: Client, ada: Client, bob: Client, northwind: Northwind
) -> None:
    """R7"""
    add(bob, "of-bob.example")
    add(ada, "of-ada.example")
    for client in (alice, ada):
        page = client.get(PAGE)
        assert values(page) == ["of-ada.example", "of-bob.example"]
        assert "Bob Marsh" in words(page)
    assert values(bob.get(PAGE)) == ["of-bob.example"]
    assert values(bob.get("/email/excluded/")) == ["of-bob.example"]
    with tenant_scope(northwind.tenant.pk):
        of_ada = Exclusion.objects.get(value="of-ada.example")
    assert bob.post(f"{PAGE}{of_ada.pk}/remove/").status_code == 404
    assert bob.get(f"{PAGE}{of_ada.pk}/edit/").status_code == 404


def test_the_bin_removes_an_entry_offers_what_was_missed_and_can_be_undone(
    alice: Client, bob: Client, northwind: Northwind
) -> None:
    """R12"""
    add(bob, "private.example")
    with tenant_scope(northwind.tenant.pk):
        entry = Exclusion.objects.get()
    page = alice.post(f"{PAGE}{entry.pk}/remove/", headers=HTMX)
    assert "private.example is no longer excluded." in words(page)
    assert "Import what was missed" in words(page)
    assert values(undo(alice, page)) == ["private.example"]
    with tenant_scope(northwind.tenant.pk):
        assert str(Exclusion.objects.get().created_by) == "Bob Marsh"
        actions = list(AuditEntry.objects.filter(action__startswith="exclusion").values_list("action", flat=True))
    assert sorted(actions) == ["exclusion.added", "exclusion.added", "exclusion.removed"]


def test_of_two_who_remove_the_same_the_second_is_told(alice: Client, ada: Client, northwind: Northwind) -> None:
    add(alice, "private.example")
    with tenant_scope(northwind.tenant.pk):
        entry = Exclusion.objects.get()
    alice.post(f"{PAGE}{entry.pk}/remove/", headers=HTMX)
    page = ada.post(f"{PAGE}{entry.pk}/remove/", headers=HTMX)
    assert "Somebody else has removed this entry already." in words(page)


def test_a_removed_entry_that_another_covers_says_so(alice: Client, bob: Client, northwind: Northwind) -> None:
    add(alice, "private.example")
    add(bob, "eve@private.example")
    with tenant_scope(northwind.tenant.pk):
        entry = Exclusion.objects.get(value="eve@private.example")
    assert "still by an entry of the account’s list" in words(bob.post(f"{PAGE}{entry.pk}/remove/", headers=HTMX))


def test_what_was_missed_is_looked_for_on_request_and_never_silently(
    alice: Client, northwind: Northwind, ines: Contact, scheduled: list[list[int]]
) -> None:
    """R12, E5"""
    add(alice, "ines@atelier-lyon.example")
    with tenant_scope(northwind.tenant.pk):
        entry = Exclusion.objects.get()
    alice.post(f"{PAGE}{entry.pk}/remove/", headers=HTMX)
    assert scheduled == []
    page = alice.post(f"{PAGE}missed/", {"value": "ines@atelier-lyon.example"}, headers=HTMX)
    assert "Looking through the mailboxes for what was missed of 1 contact." in words(page)
    assert "Import what was missed" not in words(page)
    assert scheduled == [[ines.pk]]


def test_reason_and_last_day_are_changed_in_place(alice: Client, northwind: Northwind) -> None:
    add(alice, "private.example")
    with tenant_scope(northwind.tenant.pk):
        entry = Exclusion.objects.get()
    last = timezone.localdate() + timedelta(days=3)
    form = alice.get(f"{PAGE}{entry.pk}/edit/", headers=HTMX)
    assert "Last day" in words(form)
    page = alice.post(f"{PAGE}{entry.pk}/edit/", {"reason": "Holiday", "ends_at": str(last)}, headers=HTMX)
    assert "Holiday" in words(page)
    assert "until" in words(page)
    past = alice.post(f"{PAGE}{entry.pk}/edit/", {"ends_at": "2020-01-01"}, headers=HTMX)
    assert past.status_code == 422
    assert "This has passed" in words(past)


def test_an_ended_entry_acts_no_more_and_is_shown_for_30_days(alice: Client, northwind: Northwind) -> None:
    now = timezone.now()
    with tenant_scope(northwind.tenant.pk):
        for value, days in (("lately.example", 1), ("long-ago.example", 31)):
            Exclusion.objects.create(
                kind="domain", value=value, created_by=northwind.alice, ends_at=now - timedelta(days=days)
            )
    page = alice.get(PAGE)
    assert values(page) == ["lately.example"]
    assert "Ended" in words(page)
    assert "Import missed" in words(page)
    add(alice, "lately.example")
    assert "Ended" not in words(alice.get(PAGE))


def test_the_list_is_searched_by_address_reason_and_author(alice: Client, bob: Client) -> None:
    add(bob, "clinic.example", reason="Doctor")
    add(alice, "bank.example")
    for q, expected in (("clin", ["clinic.example"]), ("doctor", ["clinic.example"]), ("lindqvist", ["bank.example"])):
        assert values(alice.get(PAGE, {"q": q})) == expected
    assert "Nothing like that is excluded" in words(alice.get(PAGE, {"q": "nowhere"}, headers=HTMX))


def test_ten_thousand_entries_cost_a_page_what_ten_do(alice: Client, northwind: Northwind) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(PAGE).status_code == 200
        return len(captured)

    def fill(start: int, end: int) -> None:
        with tenant_scope(northwind.tenant.pk):
            Exclusion.objects.bulk_create(
                Exclusion(kind="domain", value=f"d{number}.example", created_by=northwind.bob)
                for number in range(start, end)
            )

    fill(0, 10)
    alice.get(PAGE)
    few = queries()
    fill(10, 10_000)
    assert queries() == few
    page = alice.get(PAGE)
    assert len(values(page)) == 50
    more = alice.get(page.context["next_url"], headers=HTMX)
    assert len(values(more)) == 50
    assert not set(values(more)) & set(values(page))


def test_nobody_of_another_account_is_touched(
    alice: Client, globex: Globex, client_of: Callable[[Membership], Client]
) -> None:
    charlie = client_of(globex.charlie)
    add(charlie, "private.example")
    add(alice, "private.example")
    assert values(charlie.get(PAGE)) == ["private.example"]
    assert "Charlie" not in words(alice.get(PAGE))
