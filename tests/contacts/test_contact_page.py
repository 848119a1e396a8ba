from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from contacts import operations, queries
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.contacts.conftest import INES, Make, value_of

FORM = {"first_name": "Ines", "last_name": "Moreau", "emails": ["ines@mail.example", ""], "phones": [""]}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def bob(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.bob)


@pytest.fixture
def ines(make: Make) -> Contact:
    return make(INES)


def now(northwind: Northwind, contact: Contact) -> Contact:
    with tenant_scope(northwind.tenant.pk):
        return queries.get_contact(northwind.bob, contact.pk)


class TestAdding:
    def test_a_contact_is_added_and_shown(self, bob: Client) -> None:
        page = bob.post("/contacts/new/", {**FORM, "tags": "trial, france"}, follow=True)
        assert page.status_code == 200
        text = page.content.decode()
        assert "Added Ines Moreau." in text
        assert "trial" in text

    def test_the_form_is_filled_from_a_link_and_owned_by_its_reader(self, bob: Client, northwind: Northwind) -> None:
        page = bob.get("/contacts/new/?email=ines@mail.example&first_name=Ines").content.decode()
        assert 'value="ines@mail.example"' in page
        assert f'<option value="{northwind.bob.pk}" selected>' in page

    def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(self, bob: Client) -> None:
        data = {**FORM, "emails": ["ines@mail.example", "nonsense"], "last_name": "x" * 101}
        response = bob.post("/contacts/new/", data)
        page = response.content.decode()
        assert response.status_code == 422
        assert "Last name has 101 characters" in page
        assert 'aria-describedby="id_emails_1_error"' in page
        assert 'value="nonsense"' in page

    def test_companies_are_suggested_as_they_are_typed(self, bob: Client, make: Make) -> None:
        make(INES)
        assert "Atelier Lyon" in bob.get("/contacts/companies/?company=ATÉ").content.decode()
        assert "Atelier Lyon" not in bob.get("/contacts/companies/?company=").content.decode()
        assert "Atelier Lyon" in bob.get("/contacts/companies/?company=Atelier%00").content.decode()

    def test_an_empty_form_says_what_is_needed(self, bob: Client) -> None:
        assert "a name, a company or an email address" in bob.post("/contacts/new/", {}).content.decode()


class TestEditing:
    def form(self, contact: Contact, **changes: object) -> dict[str, object]:
        return {
            "first_name": "Ines",
            "last_name": "Moreau",
            "company": "Atelier Lyon",
            "title": "Head of purchasing",
            "emails": ["ines@atelier-lyon.example", "i.moreau@mail.example"],
            "phones": ["+33 4 72 00 00 00"],
            "seen": contact.updated_at.isoformat(),
            **changes,
        }

    def test_the_form_shows_everything_and_a_row_to_spare(self, bob: Client, ines: Contact) -> None:
        page = bob.get(f"/contacts/{ines.pk}/edit/").content.decode()
        assert page.count('name="emails"') == 3
        assert 'value="i.moreau@mail.example"' in page

    def test_what_is_changed_is_saved_and_tags_stay(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        data = self.form(ines, title="CEO", emails=["", "ines@atelier-lyon.example"])
        page = bob.post(f"/contacts/{ines.pk}/edit/", data, follow=True).content.decode()
        assert "CEO" in page
        data_now = queries.data_of(now(northwind, ines))
        assert data_now.emails == ("ines@atelier-lyon.example",)
        assert data_now.tags == ("france", "key account")

    def test_another_persons_change_is_shown_and_not_overwritten(
        self, bob: Client, ines: Contact, northwind: Northwind
    ) -> None:
        first = bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, title="CEO"))
        assert first.status_code == 302
        response = bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, company="Lyon SA"))
        page = response.content.decode()
        assert response.status_code == 422
        assert "changed while you were editing" in page
        assert "CEO" in page
        assert 'value="Lyon SA"' in page
        assert now(northwind, ines).company == "Atelier Lyon"

    def test_saving_again_replaces_it(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, title="CEO"))
        page = bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, company="Lyon SA")).content.decode()
        seen = value_of(page, "seen")
        assert bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, company="Lyon SA", seen=seen)).status_code == 302
        assert now(northwind, ines).company == "Lyon SA"

    def test_one_can_make_it_private_only_as_its_owner(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        page = bob.post(f"/contacts/{ines.pk}/edit/", self.form(ines, is_private="on")).content.decode()
        assert "make yourself the owner" in page
        mine = self.form(ines, is_private="on", owner=northwind.bob.pk)
        assert "Only you" in bob.post(f"/contacts/{ines.pk}/edit/", mine, follow=True).content.decode()


class TestThePage:
    def test_it_shows_what_is_known(self, bob: Client, ines: Contact) -> None:
        page = bob.get(f"/contacts/{ines.pk}/").content.decode()
        for text in (*INES.emails, *INES.phones, "Head of purchasing", "key account", "Nobody"):
            assert text in page

    def test_an_address_adds_nothing_to_the_mail_it_begins(self, bob: Client, make: Make) -> None:
        contact = make(emails=("a?bcc=spy&x=1@mail.example",))
        page = bob.get(f"/contacts/{contact.pk}/").content.decode()
        assert 'href="mailto:a%3Fbcc%3Dspy%26x%3D1@mail.example"' in page

    def test_it_hints_at_the_same_person(self, bob: Client, ines: Contact, make: Make) -> None:
        twin = make(first_name="Ines", last_name="Moreau")
        assert f"/contacts/merge/?ids={ines.pk}&amp;ids={twin.pk}" in bob.get(f"/contacts/{ines.pk}/").content.decode()

    def test_it_can_be_deleted_and_brought_back(self, bob: Client, ines: Contact) -> None:
        page = bob.post(f"/contacts/{ines.pk}/delete/", follow=True).content.decode()
        assert "Deleted Ines Moreau." in page
        assert bob.get(f"/contacts/{ines.pk}/").status_code == 404

    def test_it_costs_the_same_with_many_notes_and_addresses(
        self, bob: Client, ines: Contact, make: Make, northwind: Northwind
    ) -> None:
        small = make(last_name="Kowal", emails=("k@mail.example",), tags=("trial",))
        with tenant_scope(northwind.tenant.pk):
            for contact in (ines, ines, ines, small):
                operations.create_note(actor=northwind.alice, contact=contact, text="Called.")
        bob.get(f"/contacts/{ines.pk}/")
        with CaptureQueriesContext(connection) as many:
            bob.get(f"/contacts/{ines.pk}/")
        with CaptureQueriesContext(connection) as few:
            bob.get(f"/contacts/{small.pk}/")
        assert len(many) == len(few)


class TestTags:
    def test_one_goes_on_and_comes_off(self, bob: Client, ines: Contact) -> None:
        url = f"/contacts/{ines.pk}/tags/"
        assert "Tagged 1 contact “vip”." in bob.post(url, {"tag": "vip"}, follow=True).content.decode()
        page = bob.post(url, {"tag": "met, lyon"}, headers=FRAGMENT).content.decode()
        assert "<html" not in page
        tag_id = value_of(page, "remove", last=True)
        assert "Took “vip” off" in bob.post(url, {"remove": tag_id}, headers=FRAGMENT).content.decode()

    def test_a_bad_one_is_told_in_place(self, bob: Client, ines: Contact) -> None:
        page = bob.post(f"/contacts/{ines.pk}/tags/", {"tag": "x" * 41}, headers=FRAGMENT).content.decode()
        assert "use at most 40 characters" in page


class TestNotes:
    def test_one_is_written_and_seen_by_the_team(self, bob: Client, ines: Contact) -> None:
        page = bob.post(f"/contacts/{ines.pk}/notes/", {"text": "Likes tea.\n\nNot coffee."}, follow=True)
        assert "<p>Likes tea.</p>" in page.content.decode()

    def test_an_empty_one_is_told(self, bob: Client, ines: Contact) -> None:
        response = bob.post(f"/contacts/{ines.pk}/notes/", {"text": " "}, headers=FRAGMENT)
        assert response.status_code == 422
        assert "The note is empty" in response.content.decode()

    def test_its_author_edits_it(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            note = operations.create_note(actor=northwind.bob, contact=ines, text="Likes tea.")
        assert "Likes tea." in bob.get(f"/contacts/notes/{note.pk}/").content.decode()
        page = bob.post(f"/contacts/notes/{note.pk}/", {"text": "Likes coffee."}, follow=True).content.decode()
        assert "Likes coffee." in page
        assert "edited" in page

    def test_nobody_else_does(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            note = operations.create_note(actor=northwind.alice, contact=ines, text="Likes tea.")
        assert bob.post(f"/contacts/notes/{note.pk}/", {"text": "Forged"}).status_code == 403
        assert bob.post(f"/contacts/notes/{note.pk}/delete/").status_code == 403

    def test_markup_is_text(self, bob: Client, ines: Contact) -> None:
        page = bob.post(f"/contacts/{ines.pk}/notes/", {"text": "<script>x</script>"}, follow=True).content.decode()
        assert "<script>x" not in page

    def test_older_ones_come_by_the_cursor(self, bob: Client, ines: Contact, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            for number in range(21):
                operations.create_note(actor=northwind.bob, contact=ines, text=f"Call nr {number:02}.")
        page = bob.get(f"/contacts/{ines.pk}/").content.decode()
        assert "Call nr 00." not in page
        url = page.split("cursor=")[1].split('"')[0]
        older = bob.get(f"/contacts/{ines.pk}/?cursor={url}", headers=FRAGMENT).content.decode()
        assert "Call nr 00." in older


class TestMerging:
    def test_the_chosen_one_stays(self, bob: Client, ines: Contact, make: Make, northwind: Northwind) -> None:
        twin = make(first_name="I.", emails=("ines@new.example",))
        ids = f"ids={ines.pk}&ids={twin.pk}"
        assert "Merge 2 contacts" in bob.get(f"/contacts/merge/?{ids}").content.decode()
        data = {"ids": [ines.pk, twin.pk], "into": ines.pk}
        page = bob.post("/contacts/merge/", data, follow=True).content.decode()
        assert "Merged 1 contact into Ines Moreau." in page
        assert "ines@new.example" in page
        assert bob.get(f"/contacts/{twin.pk}/").status_code == 404

    def test_those_ticked_on_the_list_are_shown_to_choose_from(self, bob: Client, ines: Contact, make: Make) -> None:
        twin = make(first_name="I.")
        response = bob.post("/contacts/merge/", {"ids": [ines.pk, twin.pk], "query": ""})
        assert response.status_code == 200
        assert "Merge 2 contacts" in response.content.decode()

    @pytest.mark.parametrize("query", ["", "ids=1", "ids=x&ids=y", "ids=999998&ids=999999"])
    def test_fewer_than_two_are_told(self, bob: Client, query: str) -> None:
        assert "at least two different contacts" in bob.get(f"/contacts/merge/?{query}").content.decode()
