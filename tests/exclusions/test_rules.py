from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exclusions.rules import InvalidRule, Kind, Rule, read, values_covering


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (" Ines <Ines@Lyon.example> ", Rule(Kind.ADDRESS, "ines@lyon.example")),
        ("mailto:ines@lyon.example", Rule(Kind.ADDRESS, "ines@lyon.example")),
        ("Lyon.Example", Rule(Kind.DOMAIN, "lyon.example")),
        ("@lyon.example", Rule(Kind.DOMAIN, "lyon.example")),
        ("*@lyon.example", Rule(Kind.DOMAIN, "lyon.example")),
        ("*.lyon.example", Rule(Kind.DOMAIN, "lyon.example")),
        ("lyon.example.", Rule(Kind.DOMAIN, "lyon.example")),
        ("BÜCHER.example", Rule(Kind.DOMAIN, "xn--bcher-kva.example")),
        ("ines@bücher.example", Rule(Kind.ADDRESS, "ines@xn--bcher-kva.example")),
    ],
)
def test_an_entry_is_read_as_people_write_it(text: str, rule: Rule) -> None:
    """R2, R7"""
    assert read(text) == rule


@pytest.mark.parametrize("text", ["", "  ", "example", "com", "@", "a@b@c.example", "lyon example", "..", "*", "*@*"])
def test_what_is_neither_address_nor_domain_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidRule, match=r"such as ines@lyon\.example"):
        read(text)


def test_a_domain_covers_its_subdomains_and_nothing_that_only_ends_alike() -> None:
    """R7"""
    rule = read("lyon.example")
    assert rule.covers("ines@lyon.example")
    assert rule.covers("ines@mail.atelier.lyon.example")
    assert not rule.covers("ines@notlyon.example")
    assert not rule.covers("ines@example")


def test_an_address_covers_itself_alone() -> None:
    rule = read("ines@lyon.example")
    assert rule.covers("ines@lyon.example")
    assert not rule.covers("marc@lyon.example")
    assert not rule.covers("ines@mail.lyon.example")


labels = st.lists(st.sampled_from(["a", "b", "mail", "lyon"]), min_size=1, max_size=4)


@given(labels, labels)
def test_a_domain_covers_exactly_what_ends_in_its_labels(above: list[str], below: list[str]) -> None:
    rule = Rule(Kind.DOMAIN, ".".join(above))
    ends_alike = below[-len(above) :] == above
    assert rule.covers(f"ines@{'.'.join(below)}") == ends_alike
    assert (rule.value in values_covering(f"ines@{'.'.join(below)}")) == ends_alike
