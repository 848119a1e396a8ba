"""Headers of real mail are read without raising, and written without touching the rest."""

from __future__ import annotations

import pytest

from emulator import rfc822


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b.example>", ["a@b.example"]),
        ("<[a@b.example]>", ["a@b.example"]),
        ("<a@b.example>\t<c@d.example>", ["a@b.example", "c@d.example"]),
        ("a@b.example", ["a@b.example"]),
        ("<>", []),
        ("", []),
    ],
)
def test_message_ids_are_found(value: str, ids: list[str]) -> None:
    assert rfc822.message_ids(value) == ids


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\nbody",
        b"no header at all",
        b"Subject: \xff\xfe\x00\n\n",
        b"Date: Thu, 1 Jan 0001 00:00:00 +9959\n\n",
        b"Date: 29-04-2017 23:34\n\n",
        b"From: unlisted-recipients:;\nTo: <<<\n\n",
        b"Subject: =?x-unknown?B?///?=\n\n",
    ],
)
def test_damaged_headers_are_read_all_the_same(raw: bytes) -> None:
    head = rfc822.read_head(raw)
    rfc822.addresses(head.sender, head.to)
    assert "\0" not in rfc822.decode(head.subject)


def test_folded_headers_are_unfolded() -> None:
    assert rfc822.read_head(b"Subject: one\r\n two\r\n\tthree\r\n\r\n").subject == "one two\tthree"


def test_encoded_words_are_decoded() -> None:
    assert rfc822.decode("=?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle") == "Grüße an alle"


def test_an_encoded_comma_parts_no_addresses() -> None:
    (person,) = rfc822.addresses("=?utf-8?q?M=C3=BCller=2C_Eva?= <Eva@Contoso.example>")
    assert (person.name, person.address) == ("Müller, Eva", "eva@contoso.example")


def test_removing_a_header_takes_its_folds_and_nothing_else() -> None:
    raw = b"To: a@b.example\r\nBcc: x@y.example,\r\n z@y.example\r\nSubject: Hi\r\n\r\nBcc: in the body\r\n"
    assert rfc822.remove(raw, "bcc") == b"To: a@b.example\r\nSubject: Hi\r\n\r\nBcc: in the body\r\n"


def test_a_header_keeps_the_line_ends_of_its_message() -> None:
    assert rfc822.append(b"To: a@b.example\n\nHi\n", [("X-A", "1")]) == b"To: a@b.example\nX-A: 1\n\nHi\n"


def test_a_header_cannot_break_out_of_its_line() -> None:
    with pytest.raises(ValueError, match="line end"):
        rfc822.prepend(b"\r\n", [("X-A", "1\r\nBcc: x@y.example")])
