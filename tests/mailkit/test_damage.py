"""Damage of every kind that real mail has: what can be read is read, and it says what was wrong."""

from __future__ import annotations

import pytest

from mailkit import mime
from mailkit.charsets import decode
from mailkit.message import Failed, Message
from mailkit.mime import attachment, parse

FROM = b"From: Ann Ray <ann@mail.example>\n"


def read(raw: bytes) -> Message:
    message = parse(raw)
    assert isinstance(message, Message)
    return message


def sender(message: Message) -> str:
    assert message.envelope.sender is not None
    return message.envelope.sender.address


# --- Charsets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "data", "text"),
    [
        ("utf-8", "Déjà vu".encode(), "Déjà vu"),
        ("", "Déjà vu".encode(), "Déjà vu"),
        ("", b"D\xe9j\xe0 vu", "Déjà vu"),
        ("us-ascii", "Déjà vu".encode(), "Déjà vu"),
        ("us-ascii", b"D\xe9j\xe0 vu", "Déjà vu"),
        ('"charset=us-ascii"', b"D\xe9j\xe0 vu", "Déjà vu"),
        ("iso-8859-1", b"10 \x80 \x96 net", "10 € – net"),
        ("iso-8859-1", "Déjà vu".encode(), "Déjà vu"),
        ("utf-8", b"D\xe9j\xe0 vu", "Déjà vu"),
        ("utf-8", "Ünïcödé Ünïcödé ".encode() + b"\xc3", "Ünïcödé Ünïcödé \ufffd"),
        ("KOI8R", "Привет".encode("koi8_r"), "Привет"),
        ("X-UNKNOWN", "Déjà vu".encode(), "Déjà vu"),
        ("DEFAULT", b"D\xe9j\xe0 vu", "Déjà vu"),
        ("CHINESEBIG5", "你好".encode("big5"), "你好"),
        ("iso-gb2312", "你好".encode("gb2312"), "你好"),
        ("gb2312", "你好镕".encode("gbk"), "你好镕"),
        ("x-mac-cyrillic", "Привет".encode("mac_cyrillic"), "Привет"),
        ("_iso-2022-jp$ESC", "日本".encode("iso2022_jp"), "日本"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
        ("", "日本".encode("iso2022_jp"), "日本"),
        ("shift_jis", "①日本".encode("cp932"), "①日本"),
        ("ks_c_5601-1987", "안녕".encode("cp949"), "안녕"),
        ("utf-16", "Hello".encode("utf-16"), "Hello"),
        ("utf-16", b"Hello", "Hello"),
        ("utf-7", b"D+AOk-j+AOA vu", "Déjà vu"),
        ("hex", b"Hello", "Hello"),
        ("punycode", b"Hello-", "Hello-"),
        ("\x00é" * 1000, b"Hello", "Hello"),
        ("", "Съешь же ещё этих мягких французских булок, да выпей чаю".encode("cp1251") * 3, "Съешь же ещё"),
    ],
)
def test_each_charset_is_read_by_what_is_meant(declared: str, data: bytes, text: str) -> None:
    assert decode(data, declared)[0].startswith(text)


def test_iso_2022_jp_cut_in_the_middle_of_a_letter_is_read_up_to_there() -> None:
    raw = FROM + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + "日本日本日本日本日本".encode("iso2022_jp")[:-4]
    assert "日本日本日本" in read(raw).text


def test_a_wrong_charset_is_named_as_a_defect() -> None:
    assert read(FROM + b"Content-Type: text/plain; charset=utf-8\n\nD\xe9j\xe0 vu").defects == ("charset",)


def test_binary_declared_as_text_is_text_that_a_database_takes() -> None:
    text = read(FROM + b"Content-Type: text/plain\n\n" + bytes(range(256)) * 50).text
    assert "\x00" not in text
    text.encode()


# --- Header blocks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        b"From ann@mail.example Tue Jan  2 10:00:00 2024\n",
        b">From ann@mail.example Tue Jan  2 10:00:00 2024\n",
        b"\xef\xbb\xbf",
        b"\n\n",
    ],
)
def test_what_stands_before_a_message_is_passed_over(before: bytes) -> None:
    message = read(before + FROM + b"Subject: Offer\n\nHello")
    assert (sender(message), message.envelope.subject, message.text) == ("ann@mail.example", "Offer", "Hello")


def test_a_line_without_colon_among_headers_is_left_out() -> None:
    message = read(b"Received: x\nthis is no header\n" + FROM + b"Subject : Offer\nTo: bob@mail.example\n\nHello")
    assert (sender(message), message.envelope.subject, message.text) == ("ann@mail.example", "Offer", "Hello")
    assert message.defects == ("headers",)


def test_a_broken_line_never_adds_to_an_address() -> None:
    message = read(FROM + b"To: bob@mail.\nexample.evil\nSubject: Offer\n\nHello")
    assert [party.address for party in message.envelope.parties] == ["ann@mail.example", ""]


def test_a_body_that_begins_without_an_empty_line_is_kept() -> None:
    message = read(FROM + b"Subject: Offer\nHello Bob\n\nBye")
    assert (message.envelope.subject, message.text) == ("Offer", "Hello Bob\n\nBye")


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n", b"\r\r\n"])
def test_lines_end_in_every_way(end: bytes) -> None:
    raw = (
        FROM
        + b"Content-Type: multipart/mixed; boundary=q\n\n--q\nX: y\n\nHello\nBob\n--q\nContent-Type: a/b\n\nx\n--q--"
    )
    message = read(raw.replace(b"\n", end))
    assert (sender(message), message.text, len(message.attachments)) == ("ann@mail.example", "Hello\nBob", 1)


def test_two_from_headers_and_nul_in_the_subject() -> None:
    message = read(FROM + b"From: bob@mail.example\nSubject: Of\x00fer\n\nHello")
    assert (sender(message), message.envelope.subject) == ("ann@mail.example", "Offer")


def test_the_newest_received_header_stands_in_for_the_date() -> None:
    message = read(b"Received: by x; Tue, 2 Jan 2024 10:00:00 +0000\n" + FROM + b"Date: 1\n\nHello")
    assert message.envelope.sent_at is not None
    assert message.envelope.sent_at.isoformat() == "2024-01-02T10:00:00+00:00"


# --- Structure ----------------------------------------------------------------------------------


def test_a_boundary_that_is_not_declared_is_found() -> None:
    raw = FROM + b"Content-Type: multipart/alternative\n\n--q\nContent-Type: text/plain\n\nHello\n--q--\n"
    assert (read(raw).text, read(raw).defects) == ("Hello", ("boundary",))


def test_a_boundary_that_never_occurs_is_replaced_by_the_one_that_does() -> None:
    parts = b"--q\nContent-Type: text/html\n\n<p>Hello</p>\n--q\nContent-Type: a/b\n\nx\n--q--\n"
    raw = FROM + b"Content-Type: multipart/mixed; boundary=no\n\n" + parts
    message = read(raw)
    assert (message.text, message.defects) == ("Hello", ("boundary",))
    assert attachment(raw, 0) == (message.attachments[0], b"x")


def test_a_multipart_without_any_boundary_is_text() -> None:
    message = read(FROM + b"Content-Type: multipart/mixed; boundary=no\n\nHello\n")
    assert (message.text.strip(), message.defects) == ("Hello", ("boundary",))


def test_a_boundary_in_the_preamble_begins_a_part_only_on_a_line_of_its_own() -> None:
    raw = FROM + b"Content-Type: multipart/mixed; boundary=q\n\nsee --q and --q here\n--q\n\nHello\n--q--\n"
    assert read(raw).text == "Hello"


def test_an_end_that_is_missing_is_the_end_of_the_message() -> None:
    assert read(FROM + b"Content-Type: multipart/mixed; boundary=q\n\n--q\n\nHello").text == "Hello"


def test_related_without_parts_inside_of_alternative_leaves_the_other_face() -> None:
    raw = (
        FROM + b"Content-Type: multipart/alternative; boundary=q\n\n--q\n\nHello\n"
        b"--q\nContent-Type: multipart/related; boundary=r\n\n--r--\n--q--\n"
    )
    assert read(raw).text == "Hello"


@pytest.mark.parametrize("declared", [b"text", b"", b"text/plain/x", b";", b"text/html ; ; ;", b"/", b"\xff/\xff"])
def test_a_type_without_sense_is_text(declared: bytes) -> None:
    assert read(FROM + b"Content-Type: " + declared + b"\n\nHello").text.strip() == "Hello"


def test_old_marked_up_text_is_read() -> None:
    raw = FROM + b"Content-Type: text/enriched\n\n<bold>Hello</bold> <<Bob>\n<color><param>red</param>now</color>"
    assert "Hello" in read(raw).text
    assert "red" not in read(raw).text


def test_a_transfer_encoding_without_sense_is_none() -> None:
    assert read(FROM + b"Content-Transfer-Encoding: odd\n\nHello=20").text.strip() == "Hello=20"


# --- Bounds -------------------------------------------------------------------------------------


def test_more_than_fifty_megabytes_are_only_their_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "LARGEST", 1_000)
    failed = parse(FROM + b"\n" + b"x" * 1_000)
    assert isinstance(failed, Failed)
    assert failed.reason == "too-large"
    assert failed.envelope is not None
    assert failed.envelope.sender is not None
    assert failed.envelope.sender.address == "ann@mail.example"
    assert attachment(b"x" * 2_000, 0) is None


def nested(depth: int) -> bytes:
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="q%d"\n\n--q%d\n' % (n, n) for n in range(depth))
    return FROM + opened + b"Content-Type: text/plain\n\nHello\n"


def test_fifty_levels_are_read_and_sixteen_hundred_stop_nothing() -> None:
    """S3: deep nesting; `email` alone raises RecursionError."""
    assert read(nested(49)).text.strip() == "Hello"
    message = read(nested(1_600))
    assert (sender(message), message.defects) == ("ann@mail.example", ("boundary", "bounds"))


def test_nesting_without_a_declared_boundary_is_bounded_too() -> None:
    raw = FROM + b"".join(b"Content-Type: multipart/mixed\n\n--q%d\n" % number for number in range(2_000))
    assert sender(read(raw)) == "ann@mail.example"


def test_of_three_thousand_parts_the_first_thousand_are_read() -> None:
    raw = FROM + b"Content-Type: multipart/mixed; boundary=q\n\n" + b"--q\nContent-Type: a/b\n\nx\n" * 3_000
    message = read(raw)
    assert (len(message.attachments), message.defects) == (1_000, ("bounds",))


@pytest.mark.parametrize(
    "header",
    [
        b"To: " + b"p@mail.example, " * 20_000,
        b"To: " + b'"' + b'\\"' * 100_000,
        b"To: " + b"(" * 200_000,
        b"To: " + b"<" * 200_000,
        b"To: " + b"a:" * 100_000,
        b"Subject: " + b"=?a?q?" * 40_000,
        b"Content-Type: text/html " + b"; " * 100_000,
        b"Content-Type: text/html; a=" + b'"\\"' * 100_000,
        b"Content-Type: multipart/mixed" + b"; boundary*0=q" * 20_000,
        b"References: " + b"<a@mail.example> " * 20_000,
        b"References: " + b"<" * 200_000,
        b"Date: " + b"1" * 200_000,
        b"X-Odd: y\n" * 20_000 + b"X: y",
    ],
)
def test_a_header_without_end_costs_no_sense_of_time(header: bytes) -> None:
    """MAIL.md: 24 KB of them took seconds. Here each of 200 KB is bounded work; a hang is what would fail this."""
    assert sender(read(FROM + header + b"\n\nHello")) == "ann@mail.example"


def test_what_nobody_thought_of_is_a_value_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(text: str) -> str:
        raise RuntimeError(text)

    monkeypatch.setattr("mailkit.quoted.said", fault)
    failed = parse(FROM + b"\nHello")
    assert isinstance(failed, Failed)
    assert failed.reason == "parser"
    assert failed.envelope is not None
    assert "RuntimeError" in failed.detail
    assert "Hello" not in failed.detail


# --- Size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        b"To: \x0c%s x",
        b"To: a%s x",
        b"To: a%s x\r\n y",
        b"Subject: =?%s x",
        b'Content-Disposition: attachment; filename="=?%s x"',
    ],
)
def test_a_header_of_blanks_is_read_once(header: bytes) -> None:
    """S3. Read from each of its blanks, it would take minutes."""
    message = read(FROM + header % (b" " * 100_000) + b"\n\nhi")
    assert sender(message) == "ann@mail.example"
    assert message.text.strip() == "hi" or message.attachments
