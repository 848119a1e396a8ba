from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import names


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Łódź Metal", "lodz metal"),
        ("Straße", "strasse"),
        ("SØRENSEN", "sorensen"),
        ("İstanbul Işık", "istanbul isik"),
        ("ΑΘΉΝΑ", "αθηνα"),
        ("東京  ガス", "東京 ガス"),
        ("Ｗｉｄｅ", "wide"),
        ("e\u0301te\u0301", "ete"),
    ],
)
def test_folding_leaves_what_people_type(written: str, folded: str) -> None:
    assert names.fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert names.fold(names.fold(text)) == names.fold(text)


@given(st.text(), st.text())
def test_a_phrase_is_found_by_its_folded_words(first: str, second: str) -> None:
    found = names.search_text([f"{first} {second}"], [], [])
    assert all(word in found for word in names.search_words(first[:50])[:8])


def test_a_phone_is_found_as_written_and_as_digits() -> None:
    text = names.search_text([], ["+33 (4) 72-00"], [])
    assert "+33 (4) 72-00" in text
    assert "347200" in text.replace("3347200", "347200")


@pytest.mark.parametrize(
    ("person", "sorted_as"),
    [
        (("Ines", "Moreau", "Atelier", ["i@x.example"]), "moreau ines"),
        (("Ines", "", "Atelier", ["i@x.example"]), "ines"),
        (("", "", "Atelier", ["i@x.example"]), "atelier"),
        (("", "", "", ["i@x.example"]), "i@x.example"),
    ],
)
def test_a_contact_is_sorted_by_the_best_there_is(person: tuple[str, str, str, list[str]], sorted_as: str) -> None:
    assert names.sort_name(*person) == sorted_as


def test_no_company_comes_after_every_company() -> None:
    assert max(map(names.company_key, ["", "zulu", "東京ガス", "Ωmega"])) == names.company_key("")
