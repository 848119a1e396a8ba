"""Bob's Microsoft 365 mailbox in the emulator, and the provider that is under test, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from providers import graph
from providers.base import Changes, Provider, Seen

BOB = "bob@northwind.example"
CARLA = "carla@contoso.example"
SCOPES = "User.Read Mail.Read Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


@dataclass
class Outlook:
    """The mailbox as its owner and the outside world see it; `grants` are those that were saved, `spent` the units."""

    control: httpx.Client
    app: graph.App
    mail: Callable[..., bytes]
    address: str = BOB
    grants: list[str] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    opened: list[Provider] = field(default_factory=list)

    def put(self, subject: str = "Offer", *, raw: bytes | None = None, **given: Any) -> str:
        """Lays a message into a folder (the inbox); answers its immutable id."""
        query: dict[str, str] = {name: str(given.pop(name)) for name in ("folder", "read", "date") if name in given}
        content = raw or self.mail(subject=subject, **{"To": self.address, **given})
        answer = self.control.post(f"mailboxes/{self.address}/messages", content=content, params=query)
        return str(answer.raise_for_status().json()["graph_immutable_id"])

    def act(self, name: str, **values: object) -> Json:
        """One of the emulator's levers: move, delete, fault, knobs…"""
        answer = self.control.post(name, json=values).raise_for_status()
        found: Json = answer.json() if answer.content else {}
        return found

    def move(self, message: str, folder: str) -> None:
        self.act("move", address=self.address, id=message, folder=folder)

    def delete(self, message: str) -> None:
        self.act("delete", address=self.address, id=message)

    def tokens(self, scopes: str = SCOPES) -> Json:
        return self.act("tokens", address=self.address, provider="microsoft", scopes=scopes)

    def open(self, grant: str = "", *, scopes: str = SCOPES) -> Provider:
        grant = grant or graph.grant_of(self.app, self.tokens(scopes))
        provider = graph.open_mailbox(self.app, grant, save=self.grants.append, pace=self.spent.append)
        self.opened.append(provider)
        return provider

    def asked(self, path: str = "/graph/", method: str = "") -> list[Json]:
        """What the emulator was asked, oldest first."""
        query = {"path": path, "limit": "1000"} | ({"method": method} if method else {})
        found: list[Json] = self.control.get("requests", params=query).raise_for_status().json()["requests"]
        return found

    def forget_asked(self) -> None:
        self.control.delete("requests").raise_for_status()

    def truth(self) -> list[Json]:
        found: list[Json] = self.control.get("truth", params={"address": self.address}).json()["messages"]
        return found

    def hand(self, method: str, path: str, **asked: Any) -> Json:
        """Something that the owner does himself, in another program."""
        headers = {"Authorization": f"Bearer {self.tokens()['access_token']}", "Prefer": 'IdType="ImmutableId"'}
        answer = httpx.request(method, f"{self.app.graph_root}/v1.0{path}", headers=headers, verify=False, **asked)
        assert answer.is_success, answer.text
        found: Json = answer.json() if answer.content else {}
        return found


@pytest.fixture
def app(emulator_url: str) -> graph.App:
    return graph.App(
        client_id="postroom-demo",
        client_secret="demo-secret",
        graph_root=f"{emulator_url}/graph",
        login_root=emulator_url,
    )


@pytest.fixture
def outlook(emulator: httpx.Client, app: graph.App, mail: Callable[..., bytes]) -> Iterator[Outlook]:
    outlook = Outlook(emulator, app, mail)
    outlook.act("tokens", address=BOB, provider="microsoft", scopes="Mail.Read")
    yield outlook
    for provider in outlook.opened:
        provider.close()


@pytest.fixture
def bob(outlook: Outlook) -> Provider:
    """The provider, who may do everything."""
    return outlook.open()


def begun(provider: Provider) -> str:
    """A first cursor."""
    step = provider.begin()
    while not step.done:
        step = provider.begin(step.cursor)
    return step.cursor


def cycle(provider: Provider, cursor: str, since: datetime = LONG_AGO) -> tuple[list[Seen], str, list[Changes]]:
    """All pages until the provider has nothing more: their items, the cursor after them, and the pages themselves."""
    pages = [provider.changes(cursor, since=since)]
    while pages[-1].more:
        pages.append(provider.changes(pages[-1].cursor, since=since))
        assert len(pages) < 200, "this never ends"
    return [item for page in pages for item in page.items], pages[-1].cursor, pages


def subject(seen: Seen) -> str:
    return dict(seen.headers or ()).get("Subject", "")


def subjects(items: list[Seen]) -> list[str]:
    return sorted(subject(item) for item in items)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Providers know no Django, and so no cache that would have to be emptied."""
