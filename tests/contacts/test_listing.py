from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import queries
from contacts.filters import NOBODY, SORTS, Criteria
from contacts.models import Contact
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make, names_seen_by

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def people(make: Make, northwind: Northwind, scope: None) -> list[Contact]:
    """Ines (tagged), Tomasz (Bob's) and Yuki (no address), made on three days of March."""
    made = [
        make(INES),
        make(replace(TOMASZ, owner_id=northwind.bob.pk)),
        make(first_name="由紀", last_name="田中", company="Ōsaka Gas", phones=("+81 3-1234-5678",)),
    ]
    for day, contact in enumerate(made, start=1):
        moment = datetime(2026, 3, day, 12, tzinfo=UTC)
        Contact.objects.filter(pk=contact.pk).update(created_at=moment, updated_at=moment)
    return made


@pytest.mark.usefixtures("people")
class TestSearch:
    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("moreau", ["Ines Moreau"]),
            ("LODZ", ["Tomasz Kowal"]),
            ("łódź kow", ["Tomasz Kowal"]),
            ("osaka", ["由紀 田中"]),
            ("田中", ["由紀 田中"]),
            ("i.moreau@mail", ["Ines Moreau"]),
            ("81312345678", ["由紀 田中"]),
            ("81 3-1234", ["由紀 田中"]),
            ("purchasing lyon", ["Ines Moreau"]),
            ("moreau kowal", []),
            ("100%", []),
            ("_", []),
            ("\\", []),
        ],
    )
    def test_every_word_must_occur_in_any_spelling(self, northwind: Northwind, q: str, found: list[str]) -> None:
        assert names_seen_by(northwind.alice, Criteria(q=q)) == found


class TestFilters:
    def test_each_narrows_and_all_combine(self, people: list[Contact], northwind: Northwind) -> None:
        france = queries.tags().get(name="france").pk
        key = queries.tags().get(name="key account").pk
        expected = {
            Criteria(tags=(france,)): ["Ines Moreau"],
            Criteria(tags=(france, key)): ["Ines Moreau"],
            Criteria(tags=(france, 10**9)): [],
            Criteria(owner=northwind.bob.pk): ["Tomasz Kowal"],
            Criteria(owner=NOBODY): ["Ines Moreau", "由紀 田中"],
            Criteria(company="ATELIER LYON"): ["Ines Moreau"],
            Criteria(address="I.Moreau@MAIL.example"): ["Ines Moreau"],
            Criteria(address="nonsense"): [],
            Criteria(has_email=False): ["由紀 田中"],
            Criteria(has_email=True, owner=NOBODY): ["Ines Moreau"],
            Criteria(created_from=date(2026, 3, 2)): ["Tomasz Kowal", "由紀 田中"],
            Criteria(created_until=date(2026, 3, 1)): ["Ines Moreau"],
            Criteria(updated_from=date(2026, 3, 2), updated_until=date(2026, 3, 2)): ["Tomasz Kowal"],
            Criteria(updated_since=datetime(2026, 3, 3, 12, tzinfo=UTC)): ["由紀 田中"],
            Criteria(created_from=date.min, created_until=date.max, q="lyon"): ["Ines Moreau"],
        }
        assert {criteria: names_seen_by(northwind.ada, criteria) for criteria in expected} == expected


@pytest.mark.usefixtures("people")
class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "first"),
        [
            ("name", "Tomasz Kowal"),
            ("-name", "由紀 田中"),
            ("company", "Ines Moreau"),
            ("-company", "由紀 田中"),
            ("created", "Ines Moreau"),
            ("-created", "由紀 田中"),
            ("updated", "Ines Moreau"),
            ("-updated", "由紀 田中"),
        ],
    )
    def test_a_list_is_sorted_as_asked(self, northwind: Northwind, sort: str, first: str) -> None:
        assert queries.contact_page(northwind.bob, Criteria(), sort=sort).items[0].name == first

    def test_those_without_a_company_come_last(self, make: Make, northwind: Northwind) -> None:
        make(last_name="Aarons")
        assert queries.contact_page(northwind.bob, Criteria(), sort="company").items[-1].name == "Aarons"

    @pytest.mark.parametrize("sort", SORTS)
    def test_pages_follow_one_another(self, northwind: Northwind, sort: str) -> None:
        whole = queries.contact_page(northwind.bob, Criteria(), sort=sort).items
        first = queries.contact_page(northwind.bob, Criteria(), sort=sort, limit=2)
        rest = queries.contact_page(northwind.bob, Criteria(), sort=sort, limit=2, cursor=first.next)
        assert first.items + rest.items == whole


def statements_for_a_page(northwind: Northwind) -> int:
    with CaptureQueriesContext(connection) as statements:
        for contact in queries.contact_page(northwind.bob, Criteria(q="o")).items:
            queries.data_of(contact)
            str(contact.owner)
    return len(statements)


def test_a_page_costs_three_statements_however_long_it_is(make: Make, northwind: Northwind) -> None:
    make(INES)
    assert statements_for_a_page(northwind) == 3
    for number in range(10):
        make(last_name=f"Olsson {number}", emails=(f"o{number}@x.example",), tags=("o",), owner_id=northwind.ada.pk)
    assert statements_for_a_page(northwind) == 3


def test_counting_stops_where_it_no_longer_matters(make: Make, northwind: Northwind) -> None:
    for number in range(4):
        make(last_name=f"Olsson {number}")
    assert queries.count_up_to(queries.matching(northwind.bob, Criteria(q="ol")), 2) == 3
