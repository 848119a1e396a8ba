from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.filters import Criteria, InvalidCriteria

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60).map(str.strip)
days = st.none() | st.dates()
criteria = st.builds(
    Criteria,
    q=texts,
    tags=st.lists(st.integers(1, 2**40), unique=True, max_size=5).map(tuple),
    owner=st.none() | st.integers(0, 2**40),
    company=texts,
    address=texts,
    has_email=st.none() | st.booleans(),
    created_from=days,
    created_until=days,
    updated_from=days,
    updated_until=days,
    updated_since=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(criteria)
def test_criteria_survive_the_url(wanted: Criteria) -> None:
    assert Criteria.from_query(parse_qs(wanted.to_query())) == wanted


@given(criteria)
def test_criteria_survive_being_saved(wanted: Criteria) -> None:
    assert Criteria.from_json(wanted.to_json()) == wanted


def test_the_url_reads_well() -> None:
    wanted = Criteria(q="lyon", tags=(3, 5), has_email=True, created_from=date(2026, 3, 31))
    assert wanted.to_query() == "q=lyon&tag=3&tag=5&has_email=yes&created_from=2026-03-31"


def test_what_is_not_asked_is_not_in_the_url() -> None:
    assert Criteria().to_query() == ""
    assert not Criteria()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("tag", "x", "tags by their numbers"),
        ("tag", "-1", "tags by their numbers"),
        ("owner", "99999999999999999999999", "a member's number"),
        ("created_from", "31.3.2026", "a day like 2026-03-31"),
        ("updated_since", "2026-03-31T10:00", "a time with its zone"),
        ("has_email", "maybe", "yes or no"),
        ("q", "x" * 201, "at most 200 characters"),
        ("company", "a\x00b", "at most 200 characters"),
    ],
)
def test_a_bad_value_is_named_with_its_remedy_and_the_rest_is_read(name: str, value: str, remedy: str) -> None:
    with pytest.raises(InvalidCriteria, match=remedy) as caught:
        Criteria.from_query({name: [value], "address": ["ines@mail.example"]})
    assert list(caught.value.problems) == [name]
    assert caught.value.readable == Criteria(address="ines@mail.example")


@given(st.dictionaries(st.sampled_from([*Criteria.__dataclass_fields__, "x"]), st.none() | texts | st.lists(texts)))
def test_whatever_was_saved_is_read_or_refused(values: dict[str, object]) -> None:
    with contextlib.suppress(InvalidCriteria):
        assert Criteria.from_json(values).to_json().keys() <= values.keys()


def test_one_criterion_can_be_taken_out() -> None:
    wanted = Criteria(q="lyon", tags=(3, 5), updated_since=datetime(2026, 1, 1, tzinfo=UTC))
    assert wanted.without("tags", 3).tags == (5,)
    assert wanted.without("tags").tags == ()
    assert wanted.without("q").q == ""
