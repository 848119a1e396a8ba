"""Secrets at rest (S2): unreadable without the key, bound to their purpose, readable while keys rotate."""

from __future__ import annotations

import pytest
from django.test import override_settings

from crm.lib.crypto import Undecipherable, decrypt, encrypt

OLD, NEW = "an-old-key-of-some-length", "a-new-key-of-some-length"


def test_what_was_encrypted_comes_back() -> None:
    assert decrypt(encrypt("sesame ✓", purpose="door"), purpose="door") == "sesame ✓"


def test_the_secret_does_not_show() -> None:
    assert "sesame" not in encrypt("sesame", purpose="door")


def test_the_same_secret_never_looks_the_same() -> None:
    assert encrypt("sesame", purpose="door") != encrypt("sesame", purpose="door")


def test_another_purpose_does_not_open_it() -> None:
    with pytest.raises(Undecipherable, match="window"):
        decrypt(encrypt("sesame", purpose="door"), purpose="window")


@pytest.mark.parametrize("change", [lambda text: text[:-4], lambda text: "A" + text, lambda _: "", lambda _: "née"])
def test_what_was_changed_is_refused(change: object) -> None:
    with pytest.raises(Undecipherable):
        decrypt(change(encrypt("sesame", purpose="door")), purpose="door")  # type: ignore[operator]


def test_an_old_key_still_reads() -> None:
    with override_settings(SECRET_KEY=OLD):
        kept = encrypt("sesame", purpose="door")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert decrypt(kept, purpose="door") == "sesame"


def test_a_key_that_was_dropped_reads_no_more() -> None:
    with override_settings(SECRET_KEY=OLD):
        kept = encrypt("sesame", purpose="door")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]), pytest.raises(Undecipherable):
        decrypt(kept, purpose="door")
