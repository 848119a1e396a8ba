"""Several calls in one."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.emulator.microsoft.conftest import IMMUTABLE, Graph, Json, Put


def part(number: int, url: str, method: str = "GET", **more: Any) -> Json:
    return {"id": str(number), "method": method, "url": url, **more}


def run(graph: Graph, *parts: Json) -> dict[str, Json]:
    found = graph.post("/$batch", {"requests": list(parts)})["responses"]
    return {each["id"]: each for each in found}


JSON = {"Content-Type": "application/json"}


def test_every_part_has_its_own_answer(graph: Graph, put: Put) -> None:
    ids = put("Offer")
    answers = run(
        graph,
        part(1, f"/me/messages/{ids['graph_id']}?$select=id", headers=IMMUTABLE),
        part(2, "me/mailFolders/inbox"),
        part(3, "/me/messages/nonsense"),
        part(4, f"/me/messages/{ids['graph_id']}", "PATCH", headers=JSON, body={"isRead": True}),
        part(5, "/me/mailFolders/inbox/messages/delta", "GET"),
    )
    assert [answers[str(number)]["status"] for number in range(1, 6)] == [200, 200, 400, 200, 200]
    assert answers["1"]["body"]["id"] == ids["graph_immutable_id"]
    assert answers["3"]["body"]["error"]["code"] == "ErrorInvalidIdMalformed"
    assert answers["2"]["headers"]["Content-Type"].startswith("application/json")


def test_mime_comes_as_base64_or_as_text(graph: Graph, put: Put, knobs: Callable[..., None]) -> None:
    url = f"/me/messages/{put('Offer')['graph_id']}/$value"
    assert b"Subject: Offer" in b64decode(run(graph, part(1, url))["1"]["body"])
    knobs(batch_mime="text")
    assert "Subject: Offer" in run(graph, part(1, url))["1"]["body"]


def test_a_part_waits_for_those_it_depends_on(graph: Graph) -> None:
    answers = run(
        graph,
        part(1, "/me/mailFolders", "POST", headers=JSON, body={"displayName": "Projects"}),
        part(2, "/me/mailFolders?$filter=displayName eq 'Projects'", dependsOn=["1"]),
        part(3, "/me/messages/nonsense"),
        part(4, "/me/messages", dependsOn=["3"]),
        part(5, "/me/messages", dependsOn=["4"]),
    )
    assert len(answers["2"]["body"]["value"]) == 1
    assert [answers[name]["status"] for name in "345"] == [400, 424, 424]
    assert answers["4"]["body"]["error"]["code"] == "FailedDependency"


@pytest.mark.parametrize(
    "parts",
    [
        [part(number, "/me") for number in range(21)],
        [part(1, "/me"), part(1, "/me")],
        [{**part(1, "/me"), "id": "a"}, {**part(1, "/me"), "id": "A"}],
        [part(1, "/me/messages", "POST", body={"subject": "x"})],
        [part(1, "/me", dependsOn=["2"]), part(2, "/me")],
        [part(1, "/me", dependsOn=["1"])],
        [part(1, "https://graph.microsoft.com/v1.0/me")],
        [part(1, "/me", "BREW")],
        [{"id": "1", "method": "GET"}],
        [],
    ],
    ids=["21", "twins", "case", "no type", "later", "itself", "absolute", "method", "no url", "none"],
)
def test_one_wrong_part_fails_the_whole_batch(graph: Graph, parts: list[Json]) -> None:
    assert graph.refusal("POST", "/$batch", json={"requests": parts}) == (400, "BadRequest")


def test_a_part_names_no_version_and_no_batch(graph: Graph) -> None:
    answers = run(graph, part(1, "/v1.0/me"), part(2, "/$batch", "POST", headers=JSON, body={"requests": []}))
    assert [answers[name]["status"] for name in "12"] == [400, 400]


def test_each_part_counts_and_can_be_throttled(graph: Graph, emulator: httpx.Client) -> None:
    emulator.post("quota", json={"units": 3, "window_ms": 600_000, "provider": "microsoft"})
    answers = run(graph, *(part(number, "/me/messages") for number in range(1, 6)))
    assert sorted(each["status"] for each in answers.values()) == [200, 200, 200, 429, 429]
    refused = next(each for each in answers.values() if each["status"] == 429)
    assert int(refused["headers"]["Retry-After"]) > 0


def test_more_than_four_at_once_meet_the_limit(
    graph: Graph, emulator: httpx.Client, knobs: Callable[..., None]
) -> None:
    emulator.post("quota", json={"profile": "graph", "provider": "microsoft"})
    knobs(latency_ms=20)
    answers = run(graph, *(part(number, "/me/messages") for number in range(1, 7)))
    assert sorted(each["status"] for each in answers.values()) == [200] * 4 + [429] * 2
    chained = [part(1, "/me/messages")]
    chained += [part(number, "/me/messages", dependsOn=[str(number - 1)]) for number in range(2, 7)]
    assert {each["status"] for each in run(graph, *chained).values()} == {200}


def test_a_fault_can_hit_one_part(graph: Graph, emulator: httpx.Client) -> None:
    emulator.post("faults", json={"path": "/graph/v1.0/me/messages", "status": 503})
    answers = run(graph, part(1, "/me/messages"), part(2, "/me/mailFolders"))
    assert (answers["1"]["status"], answers["2"]["status"]) == (503, 200)


def test_parts_are_logged_as_parts(graph: Graph, emulator: httpx.Client) -> None:
    run(graph, part(1, "/me/messages"), part(2, "/me/mailFolders"))
    entries = emulator.get("requests", params={"path": "/graph/"}).json()["requests"]
    assert [(each["part"], each["units"]) for each in entries] == [(True, 1), (True, 1), (False, 0)]
