"""Subscribing, and what subscribers are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.emulator.microsoft.conftest import ALICE, BOB, IMMUTABLE, Graph, Json, Put, SignIn

Turn = Callable[..., None]


class Hook(HTTPServer):
    """Answers validations as `reply` says, and notes what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = "good"
        self.validated: list[str] = []
        self.posts: list[tuple[str, list[Json]]] = []

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def told(self, path: str = "/hook") -> list[Json]:
        return [item for place, items in self.posts if place == path for item in items]


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        given = parse_qs(parts.query).get("validationToken")
        if given:
            self.server.validated.append(parts.path)
            self._validate(given[0])
            return
        self.server.posts.append((parts.path, json.loads(body)["value"]))
        self.send_response(202)
        self.end_headers()

    def _validate(self, token: str) -> None:
        reply = self.server.reply
        self.send_response(500 if reply == "broken" else 200)
        self.send_header("Content-Type", "text/html" if reply == "html" else "text/plain")
        self.end_headers()
        self.wfile.write((token if reply != "wrong" else "something else").encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def wanted(hook: Hook, **changes: object) -> Json:
    return {
        "changeType": "created,updated,deleted",
        "notificationUrl": hook.url(),
        "lifecycleNotificationUrl": hook.url("/life"),
        "resource": "/me/messages",
        "expirationDateTime": in_minutes(4200),
        "clientState": "secret",
        **changes,
    }


def told(hook: Hook, emulator: httpx.Client, path: str = "/hook") -> list[Json]:
    """What came since the last look."""
    emulator.post("flush").raise_for_status()
    found = hook.told(path)
    hook.posts.clear()
    return found


def test_both_urls_are_validated_before_the_subscription_is_made(graph: Graph, hook: Hook) -> None:
    made = graph.post("/subscriptions", wanted(hook))
    assert hook.validated == ["/hook", "/life"]
    assert (made["clientState"], made["resource"]) == ("secret", "/me/messages")
    assert graph.get(f"/subscriptions/{made['id']}")["id"] == made["id"]
    assert [each["id"] for each in graph.get("/subscriptions")["value"]] == [made["id"]]


@pytest.mark.parametrize("reply", ["broken", "wrong", "html"])
def test_an_endpoint_that_fails_its_validation_gets_no_subscription(graph: Graph, hook: Hook, reply: str) -> None:
    hook.reply = reply
    assert graph.refusal("POST", "/subscriptions", json=wanted(hook)) == (400, "ValidationError")
    assert graph.get("/subscriptions")["value"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"changeType": "moved"}, "InvalidRequest"),
        ({"resource": "/me/events"}, "InvalidRequest"),
        ({"notificationUrl": "http://hooks.contoso.example/"}, "InvalidRequest"),
        ({"notificationUrl": "nonsense"}, "InvalidRequest"),
        ({"clientState": "x" * 129}, "InvalidRequest"),
        ({"expirationDateTime": in_minutes(-1)}, "InvalidRequest"),
        # Far enough to be too far still when the run gets here.
        ({"expirationDateTime": in_minutes(6000)}, "ErrorInvalidParameter"),
        ({"expirationDateTime": "soon"}, "RequestBodyRead"),
        ({"resource": ""}, "InvalidRequest"),
        ({"includeResourceData": True}, "InvalidRequest"),
        ({"nothing": 1}, "RequestBodyRead"),
        ({"resource": "/me/mailFolders('nonsense')/messages"}, "ErrorInvalidIdMalformed"),
    ],
)
def test_a_wrong_subscription_is_refused(graph: Graph, hook: Hook, changes: Json, code: str) -> None:
    assert graph.refusal("POST", "/subscriptions", json=wanted(hook, **changes)) == (400, code)
    assert hook.validated == []


def test_how_far_ahead_is_a_knob_and_less_than_45_minutes_is_raised(graph: Graph, hook: Hook, knobs: Turn) -> None:
    knobs(subscription_max_minutes=10_080)
    graph.post("/subscriptions", wanted(hook, expirationDateTime=in_minutes(10_000)))
    short = graph.post("/subscriptions", wanted(hook, expirationDateTime=in_minutes(1)))
    ends = datetime.fromisoformat(short["expirationDateTime"][:19] + "+00:00")
    assert ends - datetime.now(UTC) > timedelta(minutes=40)


def test_another_s_mailbox_cannot_be_subscribed_to(graph: Graph, hook: Hook) -> None:
    asked = wanted(hook, resource=f"users/{ALICE}/messages")
    assert graph.refusal("POST", "/subscriptions", json=asked) == (403, "ErrorAccessDenied")


def test_mail_is_told_with_its_id_and_the_client_s_secret(
    graph: Graph, hook: Hook, put: Put, emulator: httpx.Client
) -> None:
    made = graph.post("/subscriptions", wanted(hook), headers=IMMUTABLE)
    ids = put("Offer")
    (item,) = told(hook, emulator)
    assert (item["subscriptionId"], item["clientState"], item["changeType"]) == (made["id"], "secret", "created")
    assert item["resourceData"]["id"] == ids["graph_immutable_id"]
    assert item["resource"] == item["resourceData"]["@odata.id"]
    assert item["resource"].endswith(f"/Messages/{ids['graph_immutable_id']}")
    assert {"subscriptionExpirationDateTime", "tenantId"} <= item.keys()


def test_a_mailbox_tells_of_every_change(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    graph.post("/subscriptions", wanted(hook))
    path = f"/me/messages/{put('Offer', read=False)['graph_id']}"
    graph.patch(path, {"isRead": True})
    moved = graph.post(f"{path}/move", {"destinationId": "archive"})
    graph.ask("POST", f"/me/messages/{moved['id']}/permanentDelete")
    kinds = [each["changeType"] for each in told(hook, emulator)]
    assert kinds == ["created", "updated", "created", "deleted", "deleted"]


def test_a_folder_tells_of_its_own_mail_alone(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    resource = "/me/mailFolders('inbox')/messages"
    graph.post("/subscriptions", wanted(hook, resource=resource, changeType="created,deleted"))
    put("Elsewhere", folder="archive")
    path = f"/me/messages/{put('Offer')['graph_id']}"
    graph.patch(path, {"categories": ["A"]})
    graph.post(f"{path}/move", {"destinationId": "archive"})
    assert [each["changeType"] for each in told(hook, emulator)] == ["created", "deleted"]


def test_with_immutable_ids_a_move_is_an_update(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    ids = put("Offer")
    graph.post("/subscriptions", wanted(hook), headers=IMMUTABLE)
    graph.post(f"/me/messages/{ids['graph_id']}/move", {"destinationId": "archive"})
    (item,) = told(hook, emulator)
    assert (item["changeType"], item["resourceData"]["id"]) == ("updated", ids["graph_immutable_id"])


def test_several_notifications_share_a_post(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    first, second = (graph.post("/subscriptions", wanted(hook))["id"] for _ in range(2))
    put("Offer")
    emulator.post("flush")
    ((_, items),) = hook.posts
    assert [item["subscriptionId"] for item in items] == [first, second]


def test_a_subscription_is_renewed_and_deleted(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    made = graph.post("/subscriptions", wanted(hook, expirationDateTime=in_minutes(60)))
    path = f"/subscriptions/{made['id']}"
    longer = graph.patch(path, {"expirationDateTime": in_minutes(4200)})
    assert longer["expirationDateTime"] > made["expirationDateTime"]
    assert graph.refusal("PATCH", path, json={"lifecycleNotificationUrl": hook.url()})[0] == 400
    assert graph.ask("DELETE", path).status_code == 204
    assert graph.refusal("PATCH", path, json={"expirationDateTime": in_minutes(60)}) == (404, "ResourceNotFound")
    put("Offer")
    assert told(hook, emulator) == []


def test_a_subscription_runs_out(graph: Graph, hook: Hook, put: Put, emulator: httpx.Client) -> None:
    made = graph.post("/subscriptions", wanted(hook, expirationDateTime=in_minutes(50)))
    emulator.post("clock", json={"advance_ms": 51 * 60_000})
    put("Offer")
    assert told(hook, emulator) == []
    assert graph.refusal("GET", f"/subscriptions/{made['id']}") == (404, "ResourceNotFound")


def test_another_s_subscription_is_not_found(graph: Graph, hook: Hook, sign_in: SignIn) -> None:
    made = graph.post("/subscriptions", wanted(hook))
    assert sign_in(ALICE).refusal("DELETE", f"/subscriptions/{made['id']}") == (404, "ResourceNotFound")


def test_a_missed_change_is_told_as_missed(
    graph: Graph, hook: Hook, put: Put, emulator: httpx.Client, knobs: Turn
) -> None:
    made = graph.post("/subscriptions", wanted(hook))
    knobs(graph_lifecycle={BOB: "missed"})
    put("Offer")
    emulator.post("flush")
    ((place, (item,)),) = hook.posts
    assert (place, item["lifecycleEvent"], item["subscriptionId"]) == ("/life", "missed", made["id"])
    assert (item["clientState"], "changeType" in item) == ("secret", False)
    hook.posts.clear()
    put("Next")
    assert len(told(hook, emulator)) == 1


def test_nothing_comes_until_it_is_reauthorized(
    graph: Graph, hook: Hook, put: Put, emulator: httpx.Client, knobs: Turn
) -> None:
    made = graph.post("/subscriptions", wanted(hook))
    knobs(graph_lifecycle={BOB: "reauthorizationRequired"})
    put("one")
    put("two")
    assert [each["lifecycleEvent"] for each in told(hook, emulator, "/life")] == ["reauthorizationRequired"]
    assert graph.ask("POST", f"/subscriptions/{made['id']}/reauthorize").status_code == 202
    put("three")
    assert len(told(hook, emulator)) == 1


def test_a_revoked_grant_takes_its_subscriptions_with_it(
    graph: Graph, hook: Hook, put: Put, emulator: httpx.Client, sign_in: SignIn
) -> None:
    graph.post("/subscriptions", wanted(hook))
    emulator.post("revoke", json={"address": BOB})
    put("Offer")
    assert [each["lifecycleEvent"] for each in told(hook, emulator, "/life")] == ["subscriptionRemoved"]
    assert sign_in().get("/subscriptions")["value"] == []


def test_a_mailbox_has_so_many_subscriptions_and_no_more(
    graph: Graph, hook: Hook, emulator: httpx.Client, knobs: Turn
) -> None:
    assert emulator.get("knobs").json()["subscription_max_count"] == 1000
    knobs(subscription_max_count=2)
    made = [graph.post("/subscriptions", wanted(hook)) for _ in range(2)]
    assert graph.refusal("POST", "/subscriptions", json=wanted(hook))[0] == 403
    graph.ask("DELETE", f"/subscriptions/{made[0]['id']}")
    graph.post("/subscriptions", wanted(hook))
