"""Alice's Gmail through our provider, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import pytest

from providers import gmail
from providers.base import Provider, ProviderError, Save
from providers.gmail import App

ALICE = "alice@northwind.example"
CARLA = "carla@contoso.example"
CLIENT = "postroom-demo.apps.googleusercontent.example"
SECRET = "demo-secret"
AUTH = "https://www.googleapis.com/auth/"
READONLY, MODIFY, SEND = f"{AUTH}gmail.readonly", f"{AUTH}gmail.modify", f"{AUTH}gmail.send"
Json = dict[str, Any]


@dataclass
class Opened:
    """A mailbox as the engine holds it, and what it heard: grants to keep, and units to pay."""

    provider: Provider
    saved: list[str] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)

    @property
    def spent(self) -> int:
        return sum(self.paid)


class Open(Protocol):
    def __call__(self, *scopes: str, address: str = ALICE, save: Save | None = None, prices: str = "new") -> Opened: ...


@dataclass
class Log:
    """The emulator's request log, of calls to Gmail."""

    control: httpx.Client

    def calls(self, path: str = "/gmail/v1", **query: str) -> list[Json]:
        answer = self.control.get("requests", params={"path": path, "limit": 20000, **query}).raise_for_status()
        entries: list[Json] = answer.json()["requests"]
        return entries

    def asked(self, path: str = "/gmail/v1") -> list[str]:
        """Such as "GET /gmail/v1/users/me/profile", in their order."""
        return [f"{entry['method']} {entry['path']}" for entry in self.calls(path)]

    def bodies(self) -> set[str]:
        """The ids of messages whose bodies were asked for in any way."""
        gets = [entry for entry in self.calls("/messages/") if entry["method"] == "GET"]
        return {entry["path"].split("/")[-1] for entry in gets if "format=metadata" not in entry["query"]}

    @property
    def units(self) -> int:
        return sum(entry["units"] for entry in self.calls())

    def clear(self) -> None:
        self.control.delete("requests").raise_for_status()


@pytest.fixture
def app(emulator_url: str) -> App:
    return App(CLIENT, SECRET, api_root=emulator_url, oauth_root=emulator_url)


@pytest.fixture
def tokens(emulator: httpx.Client) -> Callable[..., Json]:
    """A token pair for scopes, as a token endpoint gives it."""

    def give(*scopes: str, address: str = ALICE) -> Json:
        asked = {"address": address, "provider": "google", "scopes": list(scopes or (MODIFY,)), "client_id": CLIENT}
        pair: Json = emulator.post("tokens", json=asked).raise_for_status().json()
        return pair

    return give


@pytest.fixture
def open_as(app: App, tokens: Callable[..., Json]) -> Iterator[Open]:
    """`open_as(scope, …)`: without a scope, one that may read, label and send."""
    with ExitStack() as opened:

        def enter(*scopes: str, address: str = ALICE, save: Save | None = None, prices: str = "new") -> Opened:
            saved: list[str] = []
            paid: list[int] = []
            grant = gmail.grant_of(app, tokens(*scopes, address=address))
            client = App(app.client_id, app.client_secret, app.api_root, app.oauth_root, prices)  # type: ignore[arg-type]
            provider = gmail.open_mailbox(client, grant, save=save or saved.append, pace=paid.append)
            opened.callback(provider.close)
            return Opened(provider, saved, paid)

        yield enter


@pytest.fixture
def alice(open_as: Open) -> Opened:
    return open_as()


@pytest.fixture
def log(emulator: httpx.Client) -> Log:
    return Log(emulator)


@pytest.fixture
def put(emulator: httpx.Client, mail: Callable[..., bytes]) -> Callable[..., str]:
    """A message appears in Alice's mailbox: `put(subject="Offer", labels="INBOX", date=…)`; its id."""

    def write(raw: bytes | None = None, *, address: str = ALICE, **values: Any) -> str:
        query: Json = {"provider": "google"}
        query |= {name: values.pop(name) for name in ("folder", "labels", "read", "date") if name in values}
        body = mail(**values) if raw is None else raw
        answer = emulator.post(f"mailboxes/{address}/messages", params=query, content=body)
        return str(answer.raise_for_status().json()["gmail_id"])

    return write


@pytest.fixture
def fault(emulator: httpx.Client) -> Callable[..., None]:
    """The next calls of a path fail: `fault("/gmail/v1/*", status=503)`."""

    def order(path: str, **values: Any) -> None:
        emulator.post("faults", json={"path": path, **values}).raise_for_status()

    return order


def refused(call: Callable[[], Any]) -> ProviderError:
    """Makes a call that must fail."""
    with pytest.raises(ProviderError) as caught:
        call()
    return caught.value
