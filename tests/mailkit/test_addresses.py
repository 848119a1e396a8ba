"""R2: addresses compare case-insensitively, IDNA-normalised, without names and comments."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit import addresses as addresses_module
from mailkit.addresses import InvalidAddress, domain_of, normalise

locals_ = st.text(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=30)
labels = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)
addresses = st.builds("{}@{}.{}".format, locals_, labels, st.sampled_from(["example", "TEST", "Example.COM"]))
names = st.text(string.ascii_letters + " äöüé東京", max_size=20).map(str.strip)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ines@Atelier-Lyon.EXAMPLE", "ines@atelier-lyon.example"),
        (" ines@mail.example\t", "ines@mail.example"),
        ("Ines Moreau <ines@mail.example>", "ines@mail.example"),
        ('"Moreau, Ines" <ines@mail.example>', "ines@mail.example"),
        ("<ines@mail.example>", "ines@mail.example"),
        ("ines@mail.example (at work)", "ines@mail.example"),
        ("mailto:ines@mail.example?subject=Hello", "ines@mail.example"),
        ("MAILTO:ines%2Bcrm@mail.example", "ines+crm@mail.example"),
        ("ines@bücher.example", "ines@xn--bcher-kva.example"),
        ("ines@BÜCHER.example", "ines@xn--bcher-kva.example"),
        ("ines@xn--bcher-kva.example", "ines@xn--bcher-kva.example"),
        ("ines@bu\u0308cher.example", "ines@xn--bcher-kva.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
    ],
)
def test_every_way_to_write_an_address_has_one_spelling(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ines",
        "ines@",
        "@mail.example",
        "ines@localhost",
        "ines@@mail.example",
        "ines@mail..example",
        "ines @mail.example",
        "ines@[192.0.2.1]",
        '"ines moreau"@mail.example',
        "ines@mail.example, bob@mail.example",
        "ines\x00@mail.example",
        "ines@mail.example\nBcc: all@mail.example",
        "\ud800@mail.example",
        f"ines@{'a.' * 130}example",
        "<" * 5_000,
    ],
)
def test_what_no_mail_can_reach_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress, match="is not an email address"):
        normalise(text)


@settings(deadline=None)
@given(addresses)
def test_case_does_not_matter(address: str) -> None:
    assert normalise(address.upper()) == normalise(address.lower()) == normalise(address)


@settings(deadline=None)
@given(addresses, names)
def test_names_and_comments_do_not_matter(address: str, name: str) -> None:
    assert normalise(f'"{name}" <{address}>') == normalise(address)
    assert normalise(f"{address} (of {name})") == normalise(address)


@settings(deadline=None)
@given(st.one_of(addresses, st.text(), st.emails(), st.builds("{}@{}.example".format, st.text(), st.text())))
@example("İ@mail.example")
@example("a@ẞ.example")
@example("a@mail。example")
def test_any_text_is_an_address_that_stays_the_same_or_is_refused(text: str) -> None:
    with contextlib.suppress(InvalidAddress):
        normal = normalise(text)
        assert normalise(normal) == normal
        assert len(normal) <= 254
        assert domain_of(normal).isascii()


@settings(deadline=None)
@given(addresses)
def test_the_domain_is_what_follows_the_last_at(address: str) -> None:
    assert normalise(address).endswith(f"@{domain_of(normalise(address))}")


odd = st.text("aZ0.-_+@é!xn", max_size=30)


@settings(deadline=None)
@given(
    st.one_of(
        addresses,
        st.emails(),
        odd,
        st.builds("{}@{}.{}".format, odd, odd, st.sampled_from(["test", "local", "onion", "c0m"])),
    )
)
@example("a@xn--a.example")
@example("a@ab--c.example")
@example(f"{'a' * 64}@{'b' * 63}.example")
@example(f"{'a' * 65}@mail.example")
@example(f"a@{'b' * 64}.example")
def test_the_short_way_for_plain_addresses_leads_where_the_long_way_does(text: str) -> None:
    def long_way() -> str | None:
        try:
            return addresses_module._spelling(addresses_module._bare(text))
        except ValueError:
            return None

    def short_way() -> str | None:
        try:
            return normalise(text)
        except InvalidAddress:
            return None

    assert short_way() == long_way()
