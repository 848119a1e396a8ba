"""What is typed, pasted or uploaded, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exclusions.lists import Line, UnreadableList, as_csv, read_csv, read_listed, read_text
from exclusions.public import PUBLIC_DOMAINS
from exclusions.rules import Kind, read


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a@b.example", ["a@b.example"]),
        ("a@b.example,c.example; d.example\te.example", ["a@b.example", "c.example", "d.example", "e.example"]),
        ("Ines <i@l.example>, p@l.example", ["Ines <i@l.example>", "p@l.example"]),
        ('"Moreau, Ines" <i@l.example>', ['"Moreau, Ines" <i@l.example>']),
        ("Moreau, Ines <i@l.example>", ['"Moreau, Ines" <i@l.example>']),
        (" \n,;\n", []),
        ('"open', ['"open']),
    ],
)
def test_text_is_parted_where_people_part_it(text: str, pieces: list[str]) -> None:
    assert [line.text for line in read_text(text)] == pieces


@pytest.mark.parametrize("text", ["<" * 500_000, '"<' * 250_000, "a,<" * 9_000 + "<a" * 200_000])
def test_a_line_of_nothing_but_brackets_is_read_at_once(text: str) -> None:
    """And does not hold a worker for hours."""
    assert len(read_text(text)) <= 9_001 * 2


def test_lines_keep_their_numbers() -> None:
    assert [line.number for line in read_text("a.example\n\nb.example, c.example")] == [1, 3, 3]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a@b.example\nc.example\n", [Line("a@b.example", 1), Line("c.example", 2)]),
        (b"Name,Email,Note\nInes,a@b.example,Friend\n", [Line("a@b.example", 2, "Friend")]),
        ("\ufeffdomain;reason\nb.example;Arzt für alle\n".encode(), [Line("b.example", 2, "Arzt für alle")]),
        ("b.example,Café".encode("cp1252"), [Line("b.example", 1, "Café")]),
        ("a.example\n".encode("utf-16"), [Line("a.example", 1)]),
    ],
)
def test_files_are_read_with_a_head_or_without(content: bytes, lines: list[Line]) -> None:
    assert read_csv(content) == lines


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    try:
        lines = read_csv(content)
    except UnreadableList:
        return
    assert all(line.text for line in lines)


@given(st.lists(st.tuples(st.text(alphabet="ab@.,;\"' <>", min_size=1), st.text(alphabet='xy ",;'))))
def test_an_uploaded_list_goes_through_a_page_unchanged(cells: list[tuple[str, str]]) -> None:
    lines = [Line(text.strip(), number, why.strip()) for number, (text, why) in enumerate(cells, 2) if text.strip()]
    assert read_listed(as_csv(lines)) == lines


def test_every_public_domain_is_one() -> None:
    assert {read(domain).value for domain in PUBLIC_DOMAINS} == PUBLIC_DOMAINS
    assert {read(domain).kind for domain in PUBLIC_DOMAINS} == {Kind.DOMAIN}
