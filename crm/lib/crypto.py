"""Secrets at rest (S2): encrypted by Fernet under keys that are derived from SECRET_KEY, one for each purpose.

Keys rotate with SECRET_KEY: put the old one into SECRET_KEY_FALLBACKS, and what it encrypted stays readable.
What must be found again but never read is kept as a keyed digest.
"""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Undecipherable(ValueError):
    """The text was encrypted under a key that is in neither SECRET_KEY nor SECRET_KEY_FALLBACKS, or changed since."""


def encrypt(text: str, *, purpose: str) -> str:
    """Encrypts a short secret; only `decrypt` with the same ``purpose`` gives it back."""
    return _ring(purpose, *_keys()).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, purpose: str) -> str:
    """Gives back what `encrypt` made. Raises `Undecipherable`."""
    try:
        return _ring(purpose, *_keys()).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Undecipherable(f"A secret for {purpose} cannot be read: was SECRET_KEY changed?") from error


def keyed_digest(text: str, *, purpose: str) -> str:
    """32 hex digits that are always the same for a text, and tell nothing to who has not our key.

    For what is written. To look a text up, try all of `keyed_digests`.
    """
    return _digest(text, settings.SECRET_KEY, purpose)


def keyed_digests(text: str, *, purpose: str) -> list[str]:
    """What `keyed_digest` makes of a text, and what it made of it under each key in SECRET_KEY_FALLBACKS."""
    return [_digest(text, secret, purpose) for secret in _keys()]


def _digest(text: str, secret: str, purpose: str) -> str:
    return hmac.digest(_derived(secret, purpose), text.encode(errors="replace"), "sha256").hex()[:32]


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@lru_cache(maxsize=32)
def _ring(purpose: str, *secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_derive(secret, purpose)) for secret in secrets])


@lru_cache(maxsize=32)
def _derived(secret: str, purpose: str) -> bytes:
    return _derive(secret, f"digest:{purpose}")


def _derive(secret: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"postroom:{purpose}".encode())
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
