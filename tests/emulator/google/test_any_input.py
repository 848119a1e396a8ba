"""Whatever comes: no query and no message makes the reader fall."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.google.content import body_text, parse, snippet
from emulator.google.search import grammar
from emulator.google.search.find import Search
from emulator.google.search.index import Postings
from emulator.google.search.terms import Scene, compile_query
from emulator.world import World
from tests.emulator.google.conftest import ALICE

PIECES = st.sampled_from(["(", ")", "{", "}", '"', "-", " OR ", " ", ":", "|", "*", "@", "<", "a", "1", "é", "見"])
OPERATORS = st.sampled_from([f"{name}:" for name in sorted(grammar.OPERATORS)])
QUERIES = st.lists(st.one_of(PIECES, OPERATORS, st.text(max_size=5)), max_size=30).map("".join)
MAIL = (
    b"From: Carla <carla@contoso.example>\r\nSubject: Offer\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b--\r\n"
)


@given(text=QUERIES)
@example(text="-" * 5000 + "a")
@example(text="{" * 5000)
@example(text="after:99999999999999999999 older_than:999999y size:9g")
@settings(max_examples=200, deadline=None)
def test_any_query_finds_or_does_not(text: str) -> None:
    box = World(seed=7).open(ALICE, "google")
    message = box.add(MAIL, folder="inbox")
    postings = Postings()
    postings.refresh(box)
    found = compile_query(grammar.parse(text), Scene(box, postings, frozenset({ALICE}), 1_700_000_000_000))
    assert list(Search(box, found)) in ([], [message])


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_message(data: st.DataObject) -> None:
    cuts = st.tuples(st.integers(0, len(MAIL)), st.binary(max_size=20))
    raw = bytearray(MAIL)
    for at, piece in data.draw(st.lists(cuts, max_size=5)):
        raw[at : at + len(piece)] = piece
    message = World(seed=7).open(ALICE, "google").add(bytes(raw), folder="inbox")
    assert parse(message.raw).part_id == ""
    assert len(snippet(message)) <= 200 * len("&quot;")
    assert isinstance(body_text(parse(message.raw)), str)
