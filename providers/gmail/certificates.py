"""Google's signatures on tokens, checked by certificates that are kept for an hour."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport import Request
from google.oauth2 import id_token

from providers.gmail import errors
from providers.gmail.grants import Answer

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
KEPT = 3600.0
#: A token by an unknown key has the certificates asked for anew, but not more often than this.
_ASKED_AGAIN = 60.0
_TIMEOUT = 10.0
_SKEW = 60
#: Google's are below two thousand characters.
_LONGEST_TOKEN = 16_384


class BadToken(ValueError):
    """Not signed by Google, for somebody else, or out of date."""


def verify(token: str, *, url: str, audience: str) -> Mapping[str, Any]:
    """The claims of a token that Google signed for an audience. Raises `BadToken`, ProviderError."""
    if len(token) > _LONGEST_TOKEN:
        raise BadToken("The token is too long.")
    try:
        claims = _verified(token, url=url, audience=audience)
    except BadToken:
        if not _CERTIFICATES.forget(url):
            raise
        claims = _verified(token, url=url, audience=audience)
    if claims.get("iss") not in ISSUERS:
        raise BadToken("The token is not Google's.")
    return claims


def _verified(token: str, *, url: str, audience: str) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = id_token.verify_token(
            token, _CERTIFICATES, audience=audience, certs_url=url, clock_skew_in_seconds=_SKEW
        )
    except (ValueError, GoogleAuthError) as error:
        raise BadToken("The token is not valid.") from error
    return claims


class _Certificates(Request):
    """A transport for google-auth that remembers what it fetched, for all threads of the process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Answer]] = {}

    def forget(self, url: str) -> bool:
        """Whether a next look would be a new one: keys change, and the kept ones may be older than the token."""
        fetched_at, _ = self._kept.get(url, (0.0, None))
        if time.monotonic() - fetched_at < _ASKED_AGAIN:
            return False
        self._kept.pop(url, None)
        return True

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: int | None = None,
        **_named: object,
    ) -> Answer:
        fetched_at, kept = self._kept.get(url, (0.0, None))
        if kept is not None and time.monotonic() - fetched_at < KEPT:
            return kept
        try:
            response = requests.request(method, url, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise errors.unreachable() from error
        if response.status_code != 200:
            raise errors.refusal(response.status_code, response.content, {}, writes=False)
        answer = Answer(response.status_code, dict(response.headers), response.content)
        self._kept[url] = (time.monotonic(), answer)
        return answer


_CERTIFICATES = _Certificates()
