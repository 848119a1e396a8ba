"""R1: a message as its recipients may see it, without the sender's blind copies and otherwise byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit import mime
from mailkit.blind import without_bcc
from mailkit.message import Message

FIELDS = [b"From: alice@northwind.example", b"To: ines@atelier-lyon.example", b"Subject: Offer"]
BODY = b"Hello,\n\nBcc: stays@mail.example\r\nBye."


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize("place", range(len(FIELDS) + 1))
@pytest.mark.parametrize(
    "blind",
    [
        [b"Bcc: secret@mail.example"],
        [b"BCC : secret@mail.example"],
        [b"bcc:"],
        [b"Resent-Bcc: secret@mail.example"],
        [b"X-BCC: secret@mail.example"],
        [b"Bcc: One <one@mail.example>,", b" \t", b"\tsecret@mail.example"],
        [b"Bcc: one@mail.example,", b"secret@mail.example"],
        [b"Bcc: secret@mail.example", b"Resent-Bcc: secret@mail.example"],
    ],
)
def test_fields_go_with_their_folded_lines_wherever_they_stand(end: bytes, place: int, blind: list[bytes]) -> None:
    fields = [*FIELDS[:place], *blind, *FIELDS[place:]]
    rest = end + end + BODY
    assert without_bcc(end.join(fields) + rest) == end.join(FIELDS) + rest


@pytest.mark.parametrize("before", [b"\r\n\r\n", b"\xef\xbb\xbf", b"From alice@northwind.example Mon Mar  2\n"])
def test_what_stands_before_a_message_hides_nothing(before: bytes) -> None:
    assert without_bcc(before + b"Bcc: secret@mail.example\nSubject: Offer\n\nHi") == before + b"Subject: Offer\n\nHi"


def test_a_message_of_headers_alone_and_one_without_an_empty_line_keep_nothing_either() -> None:
    assert without_bcc(b"Subject: Offer\nBcc: secret@mail.example") == b"Subject: Offer\n"
    assert without_bcc(b"") == b""


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: Bcc: x@mail.example\nX-Bcc-Count: 2\nTo: a@mail.example,\n Bcc: b@mail.example\n\nHi",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nBcc: x@mail.example\n\n",
    ],
)
def test_all_else_stays(raw: bytes) -> None:
    assert without_bcc(raw) == raw


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.lists(
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b" ", b"\t", b"Bcc", b"x-bcc", b":", b"s@mail.example", b"To: a@b.example", b","]
        ),
        max_size=25,
    )
)
def test_no_reader_of_mail_finds_a_blind_copy_in_it(pieces: list[bytes]) -> None:
    read = mime.parse(without_bcc(b"".join(pieces)))
    envelope = read.envelope
    assert envelope is None or not envelope.bcc
    if isinstance(read, Message):
        assert not read.envelope.bcc


@pytest.mark.parametrize("piece", [b"\r", b"\n ", b"Bcc:", b"Bcc:\n", b"a", b"a:\n", b"Bcc\n", b"\r\r\r\n", b" "])
def test_it_takes_its_time_by_the_byte(piece: bytes) -> None:
    without_bcc(b"Bcc: x\n" + piece * 400_000)
