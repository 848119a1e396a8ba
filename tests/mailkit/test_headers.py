"""Headers as mail really has them: encoded words in every state of repair, and nothing that PostgreSQL refuses."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit.headers import decode, message_ids


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Quarterly report", "Quarterly report"),
        ("=?utf-8?q?D=C3=A9j=C3=A0_vu?=", "Déjà vu"),
        ("=?UTF-8?B?RMOpasOgIHZ1?=", "Déjà vu"),
        ("=?iso-8859-1?Q?caf=E9?= au lait", "café au lait"),
        ("=?utf-8*fr?q?D=C3=A9j=C3=A0?=", "Déjà"),
        ("Re: =?utf-8?q?D=C3=A9j=C3=A0?= =?utf-8?q?_vu?= again", "Re: Déjà vu again"),
        ("=?utf-8?q?D=C3?= =?utf-8?q?=A9j=C3=A0?=", "Déjà"),
        ("=?utf-8?B?RMOpasOgIHZ1?", "=?utf-8?B?RMOpasOgIHZ1?"),
        ("=?utf-8?B?RMOpasOgIHZ?=", "Déjà v"),
        ("=?utf-8?Q?Really??=", "Really?"),
        ("=?utf-8?Q?two words?=", "two words"),
        ("=?x-unknown?q?caf=C3=A9?=", "café"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?iso-8859-1?q?=3D=3Futf-8=3Fq=3FD=C3=A9j=C3=A0=3F=3D?=", "Déjà"),
        ("folded\r\n\tsubject", "folded subject"),
        ("", ""),
    ],
)
def test_encoded_words_become_text(raw: str, text: str) -> None:
    assert decode(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"D\xc3\xa9j\xc3\xa0 vu", "Déjà vu"),
        (b"D\xe9j\xe0 vu", "Déjà vu"),
        (b"\xe9t\xe9 =?utf-8?q?=C3=A0?= \xe9", "été à é"),
        (b"\x1b$BF|K\\\x1b(B", "日本"),
    ],
)
def test_raw_bytes_become_text_beside_encoded_words_and_alone(raw: bytes, text: str) -> None:
    assert decode(raw) == decode(raw.decode("ascii", "surrogateescape")) == text


def test_text_that_is_decoded_already_stays() -> None:
    assert decode("Déjà 日本 🙂") == "Déjà 日本 🙂"


def test_an_encoded_line_break_begins_no_header() -> None:
    """S3: CRLF in headers runs nothing."""
    assert decode("=?utf-8?q?Hello=0D=0ABcc:_all@mail.example?=") == "Hello Bcc: all@mail.example"


def test_no_nul_no_lone_surrogate_and_nothing_that_turns_text_around_is_left() -> None:
    assert decode("a\x00b \ud800 \u202ecod.exe") == "ab \ufffd cod.exe"


def test_a_subject_ends_after_998_characters() -> None:
    assert len(decode("x" * 300_000)) == 998


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ("<a@mail.example>", ["a@mail.example"]),
        ("<a@mail.example> <b@mail.example>\r\n\t<a@mail.example>", ["a@mail.example", "b@mail.example"]),
        ("<[id@mail.example]>", ["[id@mail.example]"]),
        ("<a\r\n b@mail.example>", ["ab@mail.example"]),
        ("a@mail.example", ["a@mail.example"]),
        ("a", ["a"]),
        ("<a@mail.example> (Bob's message of Monday)", ["a@mail.example"]),
        ('Your message of "Mon, 3 Jan 2000" <a@mail.example>', ["a@mail.example"]),
        ("<a@mail.example> from Bob <bob@mail.example>", ["a@mail.example"]),
        ("Message from Bob <bob@mail.example> of Monday <a@mail.example>", ["a@mail.example"]),
        ("<>", []),
        ("", []),
    ],
)
def test_message_ids_lose_brackets_and_folds_and_take_no_address_for_one(raw: str, ids: list[str]) -> None:
    assert list(message_ids(raw)) == ids


@settings(deadline=None, max_examples=50)
@given(st.text() | st.binary())
@example("=?a?q?" * 3_000)
@example("=?utf-8?B?" + "?=" * 3_000)
def test_any_text_and_any_bytes_become_one_line_that_a_database_takes(raw: str | bytes) -> None:
    text = decode(raw)
    assert "\x00" not in text
    assert text.splitlines() in ([], [text])
    text.encode()
    assert all(each.encode() for each in message_ids(raw))


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=60), st.sampled_from("bq"))
def test_what_was_encoded_by_the_rules_comes_back(text: str, how: str) -> None:
    data = text.encode()
    inner = base64.b64encode(data).decode() if how == "b" else "".join(f"={byte:02X}" for byte in data)
    if "=?" not in text:
        assert decode(f"=?utf-8?{how}?{inner}?=") == text
