"""Graph's JSON becomes header fields that every reader of mail understands, and never trips anything."""

from __future__ import annotations

import json
from contextlib import suppress
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.base import Place
from providers.graph import parse, types

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = [
    "id",
    "from",
    "toRecipients",
    "ccRecipients",
    "subject",
    "receivedDateTime",
    "categories",
    "isDraft",
    "address",
]


def person(address: object, name: object = "") -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": name}}


def fields(**message: object) -> dict[str, str]:
    return dict(parse.headers(message))


@pytest.mark.parametrize(
    ("name", "address", "written"),
    [
        ("Carla Ruiz", "carla@contoso.example", '"Carla Ruiz" <carla@contoso.example>'),
        ("carla@contoso.example", "Carla@contoso.example", "Carla@contoso.example"),
        ("", "carla@contoso.example", "carla@contoso.example"),
        ('Ruiz, "C"', "c@contoso.example", '"Ruiz, \\"C\\"" <c@contoso.example>'),
        ("Évil <a@b.example>", "c@contoso.example", "=?utf-8?b?w4l2aWwgPGFAYi5leGFtcGxlPg==?= <c@contoso.example>"),
        ("Jane Doe", "/O=EXCHANGELABS/OU=FIRST/CN=JANE", '"Jane Doe" <>'),
        ("Undisclosed", None, '"Undisclosed" <>'),
        ("Ines", "ines@bücher.example", '"Ines" <ines@bücher.example>'),
        ("x", "a@b.example>, <evil@c.example", '"x" <>'),
        ("=?utf-8?q?hidden?=", "a@b.example", "=?utf-8?b?PT91dGYtOD9xP2hpZGRlbj89?= <a@b.example>"),
    ],
)
def test_a_party_is_written_so(name: str, address: str | None, written: str) -> None:
    assert fields(**{"from": person(address, name)})["From"] == written


def test_a_long_name_in_another_script_is_written_in_words_of_a_fair_length() -> None:
    name = "日本語の名前" * 30
    written = fields(**{"from": person("a@b.example", name)})["From"]
    assert max(len(word) for word in written.split()) <= 75
    assert str(make_header(decode_header(written.rpartition(" ")[0]))) == name


def test_who_sends_for_another_stands_in_for_nobody() -> None:
    assert fields(sender=person("s@x.example"), **{"from": person("f@x.example")})["From"] == "f@x.example"
    assert fields(sender=person("s@x.example"))["From"] == "s@x.example"
    assert "From" not in fields(subject="x")


def test_a_subject_cannot_begin_another_header() -> None:
    """S3."""
    assert fields(subject="Hi\r\nBcc: x@y.example\0\ud800\u2028")["Subject"] == "Hi Bcc: x@y.example"


def test_a_subject_that_looks_encoded_is_meant_so() -> None:
    written = fields(subject="What is =?utf-8?q?x?= ?")["Subject"]
    assert str(make_header(decode_header(written))) == "What is =?utf-8?q?x?= ?"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05Z"),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (7, None),
    ],
)
def test_a_moment_is_read_in_utc(text: object, read: str | None) -> None:
    found = types.moment({"at": text}, "at")
    assert (types.written(found) if found else None) == read


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_comes_is_read(message: dict[str, Any]) -> None:
    seen = parse.seen(message, Place.MAIL)
    json.dumps([seen.id, seen.thread_id, seen.labels, seen.headers], ensure_ascii=False).encode()
    list(parse.parties(message))


@settings(max_examples=40)
@given(st.text(max_size=60), st.emails())
def test_a_party_s_address_survives_every_name(name: str, address: str) -> None:
    safe = parse.spelling(address)
    written = fields(toRecipients=[person(safe, name), person("last@x.example", "Last")]).get("To", "")
    assert not set(written) & set("\r\n\0")
    found = {each.lower() for _, each in getaddresses([written])}
    assert "last@x.example" in found
    assert not parse._is_smtp(safe) or safe in found  # Quoted local parts are no addresses here.


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "[" * 100_000, "7", "null", '"x"'])
def test_what_is_no_object_is_an_answer_that_broke(text: str) -> None:
    with pytest.raises(Exception, match="could not be read"):
        types.read_object(text.encode())


def notification(**changes: object) -> dict[str, object]:
    return {"subscriptionId": "s", "clientState": "secret", "resourceData": {"id": "AA=="}, **changes}


def test_a_push_is_read() -> None:
    body = json.dumps({"value": [notification(), notification(lifecycleEvent="missed", resourceData=None)]}).encode()
    assert parse.read_notifications(body) == (
        parse.Notification("s", "secret", "", "AA=="),
        parse.Notification("s", "secret", "missed", ""),
    )


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"[]", b"7", b"{}", b'{"value": 1}', b'{"value": [1]}', b'{"value": [{}]}', b"[" * 100_000),
        b'{"value": [{"subscriptionId": ["s"]}]}',
    ],
)
def test_what_is_no_push_is_refused(body: bytes) -> None:
    with pytest.raises(parse.BadPush):
        parse.read_notifications(body)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(["value"]), st.lists(JSON, max_size=3)))
def test_a_hostile_push_is_read_or_refused(body: dict[str, Any]) -> None:
    with suppress(parse.BadPush):
        parse.read_notifications(json.dumps(body).encode())
