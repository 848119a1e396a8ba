"""What Google alone knows survives a snapshot."""

from __future__ import annotations

from pathlib import Path

from emulator import snapshot
from emulator.google.state import Alias, Client, GmailBox, Google, Topic, Upload, Watch
from emulator.world import World
from tests.emulator.google.conftest import ALICE


def test_clients_topics_watches_drafts_and_the_index_come_back(world: World, tmp_path: Path) -> None:
    box = world.open(ALICE, "google")
    message = box.add(b"From: carla@contoso.example\r\n\r\n", folder="drafts")
    state = box.section(GmailBox)
    state.drafts["r1"] = message.seq
    state.aliases["sales@northwind.example"] = Alias("sales@northwind.example")
    state.watches["p"] = Watch("projects/p/topics/t", frozenset({"INBOX"}), "include", 1)
    state.postings.refresh(box)
    google = world.section(Google)
    google.clients["web"] = Client("web", "s", redirect_uris=("https://app.postroom.example/cb",))
    google.topics["t"] = Topic("t", "http://127.0.0.1/", "", "s", "a")
    google.uploads["u"] = Upload("messages.send", "/", "token", {}, "message/rfc822", None, {}, "")
    snapshot.save(world, tmp_path / "world")
    other = World()
    snapshot.load(other, tmp_path / "world")
    assert other.section(Google) == google
    assert other.open(ALICE, "google").section(GmailBox) == state
