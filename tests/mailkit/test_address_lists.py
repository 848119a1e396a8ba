"""Lists of addresses: every one that is there, and never one that is not."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit.addresses import normalise
from mailkit.headers import address_list

ANN, BOB = "ann@mail.example", "bob@mail.example"


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (ANN, [("", ANN)]),
        (f"<{ANN}>", [("", ANN)]),
        (f"Ann Ray <{ANN}>", [("Ann Ray", ANN)]),
        (f'"Ray, Ann" <{ANN}>', [("Ray, Ann", ANN)]),
        (f'"Ann \\"The\\" Ray" <{ANN}>', [('Ann "The" Ray', ANN)]),
        (f"{ANN} (Ann Ray)", [("Ann Ray", ANN)]),
        (f"Ann <{ANN}>, Bob <{BOB}>", [("Ann", ANN), ("Bob", BOB)]),
        (f"Ann <{ANN}>,\r\n\tBob <{BOB}>", [("Ann", ANN), ("Bob", BOB)]),
        (f"{ANN}; {BOB}", [("", ANN), ("", BOB)]),
        (f"{ANN},,{BOB},", [("", ANN), ("", BOB)]),
        (f"=?utf-8?q?Ann_R=C3=A9?= <{ANN}>", [("Ann Ré", ANN)]),
        (f"=?utf-8?q?R=C3=A9,_Ann?= <{ANN}>", [("Ré, Ann", ANN)]),
        (f'"=?utf-8?q?R=C3=A9=2C_Ann?=" <{ANN}>', [("Ré, Ann", ANN)]),
        (f"R\udce9 <{ANN}>", [("Ré", ANN)]),
        (f"ANN@Mail.EXAMPLE <{ANN}>", [("", ANN)]),
        ("Ann <ann@bücher.example>", [("Ann", "ann@xn--bcher-kva.example")]),
    ],
)
def test_lists_by_the_rules(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert list(address_list(raw)) == pairs


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("unlisted-recipients:;", []),
        ("unlisted-recipients: ; (no To-header on input)", []),
        ("undisclosed-recipients:", []),
        ("<>", []),
        ("Ann, < (comment) >", [("Ann", "")]),
        ("", []),
        (" , ,; ", []),
        (f"(of ours) Friends (close): {ANN}, Bob <{BOB}>;", [("", ANN), ("Bob", BOB)]),
        (f"Friends: {ANN}; {BOB}", [("", ANN), ("", BOB)]),
        (f"Ann 10:30 <{ANN}>", [("Ann 10:30", ANN)]),
        (f"Ray, Ann <{ANN}>", [("Ray, Ann", ANN)]),
        (f"Ray, Ann <{ANN}>, Bob <{BOB}>", [("Ray, Ann", ANN), ("Bob", BOB)]),
        (f"Ann Ray.<{ANN}>", [("Ann Ray.", ANN)]),
        (f"Ann Ray {ANN}", [("Ann Ray", ANN)]),
        (f"{ANN} {BOB}", [("", ANN), ("", BOB)]),
        (f"<{ANN} {BOB}>", [("", ANN), ("", BOB)]),
        (f"Ann <{ANN}> <{BOB}>", [("Ann", ANN), ("", BOB)]),
        (f"The Service <The Service <{ANN}>>", [("The Service The Service", ANN)]),
        (f"Ann <{ANN}", [("Ann", ANN)]),
        (f"<{ANN}, Bob <{BOB}>", [("", ANN), ("Bob", BOB)]),
        (f'"Ann <{ANN}>, Bob <{BOB}>', [('"Ann'.strip('"'), ANN), ("Bob", BOB)]),
        (f"'{ANN}' <'{ANN}'>", [("", ANN)]),
        (f'"{ANN}"', [("", ANN)]),
        (f"{ANN} <>", [("", ANN)]),
        (f"<mailto:{ANN}>", [("", ANN)]),
        (f"<@relay.example,@other.example:{ANN}>", [("", ANN)]),
        (f"<{ANN} (Ann Ray)>", [("", ANN)]),
        ("Ann <ann @ mail.example>", [("Ann", ANN)]),
    ],
)
def test_lists_that_break_the_rules(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert list(address_list(raw)) == pairs


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("dnd", "dnd"),
        ('"Ann Ray" <ann>', "Ann Ray <ann>"),
        ("MAILER-DAEMON <>", "MAILER-DAEMON"),
        ("Ann Ray @ mail.example", "Ann Ray @ mail.example"),
        ("CN=Ann Ray/O=Mail@mail.example", "CN=Ann Ray/O=Mail@mail.example"),
        ("Ann <ann ray@mail.example>", "Ann <ann ray@mail.example>"),
        ("ann@@mail.example", "ann@@mail.example"),
        ("<ann@localhost>", "<ann@localhost>"),
        ("=?utf-8?q?Ann_=3Cann=40mail=2Eexample=3E?=", "Ann <ann@mail.example>"),
    ],
)
def test_what_is_no_address_is_shown_as_it_stands(raw: str, shown: str) -> None:
    assert address_list(raw) == ((shown, ""),)


def test_many_people_without_an_address_are_many_and_not_one_long_name() -> None:
    assert [name for name, _ in address_list("a, b, c, d, e, f, g, h")] == list("abcdefgh")


def test_ten_thousand_recipients_are_kept_and_no_more() -> None:
    many = ", ".join(f"Person {number} <p{number}@mail.example>" for number in range(12_000))
    found = address_list(many)
    assert len(found) == 10_000
    assert found[-1] == ("Person 9999", "p9999@mail.example")


@settings(deadline=None, max_examples=50)
@given(st.text() | st.text('<>()",;:@\\ aé=?.\n', max_size=60) | st.binary())
@example("a,<()>")
@example('"' + '\\"' * 5_000)
@example("(" * 5_000)
@example("<" * 5_000)
@example(":" * 5_000)
@example(":;" * 5_000)
@example("a," * 5_000)
@example("(),a@b.example" * 2_000)
def test_any_text_gives_addresses_that_are_normal_or_names(raw: str | bytes) -> None:
    for name, address in address_list(raw):
        assert name or address
        assert "\x00" not in name
        name.encode()
        assert not address or normalise(address) == address


words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=10)
addresses = st.builds("{}@{}.example".format, words, words).map(str.lower)
names = st.text(string.ascii_letters + " ,;:()<>@äé", max_size=20).map(lambda text: " ".join(text.split()))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(names, addresses), max_size=8))
def test_quoted_names_of_any_kind_never_change_an_address(people: list[tuple[str, str]]) -> None:
    raw = ", ".join(f'"{name}" <{address}>' for name, address in people if not ("<" in name and "," in name))
    kept = [address for name, address in people if not ("<" in name and "," in name)]
    assert [address for _, address in address_list(raw)] == kept


@settings(deadline=None, max_examples=50)
@given(st.text('<>()",;: aé', max_size=30), addresses, st.text('<>()",;: aé', max_size=30))
def test_an_address_is_never_made_up(before: str, address: str, after: str) -> None:
    """Damage around an address may lose it, but what comes out was in the text as a word."""
    found = {each for _, each in address_list(f"{before} {address} {after}") if each}
    assert found <= {address}
