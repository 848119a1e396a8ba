"""Message deltas: rounds of pages, one chain a folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, IMMUTABLE, Graph, Json, Put, subjects

INBOX = "/me/mailFolders/inbox/messages/delta"
Turn = Callable[..., None]


def round_of(graph: Graph, link: str, **asked: Any) -> tuple[list[Json], str]:
    """All pages from `link` on: their items, and the deltaLink."""
    items: list[Json] = []
    while True:
        answer = graph.get(link, **asked)
        items += answer["value"]
        if "@odata.deltaLink" in answer:
            return items, answer["@odata.deltaLink"]
        link = answer["@odata.nextLink"]


def test_the_first_round_gives_everything_and_the_next_what_is_new(graph: Graph, put: Put) -> None:
    put("one")
    items, link = round_of(graph, INBOX)
    assert [item["subject"] for item in items] == ["one"]
    assert round_of(graph, link)[0] == []
    put("two")
    items, link = round_of(graph, link)
    assert [item["subject"] for item in items] == ["two"]
    assert items[0]["body"]["content"]


@pytest.mark.parametrize(
    "spelling",
    [
        "/me/mailFolders/inbox/messages/delta",
        "/me/mailFolders('inbox')/messages/delta()",
        "/me/mailfolders('inbox')/messages/microsoft.graph.delta()",
        f"/users/{BOB}/MailFolders/Inbox/Messages/Delta",
    ],
)
def test_every_spelling_is_the_same(graph: Graph, put: Put, spelling: str) -> None:
    put("one")
    assert subjects(graph.get(spelling)) == ["one"]


def test_links_are_spelled_as_outlook_spells_them(graph: Graph) -> None:
    link = graph.get(INBOX)["@odata.deltaLink"]
    inbox = graph.get("/me/mailFolders/inbox")["id"]
    assert f"/graph/v1.0/me/mailfolders('{inbox}')/messages/delta?$deltatoken=" in link


def test_there_is_no_delta_of_the_whole_mailbox(graph: Graph) -> None:
    answer = graph.ask("GET", "/me/messages/delta()")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert "Change tracking is not supported against 'microsoft.graph.message'" in answer.text


def test_pages_are_as_long_as_preferred(graph: Graph, put: Put) -> None:
    for number in range(5):
        put(f"m{number}")
    prefer = {"Prefer": "odata.maxpagesize=2"}
    answer = graph.get(INBOX, headers=prefer)
    assert len(answer["value"]) == 2
    items, link = round_of(graph, answer["@odata.nextLink"], headers=prefer)
    assert len(items) == 3
    for number in range(3):
        put(f"n{number}")
    assert len(graph.get(link, headers=prefer)["value"]) == 2
    assert len(round_of(graph, link, headers=prefer)[0]) == 3


def test_what_came_during_the_first_round_is_told_after_it(graph: Graph, put: Put) -> None:
    for number in range(3):
        put(f"m{number}")
    first = graph.get(f"{INBOX}?$top=2&$select=subject")
    put("meanwhile")
    items, link = round_of(graph, first["@odata.nextLink"])
    later, _ = round_of(graph, link)
    assert [each["subject"] for each in items + later] == ["m0", "meanwhile"]


def test_a_changed_message_carries_what_changed(graph: Graph, put: Put, knobs: Turn) -> None:
    put("one", read=False)
    (item,), link = round_of(graph, INBOX)
    graph.patch(f"/me/messages/{item['id']}", {"isRead": True})
    (changed,), link = round_of(graph, link)
    assert (changed["id"], changed["isRead"]) == (item["id"], True)
    assert "subject" not in changed
    knobs(delta_partial_updates=False)
    graph.patch(f"/me/messages/{item['id']}", {"categories": ["Postroom"]})
    (changed,), link = round_of(graph, link)
    assert (changed["subject"], changed["categories"]) == ("one", ["Postroom"])


def test_many_changes_of_one_message_are_one_item(graph: Graph, put: Put) -> None:
    put("one", read=False)
    (item,), link = round_of(graph, INBOX)
    graph.patch(f"/me/messages/{item['id']}", {"isRead": True})
    graph.patch(f"/me/messages/{item['id']}", {"categories": ["A"]})
    (changed,), _ = round_of(graph, link)
    assert (changed["isRead"], changed["categories"]) == (True, ["A"])


def test_a_selection_is_frozen_into_the_chain(graph: Graph, put: Put) -> None:
    put("one", read=False)
    (item,), link = round_of(graph, f"{INBOX}?$select=subject")
    assert set(item) == {"@odata.etag", "id", "subject"}
    graph.patch(f"/me/messages/{item['id']}", {"isRead": True})
    (changed,), _ = round_of(graph, link)
    assert set(changed) == {"@odata.etag", "id"}


def test_a_move_is_a_removal_here_and_an_arrival_there(graph: Graph, put: Put) -> None:
    put("one")
    (item,), here = round_of(graph, INBOX)
    _, there = round_of(graph, INBOX.replace("inbox", "archive"))
    moved = graph.post(f"/me/messages/{item['id']}/move", {"destinationId": "archive"})
    (gone,), _ = round_of(graph, here)
    assert (gone["id"], gone["@removed"]) == (item["id"], {"reason": "deleted"})
    (come,), _ = round_of(graph, there)
    assert (come["id"], come["subject"]) == (moved["id"], "one")
    assert moved["id"] != item["id"]


def test_with_immutable_ids_the_destination_may_say_nothing(graph: Graph, put: Put, knobs: Turn) -> None:
    put("one")
    (item,), here = round_of(graph, INBOX, headers=IMMUTABLE)
    _, there = round_of(graph, INBOX.replace("inbox", "archive"), headers=IMMUTABLE)
    knobs(delta_destination_silent=True)
    graph.post(f"/me/messages/{item['id']}/move", {"destinationId": "archive"})
    (gone,), _ = round_of(graph, here, headers=IMMUTABLE)
    assert (gone["id"], "@removed" in gone) == (item["id"], True)
    assert round_of(graph, there, headers=IMMUTABLE)[0] == []
    assert graph.get(f"/me/messages/{item['id']}")["parentFolderId"] == graph.get("/me/mailFolders/archive")["id"]


def test_a_deleted_message_is_removed(graph: Graph, put: Put) -> None:
    put("one")
    (item,), link = round_of(graph, INBOX)
    graph.ask("POST", f"/me/messages/{item['id']}/permanentDelete")
    (gone,), _ = round_of(graph, link)
    assert gone == {
        "@odata.type": "#microsoft.graph.message",
        "id": item["id"],
        "@removed": {"reason": "deleted"},
    }


def test_a_filter_keeps_to_newer_mail_for_good(graph: Graph, put: Put) -> None:
    old = put("old", date="2026-01-01T00:00:00Z")
    put("new", date="2026-11-01T00:00:00Z")
    items, link = round_of(graph, f"{INBOX}?$filter=receivedDateTime ge 2026-10-01T00:00:00Z")
    assert [item["subject"] for item in items] == ["new"]
    graph.patch(f"/me/messages/{old['graph_id']}", {"categories": ["A"]})
    assert round_of(graph, link)[0] == []


def test_a_filtered_first_round_ends_at_five_thousand(graph: Graph, emulator: httpx.Client) -> None:
    line = b'{"address": "bob@northwind.example", "raw": "RnJvbTogYUBiLmV4YW1wbGUNCg0KeA0K", "provider": "microsoft"}\n'
    emulator.post("load", content=line * 5_003).raise_for_status()
    query = "$select=id&$top=1000"
    filtered, _ = round_of(graph, f"{INBOX}?{query}&$filter=receivedDateTime ge 2020-01-01T00:00:00Z")
    everything, _ = round_of(graph, f"{INBOX}?{query}")
    assert (len(filtered), len(everything)) == (5_000, 5_003)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$search=x", "ErrorInvalidUrlQuery"),
        ("$skip=1", "ErrorInvalidUrlQuery"),
        ("$count=true", "ErrorInvalidUrlQuery"),
        ("$orderby=subject", "ErrorInvalidUrlQuery"),
        ("$filter=isRead eq true", "ErrorInvalidUrlQuery"),
        ("$filter=receivedDateTime le 2026-10-01T00:00:00Z", "ErrorInvalidUrlQuery"),
        ("changeType=moved", "ErrorInvalidUrlQuery"),
        ("$deltatoken=latest", "SyncStateInvalid"),
        ("$deltatoken=garbage", "SyncStateInvalid"),
        ("$skiptoken=garbage", "SyncStateInvalid"),
    ],
)
def test_what_change_tracking_cannot_do_is_refused(graph: Graph, query: str, code: str) -> None:
    assert graph.refusal("GET", f"{INBOX}?{query}") == (400, code)


def test_a_token_belongs_to_its_folder(graph: Graph) -> None:
    _, link = round_of(graph, INBOX)
    token = link.partition("?")[2]
    assert graph.refusal("GET", f"/me/mailFolders/archive/messages/delta?{token}") == (400, "SyncStateInvalid")


def test_only_the_wanted_kind_of_change_comes(graph: Graph, put: Put) -> None:
    put("one", read=False)
    links = {kind: round_of(graph, f"{INBOX}?changeType={kind}")[1] for kind in ("created", "updated", "deleted")}
    (item,) = graph.get("/me/messages")["value"]
    graph.patch(f"/me/messages/{item['id']}", {"isRead": True})
    put("two")
    seen = {kind: len(round_of(graph, link)[0]) for kind, link in links.items()}
    assert seen == {"created": 1, "updated": 1, "deleted": 0}


@pytest.mark.parametrize("code", ["SyncStateNotFound", "syncStateNotFound", "resyncRequired"])
def test_an_old_token_is_gone_and_says_how_to_start_again(
    graph: Graph, put: Put, emulator: httpx.Client, knobs: Turn, code: str
) -> None:
    put("one")
    _, link = round_of(graph, f"{INBOX}?$select=subject")
    knobs(delta_expired_code=code)
    emulator.post("expire-history", json={"address": BOB})
    assert graph.refusal("GET", link) == (410, code)
    location = graph.ask("GET", link).headers["location"]
    assert location.endswith("$deltatoken=")
    (item,), link = round_of(graph, location)
    assert set(item) == {"@odata.etag", "id", "subject"}
    assert round_of(graph, link)[0] == []


def test_the_middle_of_a_first_round_can_be_gone_too(graph: Graph, put: Put, emulator: httpx.Client) -> None:
    put("one")
    put("two")
    link = graph.get(f"{INBOX}?$top=1")["@odata.nextLink"]
    emulator.post("expire-history", json={"address": BOB})
    assert graph.refusal("GET", link)[0] == 410


def test_empty_pages_come_first_when_ordered(graph: Graph, put: Put, knobs: Turn) -> None:
    put("one")
    knobs(delta_empty_pages=2)
    for link in (INBOX, round_of(graph, INBOX)[1]):
        first = graph.get(link)
        assert (first["value"], "@odata.nextLink" in first) == ([], True)
        second = graph.get(first["@odata.nextLink"])
        assert (second["value"], "@odata.nextLink" in second) == ([], True)
        assert "@odata.deltaLink" in graph.get(second["@odata.nextLink"])


def test_items_repeat_when_ordered(graph: Graph, put: Put, knobs: Turn) -> None:
    for number in range(4):
        put(f"m{number}")
    knobs(delta_repeats=1)
    items, _ = round_of(graph, f"{INBOX}?$top=2")
    assert [item["subject"] for item in items] == ["m3", "m2", "m2", "m1", "m0"]


def test_a_deleted_folder_ends_its_chain(graph: Graph) -> None:
    made = graph.post("/me/mailFolders", {"displayName": "Projects"})
    _, link = round_of(graph, f"/me/mailFolders/{made['id']}/messages/delta")
    graph.ask("DELETE", f"/me/mailFolders/{made['id']}")
    assert graph.refusal("GET", link) == (404, "ErrorItemNotFound")
