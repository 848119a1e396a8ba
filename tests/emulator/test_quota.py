"""What a mailbox may spend, and how it is told that it spent it."""

from __future__ import annotations

from emulator.quota import PROFILES, Refusal, Slot
from emulator.world import World

ALICE = "alice@northwind.example"


def test_everything_goes_while_quotas_are_off(world: World) -> None:
    assert isinstance(world.quota.admit(ALICE, "google", 1_000_000), Slot)


def test_a_new_google_project_reads_300_messages_a_minute(world: World) -> None:
    world.quota.set(PROFILES["google-new"], provider="google")
    admitted = [isinstance(world.quota.admit(ALICE, "google", 20), Slot) for _ in range(301)]
    assert admitted.index(False) == 300


def test_the_wait_it_names_is_long_enough(world: World) -> None:
    world.quota.set(PROFILES["google-new"], provider="google")
    world.quota.admit(ALICE, "google", 6_000)
    refusal = world.quota.admit(ALICE, "google")
    assert isinstance(refusal, Refusal)
    world.clock.advance(refusal.retry_after_ms)
    assert isinstance(world.quota.admit(ALICE, "google"), Slot)


def test_one_mailbox_does_not_spend_for_another(world: World) -> None:
    world.quota.set(PROFILES["google-new"])
    world.quota.admit(ALICE, "google", 6_000)
    assert isinstance(world.quota.admit("bob@northwind.example", "google"), Slot)


def test_graph_lets_four_in_at_a_time(world: World) -> None:
    world.quota.set(PROFILES["graph"], address=ALICE)
    slots = [world.quota.admit(ALICE, "microsoft") for _ in range(4)]
    for slot in slots:
        assert isinstance(slot, Slot)
        slot.__enter__()
    fifth = world.quota.admit(ALICE, "microsoft")
    assert isinstance(fifth, Refusal)
    assert fifth.reason == "concurrency"


def test_a_place_is_free_again_when_its_call_ends(world: World) -> None:
    world.quota.set(PROFILES["graph"], address=ALICE)
    for _ in range(10):
        slot = world.quota.admit(ALICE, "microsoft")
        assert isinstance(slot, Slot)
        with slot:
            assert world.quota.meter(ALICE).running == 1


def test_graph_counts_the_calls_it_refused(world: World) -> None:
    world.quota.set(PROFILES["graph"], address=ALICE)
    for _ in range(10_001):
        world.quota.admit(ALICE, "microsoft")
    assert world.quota.meter(ALICE).spent == 10_001
