"""The master list of categories."""

from __future__ import annotations

from tests.emulator.microsoft.conftest import Graph

LIST = "/me/outlook/masterCategories"


def test_a_category_is_made_recoloured_and_deleted(graph: Graph) -> None:
    made = graph.post(LIST, {"displayName": "Postroom", "color": "preset4"})
    assert made["displayName"] in [each["displayName"] for each in graph.get(LIST)["value"]]
    assert graph.patch(f"{LIST}/{made['id']}", {"color": "preset9"})["color"] == "preset9"
    assert graph.get(f"{LIST}/{made['id']}")["color"] == "preset9"
    assert graph.ask("DELETE", f"{LIST}/{made['id']}").status_code == 204
    assert graph.refusal("GET", f"{LIST}/{made['id']}") == (404, "ErrorItemNotFound")


def test_a_name_comes_once_and_never_changes(graph: Graph) -> None:
    made = graph.post(LIST, {"displayName": "Postroom", "color": "none"})
    clash = graph.refusal("POST", LIST, json={"displayName": "POSTROOM", "color": "none"})
    assert clash == (409, "ErrorCategoryAlreadyExists")
    renamed = graph.refusal("PATCH", f"{LIST}/{made['id']}", json={"displayName": "Other", "color": "none"})
    assert renamed == (400, "ErrorInvalidPropertySet")


def test_names_and_colours_are_checked(graph: Graph) -> None:
    assert graph.refusal("POST", LIST, json={"displayName": "", "color": "none"}) == (400, "ErrorInvalidArgument")
    assert graph.refusal("POST", LIST, json={"displayName": "x", "color": "red"}) == (400, "RequestBodyRead")
