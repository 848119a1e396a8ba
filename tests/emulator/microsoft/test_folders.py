"""The folder tree and its delta."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.microsoft.conftest import BOB, Graph, Put, subjects

WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "drafts": "Drafts",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "archive": "Archive",
    "outbox": "Outbox",
}


def names(answer: dict[str, object]) -> list[str]:
    value = answer["value"]
    assert isinstance(value, list)
    return [each["displayName"] for each in value if "@removed" not in each]


def test_the_top_holds_the_well_known_and_hides_the_hidden(graph: Graph) -> None:
    assert set(names(graph.get("/me/mailFolders"))) == set(WELL_KNOWN.values())
    everything = graph.get("/me/mailFolders?includeHiddenFolders=true&$top=100")
    assert "Conversation History" in names(everything)


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_a_well_known_name_is_an_id_in_any_case(graph: Graph, name: str) -> None:
    assert graph.get(f"/me/mailFolders/{name.upper()}")["displayName"] == WELL_KNOWN[name]
    assert graph.get(f"/me/mailFolders('{name}')")["id"] == graph.get(f"/me/mailFolders/{name}")["id"]


def test_the_folder_above_all_is_reached_by_name_and_id(graph: Graph) -> None:
    root = graph.get("/me/mailFolders/msgfolderroot")
    assert graph.get("/me/mailFolders/inbox")["parentFolderId"] == root["id"]
    assert "Inbox" in names(graph.get(f"/me/mailFolders/{root['id']}/childFolders"))


def test_folders_count_their_mail(graph: Graph, put: Put) -> None:
    put("one", read=False)
    put("two", read=True)
    inbox = graph.get("/me/mailFolders/inbox")
    assert (inbox["totalItemCount"], inbox["unreadItemCount"], inbox["childFolderCount"]) == (2, 1, 0)


def test_folders_come_in_pages_and_selections(graph: Graph) -> None:
    first = graph.get("/me/mailFolders?$top=4&$select=displayName&$count=true")
    assert set(first["value"][0]) == {"id", "displayName"}
    assert first["@odata.count"] == 7
    assert len(graph.get(first["@odata.nextLink"])["value"]) == 3
    assert names(graph.get("/me/mailFolders?$filter=displayName eq 'inbox'")) == ["Inbox"]


def test_folders_are_made_renamed_moved_and_deleted(graph: Graph, put: Put) -> None:
    projects = graph.post("/me/mailFolders", {"displayName": "Projects"})
    acme = graph.post(f"/me/mailFolders/{projects['id']}/childFolders", {"displayName": "Acme"})
    assert names(graph.get(f"/me/mailFolders/{projects['id']}/childFolders")) == ["Acme"]
    graph.patch(f"/me/mailFolders/{acme['id']}", {"displayName": "Globex"})
    moved = graph.post(f"/me/mailFolders/{acme['id']}/move", {"destinationId": "inbox"})
    assert (moved["id"], moved["displayName"]) == (acme["id"], "Globex")
    put("inside", folder="inbox")
    nested = f"/me/mailFolders/inbox/childFolders/{acme['id']}/messages"
    assert graph.get(nested)["value"] == []
    assert graph.ask("DELETE", f"/me/mailFolders/{acme['id']}").status_code == 204
    assert graph.refusal("GET", f"/me/mailFolders/{acme['id']}") == (404, "ErrorItemNotFound")


def test_folders_refuse_what_they_cannot_do(graph: Graph) -> None:
    made = graph.post("/me/mailFolders", {"displayName": "Projects"})
    clash = graph.refusal("POST", "/me/mailFolders", json={"displayName": "PROJECTS"})
    assert clash == (409, "ErrorFolderExists")
    assert graph.refusal("POST", "/me/mailFolders", json={}) == (400, "ErrorInvalidArgument")
    assert graph.refusal("DELETE", "/me/mailFolders/inbox") == (403, "ErrorDeleteDistinguishedFolder")
    assert graph.refusal("GET", "/me/mailFolders/clutter") == (404, "ErrorFolderNotFound")
    assert graph.refusal("GET", "/me/mailFolders/nonsense") == (400, "ErrorInvalidIdMalformed")
    assert graph.refusal("GET", "/me/mailFolders?$select=nothing") == (400, "RequestBroker--ParseUri")
    itself = {"destinationId": made["id"]}
    assert graph.refusal("POST", f"/me/mailFolders/{made['id']}/move", json=itself) == (400, "ErrorMoveCopyFailed")


def test_the_tree_s_delta_tells_made_renamed_and_deleted(graph: Graph) -> None:
    start = graph.get("/me/mailFolders/delta")
    assert "Inbox" in names(start)
    made = graph.post("/me/mailFolders", {"displayName": "Projects"})
    second = graph.get(start["@odata.deltaLink"])
    assert names(second) == ["Projects"]
    graph.patch(f"/me/mailFolders/{made['id']}", {"displayName": "Work"})
    third = graph.get(second["@odata.deltaLink"])
    assert names(third) == ["Work"]
    graph.ask("DELETE", f"/me/mailFolders/{made['id']}")
    fourth = graph.get(third["@odata.deltaLink"])
    assert fourth["value"][0]["id"] == made["id"]
    assert fourth["value"][0]["@removed"] == {"reason": "deleted"}
    assert graph.get(fourth["@odata.deltaLink"])["value"] == []


def test_the_tree_s_delta_has_pages_and_an_end(graph: Graph, emulator: httpx.Client) -> None:
    first = graph.get("/me/mailFolders/delta()?$select=displayName", headers={"Prefer": "odata.maxpagesize=5"})
    assert len(first["value"]) == 5
    last = graph.get(first["@odata.nextLink"])
    assert len(last["value"]) == 3
    emulator.post("expire-history", json={"address": BOB})
    answer = graph.ask("GET", last["@odata.deltaLink"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "SyncStateNotFound")
    assert len(graph.get(answer.headers["location"])["value"]) == 8
    assert graph.refusal("GET", "/me/mailFolders/delta?$deltatoken=junk") == (400, "SyncStateInvalid")


def test_mail_of_one_folder_alone(graph: Graph, put: Put) -> None:
    put("in")
    put("filed", folder="Projects/Acme")
    assert subjects(graph.get("/me/mailFolders/inbox/messages")) == ["in"]
    (projects,) = graph.get("/me/mailFolders?$filter=displayName eq 'Projects'")["value"]
    (acme,) = graph.get(f"/me/mailFolders/{projects['id']}/childFolders")["value"]
    assert subjects(graph.get(f"/me/mailFolders/{acme['id']}/messages")) == ["filed"]
