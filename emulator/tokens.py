"""Codes, access tokens and refresh tokens of both log-ins: opaque, and they expire and are revoked on
command.

What a refusal is called (invalid_grant, AADSTS70008, a 401 body) is the provider's part: TokenError says why.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from hmac import compare_digest
from typing import Literal

from emulator.clock import Clock
from emulator.mailbox import Provider

Reason = Literal["unknown", "expired", "revoked", "used", "client", "redirect", "verifier", "scope"]
CODE_LIFETIME_MS = 600_000
MAX_GOOGLE_REFRESH_TOKENS = 100
"""Live ones an account and client; the oldest ends without a word
(developers.google.com/identity/protocols/oauth2).
"""


class TokenError(Exception):
    """Why a token or code does not work."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(slots=True)
class Grant:
    """What a person allowed a client. Every token points to one; revoking it ends them all."""

    provider: Provider
    client_id: str
    address: str
    scopes: frozenset[str]
    subject: str
    revoked: bool = False


@dataclass(slots=True)
class Token:
    """An access or refresh token; `expires_ms` None never ends. Its scopes may be fewer than the grant's."""

    value: str
    kind: Literal["access", "refresh"]
    grant: Grant
    scopes: frozenset[str]
    expires_ms: int | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    access: Token
    refresh: Token | None
    expires_in: int


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code and what it was asked with."""

    value: str
    grant: Grant
    redirect_uri: str
    challenge: str
    challenge_method: str
    nonce: str
    offline: bool
    expires_ms: int


def pkce_holds(challenge: str, method: str, verifier: str) -> bool:
    """RFC 7636 section 4.6; without a challenge there must be no verifier either. `method` "" means plain."""
    if not challenge:
        return not verifier
    if method == "S256":
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
        return compare_digest(digest, challenge)
    return method in {"", "plain"} and compare_digest(verifier.encode(), challenge.encode())


class Tokens:
    """All tokens in force and ended, by value."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._codes: dict[str, Code] = {}
        self._used_codes: dict[str, Grant] = {}

    def issue(
        self,
        grant: Grant,
        *,
        lifetime_s: int,
        scopes: Iterable[str] | None = None,
        refresh: bool = True,
        refresh_lifetime_s: int | None = None,
    ) -> Pair:
        """A new pair; `scopes` narrows the access token."""
        now_ms = self._clock.now_ms()
        wanted = grant.scopes if scopes is None else frozenset(scopes)
        access = self._keep(
            Token(_value(grant.provider, "access"), "access", grant, wanted, now_ms + lifetime_s * 1000)
        )
        renewal = None
        if refresh:
            ends_ms = now_ms + refresh_lifetime_s * 1000 if refresh_lifetime_s else None
            renewal = self._keep(Token(_value(grant.provider, "refresh"), "refresh", grant, grant.scopes, ends_ms))
            self._drop_oldest(grant)
        return Pair(access, renewal, lifetime_s)

    def verify(self, value: str, provider: Provider) -> Token:
        """The access token of an API call. Raises TokenError: unknown, expired or revoked."""
        return self._live(value, "access", provider)

    def refresh(
        self,
        value: str,
        *,
        provider: Provider,
        client_id: str,
        lifetime_s: int,
        scopes: Iterable[str] | None = None,
        rotate: bool = False,
    ) -> Pair:
        """A new access token; with `rotate` a new refresh token too, the old one staying good.

        Raises TokenError: unknown, expired, revoked, client (of another client), scope (asked for more than
        granted).
        """
        token = self.renewable(value, provider=provider, client_id=client_id)
        wanted = token.scopes if scopes is None else frozenset(scopes)
        if not wanted <= token.grant.scopes:
            raise TokenError("scope")
        return self.issue(token.grant, lifetime_s=lifetime_s, scopes=wanted, refresh=rotate)

    def renewable(self, value: str, *, provider: Provider, client_id: str) -> Token:
        """The refresh token. Raises TokenError: unknown, expired, revoked or client (of another client)."""
        token = self._live(value, "refresh", provider)
        if token.grant.client_id != client_id:
            raise TokenError("client")
        return token

    def authorize(
        self,
        grant: Grant,
        *,
        redirect_uri: str,
        challenge: str = "",
        challenge_method: str = "",
        nonce: str = "",
        offline: bool = True,
    ) -> Code:
        """The code that the browser carries back. `offline` says whether a refresh token was asked for."""
        value = f"4/0{secrets.token_urlsafe(48)}" if grant.provider == "google" else f"1.A{secrets.token_urlsafe(96)}"
        code = Code(
            value=value,
            grant=grant,
            redirect_uri=redirect_uri,
            challenge=challenge,
            challenge_method=challenge_method,
            nonce=nonce,
            offline=offline,
            expires_ms=self._clock.now_ms() + CODE_LIFETIME_MS,
        )
        self._codes[value] = code
        return code

    def redeem(self, value: str, *, provider: Provider, client_id: str, redirect_uri: str, verifier: str = "") -> Code:
        """Take a code, once. A second try also revokes what the first gave (RFC 6749 section 4.1.2).

        Raises TokenError: unknown, used, expired, client, redirect or verifier; only success uses the code
        up.
        """
        if value in self._used_codes:
            self._used_codes[value].revoked = True
            raise TokenError("used")
        code = self._codes.get(value)
        if code is None or code.grant.provider != provider:
            raise TokenError("unknown")
        self._check_code(code, client_id, redirect_uri, verifier)
        del self._codes[value]
        self._used_codes[value] = code.grant
        return code

    def find(self, value: str) -> Token | None:
        """A token of either kind in any state."""
        return self._tokens.get(value)

    def held(self, provider: Provider, client_id: str, address: str) -> list[Token]:
        """The tokens that still work, of one client for one address."""
        return [
            token
            for token in self._tokens.values()
            if (token.grant.provider, token.grant.client_id, token.grant.address) == (provider, client_id, address)
            and not (token.revoked or token.grant.revoked or self._expired(token))
        ]

    def revoke(self, value: str) -> bool:
        """End the grant behind a token, so every token of it; False when the token is unknown."""
        token = self._tokens.get(value)
        if token is None:
            return False
        token.grant.revoked = True
        return True

    def revoke_address(self, address: str) -> int:
        """As if the person had withdrawn every consent. Answers how many grants ended."""
        grants = {id(token.grant): token.grant for token in self._tokens.values()}
        ended = [grant for grant in grants.values() if grant.address == address and not grant.revoked]
        for grant in ended:
            grant.revoked = True
        return len(ended)

    def expire(self, *, address: str = "", value: str = "", kinds: Iterable[str] = ("access",)) -> int:
        """Make tokens of an address, or one token, expire now. Answers how many did."""
        now_ms = self._clock.now_ms()
        chosen = set(kinds)
        hit = [
            token
            for token in self._tokens.values()
            if (token.value == value if value else token.grant.address == address and token.kind in chosen)
            and not self._expired(token)
        ]
        for token in hit:
            token.expires_ms = now_ms
        return len(hit)

    def _live(self, value: str, kind: str, provider: Provider) -> Token:
        token = self._tokens.get(value)
        if token is None or token.kind != kind or token.grant.provider != provider:
            raise TokenError("unknown")
        if token.revoked or token.grant.revoked:
            raise TokenError("revoked")
        if self._expired(token):
            raise TokenError("expired")
        return token

    def _expired(self, token: Token) -> bool:
        return token.expires_ms is not None and token.expires_ms <= self._clock.now_ms()

    def _check_code(self, code: Code, client_id: str, redirect_uri: str, verifier: str) -> None:
        if code.expires_ms <= self._clock.now_ms():
            raise TokenError("expired")
        if code.grant.client_id != client_id:
            raise TokenError("client")
        if code.redirect_uri != redirect_uri:
            raise TokenError("redirect")
        if not pkce_holds(code.challenge, code.challenge_method, verifier):
            raise TokenError("verifier")

    def _keep(self, token: Token) -> Token:
        self._tokens[token.value] = token
        return token

    def _drop_oldest(self, grant: Grant) -> None:
        if grant.provider != "google":
            return
        live = [
            token
            for token in self._tokens.values()
            if token.kind == "refresh"
            and not token.revoked
            and (token.grant.address, token.grant.client_id) == (grant.address, grant.client_id)
        ]
        for token in live[:-MAX_GOOGLE_REFRESH_TOKENS]:
            token.revoked = True


def new_grant(provider: Provider, client_id: str, address: str, scopes: Iterable[str]) -> Grant:
    """What a person allowed; the subject is the address's stable account number, as in Google's `sub`."""
    number = int.from_bytes(blake2b(address.encode(), digest_size=8).digest(), "big") | 1 << 63
    return Grant(provider, client_id, address, frozenset(scopes), str(number))


def narrowed(grant: Grant, scopes: Iterable[str]) -> Grant:
    """The grant of a person who ticked fewer scopes."""
    return replace(grant, scopes=frozenset(scopes))


def _value(provider: Provider, kind: Literal["access", "refresh"]) -> str:
    prefix, length = {
        ("google", "access"): ("ya29.a0", 120),
        ("google", "refresh"): ("1//0", 72),
        ("microsoft", "access"): ("EwB", 600),
        ("microsoft", "refresh"): ("1.A", 540),
    }[provider, kind]
    return prefix + secrets.token_urlsafe(length)
