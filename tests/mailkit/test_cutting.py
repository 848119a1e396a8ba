"""Messages in good order are cut at their boundaries: what comes out is what Python's parser gives for them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit import parts
from mailkit.parts import Part, parse, parse_patiently, read

Tree = tuple[object, ...]


def tree(part: Part) -> Tree:
    """All that the rest of `mailkit` sees of a part."""
    content = [tree(each) for each in part.children] or part.encoded
    return part.depth, list(part.raw_items()), part.media_type, part.reading.is_cut, content


# --- Messages of every kind ---------------------------------------------------------------------

#: Some begin like others, or end like the last boundary of another.
BOUNDARIES = ("b", "b-", "b--", "bb", "--", "b b", "=_1", "=_1.2", "B", ".*")
boundaries = st.sampled_from(BOUNDARIES)
lines = st.sampled_from(
    [
        *("", "Hello", "a: b", " folded", "\tfolded", "From Bob", ":", "--", "-- ", "\xa0", "X" * 80),
        *(f"--{each}{end}" for each in BOUNDARIES for end in ("", "--", " \t", "-- ", "x")),
        *(f" --{each}" for each in BOUNDARIES),
    ]
)
words = st.lists(st.sampled_from(["", "Hello", "a: b", "-", "--", "\xe9", " --b", "X" * 80]), max_size=4)
fields = st.lists(st.sampled_from(["Subject: Hello", "X-Empty:", "X-Folded: a\n b", "x-raw: \xe9"]), max_size=3)
leaf_types = st.sampled_from(["text/plain", "text/html; charset=utf-8", "message/rfc822", "image/png;\n name=a", ""])
kinds = st.sampled_from(["mixed", "alternative", "digest", "related"])


def typed(media_type: str, more: list[str]) -> list[str]:
    return [*more, f"Content-Type: {media_type}"] if media_type else more


def leaf(media_type: str, more: list[str], content: list[str]) -> str:
    return "\n".join([*typed(media_type, more), "", *content])


def multipart(
    boundary: str, kind: str, more: list[str], before: list[str], children: list[str], after: list[str]
) -> str:
    head = typed(f'multipart/{kind}; boundary="{boundary}"', more)
    within = [line for child in children for line in (f"--{boundary}", child)]
    return "\n".join([*head, "", *before, *within, f"--{boundary}--", *after])


def nested(content: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    leaves = st.builds(leaf, leaf_types, fields, content)
    deeper = st.recursive(
        leaves,
        lambda inner: st.builds(
            multipart, boundaries, kinds, fields, content, st.lists(inner, min_size=1, max_size=3), content
        ),
        max_leaves=6,
    )
    children = st.lists(deeper, min_size=1, max_size=3)
    return st.builds(multipart, boundaries, kinds, fields, content, children, content)


def as_bytes(text: str, line_end: str) -> bytes:
    # Nothing but white space stands before a message that is parsed: `read` passes it over.
    return text.lstrip().replace("\n", line_end).encode("latin-1")


line_ends = st.sampled_from(["\n", "\r\n", "\r"])
tame = st.builds(as_bytes, nested(words), line_ends)
wild = st.builds(as_bytes, nested(st.lists(lines, max_size=5)), line_ends)
PIECES = (b"\n", b"\r", b"\r\n", b" ", b"\t", b"--", b"--b\n", b"\n--b--", b":", b'"', b"\x00", b"\xe9")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message with pieces lost, put in, or doubled."""
    raw = draw(tame | wild)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from([*PIECES, raw[start:end] * 2]))
        raw = raw[:start] + piece + raw[end:]
    return raw.lstrip()


# --- The rule -----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(tame | wild | damaged())
@example(b'Content-Type: multipart/mixed; boundary="b\n c"\n\n--b\n c\n\nHello\n--b\n c--\n')
@example(b"Content-Type: multipart/mixed; boundary*=utf-8''%C3%A9\n\n--\xc3\xa9\n\nHello\n--\xc3\xa9--\n")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n\nHello\n--b--\n")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\n\nHello\n--b--\n")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b\nA: b\n\n--b--")
@example(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b \t\r\n\r\nHello\r\r\n--b--\r\n")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello")
def test_cutting_gives_what_the_parser_gives(raw: bytes) -> None:
    assert tree(parse(raw)) == tree(parse_patiently(raw))


@pytest.mark.parametrize("most", [1, 2, 3])
@settings(deadline=None, max_examples=15)
@given(raw=tame)
def test_cutting_stops_at_no_other_bound(most: int, raw: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "DEEPEST", most)
        patch.setattr(parts, "MOST_PARTS", 2 * most)
        patch.setattr(parts, "MOST_LOOKS", 20 * most)
        assert tree(parse(raw)) == tree(parse_patiently(raw))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_mail_in_good_order_needs_no_parser(line_end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    message = EmailMessage(SMTP)
    message["Subject"] = "Hello"
    message.set_content("Hello\n")
    message.add_alternative("<p>Hello</p>", subtype="html")
    message.add_attachment(b"PDF", maintype="application", subtype="pdf", filename="offer.pdf")
    monkeypatch.delattr(parts, "parse_patiently")
    root, defects = read(message.as_bytes().replace(b"\r\n", line_end))
    kinds_of = [[leaf.media_type for leaf in part.children] or part.media_type for part in root.children]
    assert kinds_of == [["text/plain", "text/html"], "application/pdf"]
    assert defects == set()


def test_lines_that_begin_like_all_the_boundaries_around_them_cost_no_sense_of_time() -> None:
    levels = range(1, 50)
    head = b"".join(b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n" % (b"a" * n, b"a" * n) for n in levels)
    root, defects = read(head + b"\n" + (b"--" + b"a" * 60 + b"\n") * 20_000)
    assert len(root.children) == 1
    assert defects == set()
