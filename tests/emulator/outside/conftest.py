"""The page as a browser without scripts sees it, in an emptied world with Alice at Gmail and Bob at Microsoft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

ALICE, BOB, INES = "alice@northwind.example", "bob@northwind.example", "ines@atelier-lyon.example"
Put = Callable[..., str]
Write = Callable[..., httpx.Response]


@pytest.fixture
def page(emulator: httpx.Client, emulator_url: str) -> Iterator[httpx.Client]:
    """Paths are relative to the page's root; redirects are followed."""
    emulator.put(f"mailboxes/{ALICE}", json={"provider": "google"}).raise_for_status()
    emulator.put(f"mailboxes/{BOB}", json={"provider": "microsoft"}).raise_for_status()
    with httpx.Client(base_url=emulator_url, timeout=30, follow_redirects=True) as client:
        yield client


@pytest.fixture
def put(emulator: httpx.Client) -> Put:
    """Put a raw message into a mailbox: `put(ALICE, raw)` answers the path of its page."""

    def into(address: str, raw: bytes, **query: str) -> str:
        answer = emulator.post(f"mailboxes/{address}/messages", content=raw, params=query)
        answer.raise_for_status()
        return f"/mail/{address}/{answer.json()['gmail_id']}"

    return into


@pytest.fixture
def write(page: httpx.Client) -> Write:
    """Send the form for writing: `write(sender=…, to=…)`; `files` are those of httpx."""

    def send(*, files: Any = None, **fields: str) -> httpx.Response:
        usual = {"sender": f"Ines Moreau <{INES}>", "to": ALICE, "subject": "Pallets", "text": "Gate C."}
        return page.post("/write", data={**usual, **fields}, files=files or {"files": ("", b"")})

    return send


@pytest.fixture
def newest(emulator: httpx.Client) -> Callable[[str], dict[str, Any]]:
    """The newest message of a mailbox, as control describes it, with its source under "raw"."""

    def of(address: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = emulator.get(f"mailboxes/{address}/messages", params={"limit": 1}).json()[
            "messages"
        ]
        raw = emulator.get(f"mailboxes/{address}/messages/{found[0]['gmail_id']}/raw").content
        return {**found[0], "raw": raw}

    return of
