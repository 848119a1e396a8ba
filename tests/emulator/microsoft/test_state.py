"""What Microsoft's part knows survives a snapshot, and a reset forgets it."""

from __future__ import annotations

from pathlib import Path

import httpx

from emulator import snapshot
from emulator.microsoft.categories import MasterList
from emulator.microsoft.entra.consents import allowed, consent
from emulator.microsoft.sending import Outbox, Waiting
from emulator.microsoft.subscriptions import Subscription, Subscriptions
from emulator.microsoft.uploads import Session, Sessions
from emulator.tokens import new_grant
from emulator.world import World
from tests.emulator.microsoft.conftest import BOB, SCOPES, Graph


def test_a_snapshot_keeps_it(world: World, tmp_path: Path) -> None:
    box = world.open(BOB, "microsoft")
    grant = new_grant("microsoft", "postroom-demo", BOB, ["Mail.Read"])
    box.section(MasterList).colors["Postroom"] = "preset4"
    box.section(Outbox).waiting.append(Waiting(due_ms=1, raw=b"Subject: x\r\n\r\n"))
    box.section(Subscriptions).by_id["s"] = Subscription(
        "s",
        grant,
        frozenset({"created"}),
        "created",
        "http://x.test/",
        "",
        "me/messages",
        None,
        1,
        None,
        immutable=True,
    )
    session = Session(BOB, 1, "a", 5, "text/plain", False, "", 1, False, "http://x.test", bytearray(b"ab"))
    world.section(Sessions).open["t"] = session
    consent(world, "postroom-demo", BOB, ["Mail.Read"])
    snapshot.save(world, tmp_path / "world")

    other = World(seed=9)
    snapshot.load(other, tmp_path / "world")
    box = other.open(BOB, "microsoft")
    assert box.section(MasterList).colors["Postroom"] == "preset4"
    assert box.section(Subscriptions).by_id["s"].immutable
    assert (len(box.section(Outbox).waiting), other.section(Sessions).open["t"].data) == (1, bytearray(b"ab"))
    assert allowed(other, "postroom-demo", BOB) == {"Mail.Read"}


def test_a_reset_forgets_it(graph: Graph, emulator: httpx.Client) -> None:
    graph.post("/me/outlook/masterCategories", {"displayName": "Postroom", "color": "none"})
    emulator.post("reset")
    asked = {"address": BOB, "provider": "microsoft", "scopes": SCOPES}
    graph.http.headers["Authorization"] = f"Bearer {emulator.post('tokens', json=asked).json()['access_token']}"
    names = [each["displayName"] for each in graph.get("/me/outlook/masterCategories")["value"]]
    assert "Postroom" not in names
