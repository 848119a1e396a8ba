"""Pages cost what a page holds, however full the mailbox is: counted by the messages and changes looked at."""

from __future__ import annotations

import json
from base64 import b64encode

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, Graph

START_MS = 1_760_000_000_000


def fill(emulator: httpx.Client, count: int) -> None:
    """A message a minute, with Message-IDs `<0@…>` to `<count-1@…>`."""
    lines = [
        json.dumps(
            {
                "address": BOB,
                "provider": "microsoft",
                "raw": b64encode(f"From: a@b.example\r\nMessage-ID: <{n}@b.example>\r\n\r\nx\r\n".encode()).decode(),
                "date": START_MS + n * 60_000,
            }
        )
        for n in range(count)
    ]
    emulator.post("load", content="\n".join(lines).encode()).raise_for_status()


def touched(emulator: httpx.Client) -> list[int]:
    entries = emulator.get("requests", params={"path": "/graph/"}).json()["requests"]
    emulator.delete("requests")
    return [entry["touched"] for entry in entries]


def looks(graph: Graph, emulator: httpx.Client) -> list[int]:
    """What each kind of read touches in this mailbox."""
    window = "receivedDateTime ge 2025-10-09T09:00:00Z and receivedDateTime lt 2025-10-09T10:00:00Z"
    emulator.delete("requests")
    deep = graph.get("/me/messages?$top=50&$select=id")["@odata.nextLink"]
    graph.get(deep)
    graph.get("/me/messages", params={"$filter": window, "$orderby": "receivedDateTime desc", "$top": "1000"})
    graph.get("/me/messages?$filter=internetMessageId eq '<7@b.example>'")
    graph.get("/me/messages?$orderby=receivedDateTime asc&$top=20")
    first = graph.get("/me/mailFolders/inbox/messages/delta?$select=id&$top=100")
    graph.get(first["@odata.nextLink"])
    link = graph.get("/me/mailFolders/archive/messages/delta")["@odata.deltaLink"]
    graph.get(link)
    part = {"id": "1", "method": "GET", "url": "/me/messages?$top=5&$select=id"}
    graph.post("/$batch", {"requests": [part]})
    return touched(emulator)


def test_no_read_grows_with_the_mailbox(graph: Graph, emulator: httpx.Client) -> None:
    fill(emulator, 600)
    small = looks(graph, emulator)
    emulator.post("reset")
    fill(emulator, 6_000)
    token = emulator.post("tokens", json={"address": BOB, "provider": "microsoft", "scopes": "Mail.Read"}).json()
    graph.http.headers["Authorization"] = f"Bearer {token['access_token']}"
    assert looks(graph, emulator) == small
    assert max(small) <= 101


def test_a_later_round_costs_what_happened_since(graph: Graph, emulator: httpx.Client) -> None:
    fill(emulator, 1_500)
    link = "/me/mailFolders/inbox/messages/delta?$select=id&$top=1000"
    while "$deltatoken" not in link:
        answer = graph.get(link)
        link = answer.get("@odata.nextLink") or answer["@odata.deltaLink"]
    (message,) = graph.get("/me/messages?$top=1")["value"]
    graph.patch(f"/me/messages/{message['id']}", {"categories": ["A"]})
    emulator.delete("requests")
    assert len(graph.get(link)["value"]) == 1
    assert touched(emulator) == [1]


@pytest.mark.parametrize("count", [300, 3_000])
def test_a_page_of_mime_bodies_is_asked_one_by_one(graph: Graph, emulator: httpx.Client, count: int) -> None:
    fill(emulator, count)
    emulator.delete("requests")
    for message in graph.get("/me/messages?$top=3&$select=id")["value"]:
        graph.ask("GET", f"/me/messages/{message['id']}/$value")
    entries = emulator.get("requests", params={"path": "/graph/"}).json()["requests"]
    assert [entry["units"] for entry in entries] == [1, 1, 1, 1]
