"""Marking, moving, copying and deleting messages."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, IMMUTABLE, Graph, Json, Put


@pytest.fixture
def message(graph: Graph, put: Put) -> Json:
    """One unread message in the inbox."""
    put("Offer", read=False)
    found: Json = graph.get("/me/messages")["value"][0]
    return found


def test_marks_are_set_and_raise_the_change_key(graph: Graph, message: Json) -> None:
    path = f"/me/messages/{message['id']}"
    changes = {
        "isRead": True,
        "categories": ["Postroom", "No master category"],
        "flag": {"flagStatus": "flagged"},
        "importance": "high",
        "inferenceClassification": "other",
    }
    changed = graph.patch(path, changes)
    assert {name: changed[name] for name in changes} == changes
    assert changed["changeKey"] != message["changeKey"]
    assert changed["id"] == message["id"]
    assert graph.get("/me/messages?$filter=categories/any(c:c eq 'Postroom')&$select=id")["value"]


def test_private_properties_add_up(graph: Graph, message: Json) -> None:
    path, name = f"/me/messages/{message['id']}", "String {{66f5a359-4659-4830-9070-00047ec6ac6e}} Name {}"
    for mark, value in (("A", "1"), ("B", "2"), ("A", "3")):
        graph.patch(path, {"singleValueExtendedProperties": [{"id": name.format(mark), "value": value}]})
    found = graph.get(f"{path}?$expand=singleValueExtendedProperties")["singleValueExtendedProperties"]
    assert found == [{"id": name.format("A"), "value": "3"}, {"id": name.format("B"), "value": "2"}]


def test_a_patch_without_a_change_changes_nothing(graph: Graph, message: Json) -> None:
    same = graph.patch(f"/me/messages/{message['id']}", {"isRead": False, "categories": []})
    assert same["changeKey"] == message["changeKey"]


def test_a_stale_etag_is_refused(graph: Graph, message: Json) -> None:
    path = f"/me/messages/{message['id']}"
    fresh = graph.patch(path, {"categories": ["A"]}, headers={"If-Match": message["@odata.etag"]})
    stale = {"If-Match": message["@odata.etag"]}
    refusal = graph.refusal("PATCH", path, json={"categories": ["B"]}, headers=stale)
    assert refusal == (412, "ErrorIrresolvableConflict")
    assert graph.refusal("DELETE", path, headers=stale) == (412, "ErrorIrresolvableConflict")
    assert graph.get(path)["categories"] == ["A"]
    graph.patch(path, {"categories": ["B"]}, headers={"If-Match": fresh["@odata.etag"]})
    assert graph.patch(path, {"categories": []}, headers={"If-Match": "*"})["categories"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": "Other"}, "ErrorInvalidPropertySet"),
        ({"id": "x"}, "ErrorInvalidPropertySet"),
        ({"internetMessageId": "<a@b.example>"}, "ErrorInvalidPropertySet"),
        ({"nothing": 1}, "RequestBodyRead"),
        ({"isRead": "yes"}, "RequestBodyRead"),
        ({"categories": "Postroom"}, "RequestBodyRead"),
        ({"flag": {"flagStatus": "waving"}}, "RequestBodyRead"),
        ({"importance": "urgent"}, "RequestBodyRead"),
        ({"singleValueExtendedProperties": [{"id": "String {x}", "value": "1"}]}, "ErrorInvalidArgument"),
    ],
)
def test_what_cannot_be_set_is_refused_whole(graph: Graph, message: Json, changes: Json, code: str) -> None:
    path = f"/me/messages/{message['id']}"
    assert graph.refusal("PATCH", path, json={"flag": {"flagStatus": "flagged"}, **changes}) == (400, code)
    assert graph.get(path)["changeKey"] == message["changeKey"]


def test_a_move_makes_a_new_classic_id_and_keeps_the_immutable_one(graph: Graph, message: Json) -> None:
    (immutable,) = graph.get("/me/messages", headers=IMMUTABLE)["value"]
    moved = graph.post(f"/me/messages/{message['id']}/move", {"destinationId": "archive"})
    assert moved["id"] != message["id"]
    assert graph.refusal("GET", f"/me/messages/{message['id']}") == (404, "ErrorItemNotFound")
    there = graph.get(f"/me/messages/{immutable['id']}", headers=IMMUTABLE)
    assert (there["id"], there["parentFolderId"]) == (immutable["id"], graph.get("/me/mailFolders/archive")["id"])


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"destinationId": "nonsense"}, (400, "ErrorInvalidIdMalformed")),
        ({"destinationId": "clutter"}, (404, "ErrorFolderNotFound")),
        ({}, (400, "ErrorInvalidRequest")),
        ({"target": "inbox"}, (400, "RequestBodyRead")),
    ],
)
def test_a_move_to_nowhere_is_refused(graph: Graph, message: Json, body: Json, refusal: tuple[int, str]) -> None:
    assert graph.refusal("POST", f"/me/messages/{message['id']}/move", json=body) == refusal


def test_a_copy_is_another_message(graph: Graph, message: Json) -> None:
    twin = graph.post(f"/me/messages/{message['id']}/copy", {"destinationId": "archive"})
    assert (twin["subject"], twin["isRead"], twin["internetMessageId"]) == (
        message["subject"],
        False,
        message["internetMessageId"],
    )
    assert graph.get("/me/mailFolders/inbox")["totalItemCount"] == 1


def test_delete_moves_to_deleted_items_and_from_there_for_good(graph: Graph, message: Json) -> None:
    graph.ask("DELETE", f"/me/messages/{message['id']}")
    (deleted,) = graph.get("/me/mailFolders/deleteditems/messages")["value"]
    assert graph.ask("DELETE", f"/me/messages/{deleted['id']}").status_code == 204
    assert graph.get("/me/messages")["value"] == []


def test_control_sees_what_graph_changed(graph: Graph, emulator: httpx.Client, message: Json) -> None:
    graph.patch(f"/me/messages/{message['id']}", {"isRead": True, "categories": ["A"]})
    (truth,) = emulator.get("truth", params={"address": BOB}).json()["messages"]
    assert (truth["is_read"], truth["categories"], truth["folder"]) == (True, ["A"], "Inbox")
