"""A grant: the tokens of one mailbox as one opaque text, and as credentials that keep themselves fresh."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import httplib2
from google.auth.exceptions import RefreshError
from google.auth.transport import Request, Response
from google.oauth2.credentials import Credentials

from providers.base import Kind, ProviderError, Recovery, Save
from providers.gmail import errors
from providers.gmail.app import App

_RETRIED = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Grant:
    """``expires_at`` of the access token is in epoch seconds; ``scopes`` are those that were really granted."""

    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: float
    scopes: tuple[str, ...]

    def dumps(self) -> str:
        kept = {
            "refresh_token": self.refresh_token,
            "access_token": self.access_token,
            "expires_at": self.expires_at,
            "scopes": list(self.scopes),
        }
        return json.dumps(kept)


def loads(text: str) -> Grant:
    """Raises ProviderError for a text that is no grant: only a new log-in helps then."""
    try:
        read = json.loads(text)
        return Grant(
            refresh_token=str(read["refresh_token"]),
            access_token=str(read["access_token"]),
            expires_at=float(read["expires_at"]),
            scopes=tuple(map(str, read["scopes"])),
        )
    except (ValueError, KeyError, TypeError):
        # The text is secret, and would be part of the cause.
        detail = "The permission cannot be read. Please connect the mailbox again."
        raise ProviderError(Kind.ACCOUNT, Recovery.PERMANENT, detail, code="grant") from None


def of_tokens(tokens: Mapping[str, object], *, now: datetime) -> Grant:
    """From a token endpoint's answer (RFC 6749, section 5.1). Without a refresh token there is none: ValueError."""
    refresh, access = tokens.get("refresh_token"), tokens.get("access_token")
    if not refresh or not access:
        raise ValueError("There is no refresh token, or no access token.")
    scopes, lifetime = tokens.get("scope", ""), tokens.get("expires_in")
    return Grant(
        refresh_token=str(refresh),
        access_token=str(access),
        expires_at=now.timestamp() + (float(lifetime) if isinstance(lifetime, int | float) else 0.0),
        scopes=tuple(scopes.split() if isinstance(scopes, str) else map(str, _listed(scopes))),
    )


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


class Transport(Protocol):
    """What of httplib2 is used here."""

    def request(self, uri: str, **named: Any) -> tuple[httplib2.Response, bytes]: ...


class Unsaved(Exception):
    """A renewed grant could not be kept; ``cause`` is what the caller's ``save`` raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class FreshCredentials(Credentials):
    """Google's credentials, which renew the access token when it ends; a new one is saved before it is used.

    Raises ProviderError where Google's own would raise, and does not wait between tries as they would.
    """

    def __init__(self, app: App, grant: Grant, *, save: Save, transport: Transport) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # google-auth has only some types.
            grant.access_token or None,
            refresh_token=grant.refresh_token,
            token_uri=app.token_url,
            client_id=app.client_id,
            client_secret=app.client_secret,
            expiry=datetime.fromtimestamp(grant.expires_at, UTC).replace(tzinfo=None),
        )
        self._scopes_granted = grant.scopes
        self._save = save
        self._request = _TokenRequest(transport)

    def refresh(self, request: object) -> None:
        """As Google's client calls it, but for its ``request``: that would come without a timeout."""
        try:
            super().refresh(self._request)  # type: ignore[no-untyped-call]  # As above.
        except RefreshError:
            raise errors.garbled() from None  # An answer without a token; the error has it all in its text.
        try:
            self._save(self._grant().dumps())
        except Exception as error:
            # Ours to hand on: Google's client, on whose stack this runs, must not take it for one of its own.
            raise Unsaved(error) from error

    def _grant(self) -> Grant:
        expiry: datetime | None = self.expiry
        return Grant(
            refresh_token=str(self.refresh_token),
            access_token=str(self.token),
            expires_at=expiry.replace(tzinfo=UTC).timestamp() if expiry else 0.0,
            scopes=self._scopes_granted,
        )


@dataclass(frozen=True, slots=True)
class Answer(Response):
    """An answer in the form in which google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class _TokenRequest(Request):
    """Posts to the token endpoint. A refusal is raised at once: google-auth would sleep over some and repeat them, and
    of others it keeps no more than a text.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: int | None = None,
        **_named: object,
    ) -> Answer:
        response, data = self._transport.request(url, method=method, body=body, headers=dict(headers or {}))
        if response.status in _RETRIED or response.status >= 500:
            raise errors.refusal(response.status, data, response, writes=False)
        if response.status != 200:
            raise errors.oauth_refusal(_word_of(data), status=response.status)
        return Answer(response.status, dict(response), data)


def _word_of(body: bytes) -> str:
    """The ``error`` of a token endpoint's answer (RFC 6749, section 5.2); "" where there is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""
