"""The queries of a walk, by themselves: whatever the addresses, each is asked for, and none says more than itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.google.search.grammar import And, Node, Not, Or, Term, parse
from providers.base import Search
from providers.gmail import query
from providers.gmail.walk import LONGEST, Question, Walk

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LOCAL = st.text(st.sampled_from("abz09.-_+'\"\\ {}()*|:,;<>@/=!ü-\t"), min_size=1, max_size=12)
ADDRESSES = st.builds("{}@{}".format, LOCAL, st.sampled_from(["contoso.example", "x.example", "xn--bcher-kva.example"]))
ENTRIES = ADDRESSES | st.sampled_from(["@private.example", "@contoso.example"])


def questions(search: Search, *, hits: int = 0) -> list[Question]:
    """Each question of a walk; every query has ``hits`` further pages."""
    walk, found = Walk(search), []
    question = walk.question(walk.begin())
    pages = 0
    while question is not None:
        found.append(question)
        pages = pages + 1 if pages < hits else 0
        step = walk.after(question.step, "token" if pages else None)
        question = walk.question(walk.resume(step.dumps())) if step else None
        assert len(found) < 5000
    return found


@pytest.mark.parametrize(
    ("address", "term"),
    [
        ("carla@contoso.example", "from:carla@contoso.example"),
        ("c.a_r+l-a@contoso.example", "from:c.a_r+l-a@contoso.example"),
        ("-carla@contoso.example", 'from:"-carla@contoso.example"'),
        ("o'neil@contoso.example", 'from:"o\'neil@contoso.example"'),
        ("{carla}@contoso.example", 'from:"{carla}@contoso.example"'),
        ('"a b"@contoso.example', 'from:"a b contoso example"'),
        ("*carla@contoso.example", 'from:"carla contoso example"'),
        ("jürgen@contoso.example", 'from:"jürgen contoso example"'),
        ("@contoso.example", "from:contoso.example"),
    ],
)
def test_a_term_is_as_plain_as_its_address(address: str, term: str) -> None:
    assert query.term("from", address) == term


@given(ENTRIES)
def test_an_address_is_one_term_whatever_it_is_made_of(address: str) -> None:
    """S3, by the grammar that the emulator reads Gmail's queries by."""
    node = parse(f"{{{query.term('from', address)} to:x@y.example}}")
    assert isinstance(node, Or)
    first, second = node.parts
    assert isinstance(first, Term)
    assert first.operator == "from"
    assert second == Term("to", "x@y.example")
    if query.is_exact(address):
        assert first.value == address


@settings(max_examples=40, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=30, unique=True), st.lists(ENTRIES, max_size=30))
def test_a_query_is_its_group_its_doubts_and_its_window(addresses: list[str], excluded: list[str]) -> None:
    for question in questions(Search(addresses, NOW - timedelta(days=100), NOW, excluded)):
        node = parse(question.q)
        assert isinstance(node, And)
        group, *rest = node.parts
        assert {term.operator for term in terms(group)} == {"from", "to", "cc"}
        assert {term.operator for part in rest for term in terms(part)} >= {"after", "before", "in"}
        assert question.concerns == any(isinstance(part, Not) and isinstance(part.part, Or) for part in rest)


@settings(max_examples=40, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=40, unique=True), st.lists(ENTRIES, max_size=60))
def test_every_address_is_asked_for_in_every_window(addresses: list[str], excluded: list[str]) -> None:
    asked = questions(Search(addresses, None, NOW, excluded))
    for window in {question.step.window for question in asked if not is_doubt(question)}:
        named = [term for question in asked if question.step.window == window for term in query_terms(question)]
        assert sorted(named) == sorted(query.term("from", address) for address in set(addresses))


@settings(max_examples=40, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=40, unique=True), st.lists(ENTRIES, max_size=60), st.integers(0, 3))
def test_what_is_left_out_is_asked_for_at_last(addresses: list[str], excluded: list[str], hits: int) -> None:
    """The two rounds are complements: the doubts of the one are the other's condition, word for word."""
    asked = questions(Search(addresses, None, NOW, excluded), hits=hits)
    left_out = {part for question in asked if question.concerns for part in [question.q.split(" -{")[1].split("}")[0]]}
    asked_for = {question.q.split("} {")[1].split("}")[0] for question in asked if is_doubt(question)}
    assert left_out == asked_for


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ADDRESSES, min_size=1, max_size=20, unique=True),
    st.lists(st.none() | st.lists(ENTRIES, max_size=40), min_size=1, max_size=6),
)
def test_what_was_left_out_is_asked_for_at_last_whatever_is_excluded_by_then(
    addresses: list[str], lists: list[list[str] | None]
) -> None:
    """R12: entries come and go on the way; none of what the walk wants is missed for that."""
    asked: list[Question] = []
    token: str | None = ""
    while token is not None:
        walk = Walk(Search(addresses, None, NOW, lists[min(len(asked), len(lists) - 1)]), "Postroom: never")
        question = walk.question(walk.resume(token))
        if question is None:
            break
        asked.append(question)
        following = walk.after(question.step, None)
        token = following.dumps() if following else None
    certain = [set(re.findall(r"from:\S+", each.q.split(" -{")[1])) for each in asked if each.concerns]
    doubted = [set(re.findall(r"from:\S+", each.q.split("} {")[1])) for each in asked if is_doubt(each)]
    assert not certain or doubted
    assert all(left_out <= at_last for left_out in certain for at_last in doubted)
    assert all('label:"postroom: never"' in each.q for each in asked if each.concerns or is_doubt(each))


def test_a_page_is_of_its_question_alone() -> None:
    """What is excluded between two pages makes another query, which begins with its first."""
    search = Search(["a@x.example"], None, NOW)
    question = Walk(search).question(Walk(search).begin())
    assert question is not None
    following = Walk(search).after(question.step, "page 2")
    assert following is not None
    same, other = Walk(search), Walk(Search(["a@x.example"], None, NOW, ["eve@private.example"]))
    asked = [walk.question(walk.resume(following.dumps())) for walk in (same, other)]
    assert [each.step.page for each in asked if each] == ["page 2", ""]


@pytest.mark.parametrize("count", [1, 100, 600])
@pytest.mark.parametrize("exclusions", [0, 20, 40])
def test_a_query_fits_into_a_url(count: int, exclusions: int) -> None:
    addresses = [f"first.last{number}@department.contoso.example" for number in range(count)]
    excluded = [f"somebody{number}@private.example" for number in range(exclusions)]
    for question in questions(Search(addresses, None, NOW, excluded)):
        assert query.length(question.q) <= LONGEST + 20


def test_the_order_of_contacts_does_not_matter() -> None:
    """A set has none, and a token must be good for the next worker's."""
    there, back = Search(["b@x.example", "a@x.example"], None, NOW), Search(["a@x.example", "b@x.example"], None, NOW)
    step = Walk(there).begin()
    assert Walk(back).resume(step.dumps()) == step


def test_a_token_keeps_the_end_of_the_walk_where_it_was() -> None:
    walk = Walk(Search(["a@x.example"], None, NOW))
    later = Walk(Search(["a@x.example"], None, NOW + timedelta(days=1)))
    assert later.resume(walk.begin().dumps()).until == NOW.timestamp()


def test_few_contacts_are_walked_by_small_windows_and_many_by_large_ones() -> None:
    few = questions(Search(["a@x.example"], None, NOW))
    assert len(few) == 5
    many = questions(Search([f"a{number}@x.example" for number in range(600)], None, NOW))
    assert max(question.step.window for question in many) == 2


@pytest.mark.parametrize("days", [10, 30, 31, 90, 365, 366])
def test_windows_end_where_the_walk_does(days: int) -> None:
    since = NOW - timedelta(days=days)
    asked = questions(Search(["a@x.example"], since, NOW))
    bounds = [tuple(map(int, re.findall(r"(?:after|before):(\d+)", question.q))) for question in asked]
    assert bounds[0][1] == NOW.timestamp()
    assert bounds[-2][0] == since.timestamp() - 1
    for (after, _), (_, before) in pairwise(bounds[:-1]):
        assert before == after + 1


@given(st.text(max_size=80))
def test_any_text_is_a_token_or_a_new_beginning(token: str) -> None:
    walk = Walk(Search(["a@x.example"], None, NOW))
    assert walk.resume(token) == walk.begin()


def terms(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case Not():
            return terms(node.part)
        case _:
            return [term for part in node.parts for term in terms(part)]


def is_doubt(question: Question) -> bool:
    return "} {" in question.q


def query_terms(question: Question) -> list[str]:
    """The ``from:`` terms of a question's group, as written."""
    group = question.q.split("} ")[0] if not question.q.startswith('{from:"{') else question.q
    found = re.findall(r'from:(?:"[^"]*"|[^\s}]+)', group.split(" -{")[0])
    return list(found)
