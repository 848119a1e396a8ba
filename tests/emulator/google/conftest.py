"""Alice's Gmail, driven by Google's own client over real HTTP."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httplib2
import httpx
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]  # The library has none.
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from tests.emulator.google import discovery

ALICE = "alice@northwind.example"
BOB = "bob@northwind.example"
CARLA = "carla@contoso.example"
CLIENT = "postroom-demo.apps.googleusercontent.example"
SECRET = "demo-secret"
AUTH = "https://www.googleapis.com/auth/"
FULL = "https://mail.google.com/"
Json = dict[str, Any]
Put = Callable[..., str]
Sign = Callable[..., "Gmail"]


class Gmail:
    """A signed-in person: `api` is the client's `users()`, `http` a bare client with the same token."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self.credentials = credentials
        self._url = url
        self._open = ExitStack()
        self.close = self._open.close

    @cached_property
    def service(self) -> Any:
        http = AuthorizedHttp(self.credentials, http=_transport())
        service = build_from_document(discovery.at(self._url), http=http, requestBuilder=discovery.CheckedRequest)
        self._open.callback(service.close)
        return service

    @cached_property
    def api(self) -> Any:
        return self.service.users()

    @cached_property
    def http(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.credentials.token}"}
        return self._open.enter_context(httpx.Client(base_url=self._url, headers=headers, timeout=30, verify=False))


@dataclass(frozen=True)
class Refusal:
    """What the client was told: `reason` of the first entry, and the whole `error` object."""

    status: int
    reason: str
    message: str
    error: Json


@pytest.fixture
def sign_in(emulator: httpx.Client, emulator_url: str) -> Iterator[Sign]:
    """`sign_in(address, scope, …)`: without a scope, one that may do everything."""
    with ExitStack() as open_things:

        def sign(address: str = ALICE, *scopes: str) -> Gmail:
            asked = {"address": address, "provider": "google", "scopes": list(scopes) or [FULL], "client_id": CLIENT}
            pair = emulator.post("tokens", json=asked).raise_for_status().json()
            credentials = Credentials(  # type: ignore[no-untyped-call]  # The library has no types.
                pair["access_token"],
                refresh_token=pair["refresh_token"],
                token_uri=f"{emulator_url}/token",
                client_id=CLIENT,
                client_secret=SECRET,
            )
            gmail = Gmail(emulator_url, credentials)
            open_things.callback(gmail.close)
            return gmail

        yield sign


def _transport() -> httplib2.Http:
    """As the client's own, for which a 308 is no redirect but an upload that goes on."""
    http = httplib2.Http(proxy_info=None, timeout=30)
    http.redirect_codes -= {308}
    return http


@pytest.fixture
def alice(sign_in: Sign) -> Gmail:
    return sign_in(ALICE)


@pytest.fixture
def put(emulator: httpx.Client, mail: Callable[..., bytes]) -> Put:
    """A message appears in Alice's mailbox: `put(subject="Offer", labels="INBOX,STARRED", date=…)`; its id."""

    def write(raw: bytes | None = None, *, address: str = ALICE, **values: Any) -> str:
        query: dict[str, Any] = {"provider": "google"}
        query |= {name: values.pop(name) for name in ("folder", "labels", "read", "date") if name in values}
        body = mail(**values) if raw is None else raw
        answer = emulator.post(f"mailboxes/{address}/messages", params=query, content=body)
        return str(answer.raise_for_status().json()["gmail_id"])

    return write


def refused(request: Any) -> Refusal:
    """Execute a call that must fail."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    return read_refusal(caught.value.status_code, caught.value.content)


def read_refusal(status: int, content: bytes) -> Refusal:
    error = json.loads(content)["error"]
    assert error["code"] == status
    return Refusal(status, error["errors"][0]["reason"], error["message"], error)


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def listed(gmail: Gmail, **query: Any) -> list[str]:
    """The ids of one page of messages.list."""
    answer = gmail.api.messages().list(userId="me", **query).execute()
    return [message["id"] for message in answer.get("messages", [])]
