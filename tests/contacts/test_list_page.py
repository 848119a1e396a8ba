from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from contacts import operations
from contacts.filters import Criteria
from contacts.forms.listing import BulkForm
from contacts.operations import FilterData
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, value_of

ClientOf = Callable[[Membership], Client]


@pytest.fixture
def bob(client_of: ClientOf, northwind: Northwind) -> Client:
    return client_of(northwind.bob)


def shown(client: Client, url: str, **headers: str) -> str:
    response = client.get(url, headers={**headers})
    assert response.status_code == 200
    return response.content.decode()


FRAGMENT = {"HX-Request": "true"}


class TestTheList:
    def test_it_says_what_to_do_while_it_is_empty(self, bob: Client) -> None:
        page = shown(bob, "/contacts/")
        assert "No contacts yet" in page
        assert "/contacts/import/" in page

    def test_it_shows_what_is_asked_for(self, bob: Client, make: Make) -> None:
        make(INES), make(TOMASZ)
        page = shown(bob, "/contacts/?q=LYON")
        assert "Ines Moreau" in page
        assert "Tomasz Kowal" not in page
        assert ">1 contact<" in page

    def test_without_a_hit_it_offers_the_way_back(self, bob: Client, make: Make) -> None:
        make(INES)
        assert "Clear all filters" in shown(bob, "/contacts/?q=nobody")

    def test_every_criterion_is_a_chip_that_takes_itself_away(self, bob: Client, make: Make) -> None:
        make(INES)
        page = shown(bob, "/contacts/?q=lyon&company=Atelier+Lyon&sort=-name")
        assert "Company: Atelier Lyon" in page
        assert 'href="/contacts/?q=lyon&amp;sort=-name"' in page

    def test_a_bad_criterion_is_left_out_and_told(self, bob: Client, make: Make) -> None:
        make(INES)
        page = shown(bob, "/contacts/?created_from=yesterday")
        assert "write a day like 2026-03-31" in page
        assert "Ines Moreau" in page

    @pytest.mark.parametrize("query", ["sort=nonsense", "cursor=forged", "filter=x", "filter=999", "page=7"])
    def test_a_made_up_address_shows_the_list(self, bob: Client, make: Make, query: str) -> None:
        make(INES)
        assert "Ines Moreau" in shown(bob, f"/contacts/?{query}")

    def test_while_one_types_only_the_results_come(self, bob: Client, make: Make) -> None:
        make(INES)
        page = shown(bob, "/contacts/?q=ines", **FRAGMENT)
        assert "Ines Moreau" in page
        assert "<html" not in page

    def test_more_rows_come_by_the_cursor(self, bob: Client, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            for number in range(51):
                operations.create_contact(
                    actor=northwind.bob, data=INES.__class__(last_name=f"Nr {number:02}", company="Many")
                )
        page = shown(bob, "/contacts/?company=Many")
        assert "Nr 49" in page
        assert "Nr 50" not in page
        [more] = {part.split('"')[0] for part in page.split('hx-get="')[1:] if "cursor=" in part.split('"')[0]}
        rows = shown(bob, more.replace("&amp;", "&"), **FRAGMENT)
        assert "Nr 50" in rows
        assert "Nr 49" not in rows

    def test_it_costs_the_same_however_many_are_shown(self, bob: Client, make: Make) -> None:
        make(INES)
        shown(bob, "/contacts/")
        with CaptureQueriesContext(connection) as few:
            shown(bob, "/contacts/")
        for number in range(8):
            make(last_name=f"Kowal {number}", tags=(f"tag {number}",), emails=(f"k{number}@mail.example",))
        with CaptureQueriesContext(connection) as many:
            shown(bob, "/contacts/")
        assert len(many) == len(few)


class TestManyAtOnce:
    def test_the_ticked_ones_are_deleted_and_come_back(self, bob: Client, make: Make) -> None:
        ines, tomasz = make(INES), make(TOMASZ)
        data = {"ids": [ines.pk], "do": "delete", "query": "sort=-name"}
        page = bob.post("/contacts/bulk/", data, follow=True)
        assert page.redirect_chain == [("/contacts/?sort=-name", 302)]
        assert "Deleted Ines Moreau." in page.content.decode()
        undo = value_of(page.content.decode(), "id")
        page = bob.post("/undo/", {"id": undo}, headers={"Referer": "http://testserver/contacts/"}, follow=True)
        assert "Restored Ines Moreau." in page.content.decode()
        assert f"/contacts/{tomasz.pk}/" in page.content.decode()

    def test_all_that_match_are_tagged(self, bob: Client, make: Make) -> None:
        make(INES), make(TOMASZ)
        data = {"all": "yes", "query": "q=kowal", "do": "tag", "tag": "met"}
        page = bob.post("/contacts/bulk/", data, follow=True).content.decode()
        assert "Tagged 1 contact “met”." in page

    def test_a_tag_is_taken_off(self, bob: Client, make: Make) -> None:
        ines = make(INES)
        tag = ines.tags.all()[0]
        page = bob.post("/contacts/bulk/", {"ids": [ines.pk], "untag": tag.pk}, follow=True).content.decode()
        assert f"Took “{tag}” off 1 contact." in page

    @pytest.mark.parametrize(
        "data", [{}, {"ids": ["x"]}, {"ids": ["9" * 30], "do": "delete"}, {"do": "tag"}, {"untag": "x"}]
    )
    def test_nonsense_changes_nothing(self, bob: Client, make: Make, data: dict[str, object]) -> None:
        make(INES)
        assert "Ines Moreau" in bob.post("/contacts/bulk/", data, follow=True).content.decode()


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_ticked_contacts_are_not_compared_with_each_other() -> None:
    data = QueryDict(mutable=True)
    data.setlist("ids", [Counted(number) for number in range(1, 101)])
    form = BulkForm(data)
    assert form.is_valid()
    assert form.selection().ids == tuple(range(1, 101))
    assert Counted.comparisons <= 1_000


class TestSavedFilters:
    def test_what_the_list_shows_can_be_saved_and_found_again(self, bob: Client, make: Make) -> None:
        make(INES), make(TOMASZ)
        page = bob.post("/contacts/filters/new/", {"name": "In Lyon", "query": "q=lyon"}, follow=True)
        assert "Tomasz" not in page.content.decode()
        assert "<h1>In Lyon</h1>" in page.content.decode()
        assert "In Lyon" in shown(bob, "/contacts/")

    def test_errors_are_shown_beside_the_name(self, bob: Client) -> None:
        response = bob.post("/contacts/filters/new/", {"name": "", "query": "q=lyon"})
        assert response.status_code == 422
        assert "A filter needs a name." in response.content.decode()

    def test_a_filter_that_asks_nothing_is_told(self, bob: Client) -> None:
        response = bob.post("/contacts/filters/new/", {"name": "All", "query": ""})
        assert "asks for nothing" in response.content.decode()

    def test_it_can_be_renamed_and_deleted(self, bob: Client, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            data = FilterData(name="In Lyon", criteria=Criteria(q="lyon"))
            saved = operations.create_filter(actor=northwind.bob, data=data)
        url = f"/contacts/filters/{saved.pk}/"
        assert "In Lyon" in shown(bob, url)
        page = bob.post(url, {"name": "Lyonnais", "query": "q=lyon"}, follow=True).content.decode()
        assert "<h1>Lyonnais</h1>" in page
        assert "Deleted the filter “Lyonnais”." in bob.post(f"{url}delete/", follow=True).content.decode()

    def test_a_member_cannot_share_one(self, bob: Client) -> None:
        data = {"name": "Ours", "query": "q=lyon", "is_shared": "on"}
        assert bob.post("/contacts/filters/new/", data).status_code == 403
