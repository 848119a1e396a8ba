"""The emulator: loading a mailbox, and calls that stay flat in the number of its messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from functools import partial
from typing import Any

from starlette.testclient import TestClient

from bench.figures import Figure, Work, compare
from emulator.app import create_app
from emulator.generator.load import load
from emulator.generator.year import stream
from emulator.world import World

SMALL, LARGE = 1_000, 100_000
PARSED = 10_000
BUDGET = 1.5
ALICE, BOB = "alice@northwind.example", "bob@northwind.example"
GMAIL, GRAPH = "/gmail/v1/users/me", "/graph/v1.0/me"


def figures() -> Iterator[Figure]:
    """Loading against parsing; then each call at many messages against the same at few."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    copies = list(stream(1, PARSED, end=datetime.now(UTC)))
    parser = BytesHeaderParser()
    yield compare(
        f"loading {PARSED:,} messages into the emulator",
        lambda: load(World(1), copies),
        yardstick=("parsing their headers by the standard library", lambda: [parser.parsebytes(c.raw) for c in copies]),
        budget=2.0,
        rounds=5,
    )
    small, large = Caller(SMALL), Caller(LARGE)
    for name, beside in small.calls().items():
        yield compare(
            f"{name} at {LARGE:,} messages",
            large.calls()[name],
            yardstick=(f"the same at {SMALL:,}", beside),
            budget=BUDGET,
        )


class Caller:
    """An emulated world of so many messages, half of them Gmail's, half Microsoft's, and its calls."""

    def __init__(self, messages: int) -> None:
        world = World(1)
        load(world, stream(1, messages, end=datetime.now(UTC)))
        self.http = TestClient(create_app(world))
        self.gmail = self._token(ALICE, "google", "https://www.googleapis.com/auth/gmail.modify")
        self.graph = self._token(BOB, "microsoft", "Mail.ReadWrite")
        self.head = self.get(f"{GMAIL}/profile", self.gmail)["historyId"]
        self.delta = self._delta_link()

    def calls(self) -> dict[str, Work]:
        """What a poll and a page of a sync ask."""
        return {
            "messages.list": partial(self.get, f"{GMAIL}/messages?maxResults=100", self.gmail),
            "messages.list by address": partial(
                self.get, f"{GMAIL}/messages?q=from:ines@atelier-lyon.example+newer:2000&maxResults=20", self.gmail
            ),
            "history.list": partial(self.get, f"{GMAIL}/history?startHistoryId={self.head}", self.gmail),
            "Graph list": partial(self.get, f"{GRAPH}/messages?$top=50&$select=id,subject", self.graph),
            "Graph delta, nothing new": partial(self.get, self.delta, self.graph),
        }

    def get(self, url: str, token: str) -> Any:
        """One call; anything but 200 is an error of the benchmark."""
        answer = self.http.get(url, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

    def _token(self, address: str, provider: str, scope: str) -> str:
        body = {"address": address, "provider": provider, "scopes": [scope]}
        return str(self.http.post("/_control/tokens", json=body).json()["access_token"])

    def _delta_link(self) -> str:
        page = self.get(f"{GRAPH}/mailFolders/inbox/messages/delta?$select=id", self.graph)
        while "@odata.deltaLink" not in page:
            page = self.get(page["@odata.nextLink"], self.graph)
        return str(page["@odata.deltaLink"])
