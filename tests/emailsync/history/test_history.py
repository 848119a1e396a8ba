"""The first of all tests: whatever happens, the CRM has what the rules say of what lies in the mailboxes.

A history is replayed by its seed: the same steps in the same order. With all the other tests a thousand steps are
played; ``HISTORY_SEEDS`` and ``HISTORY_STEPS`` play more, and longer ones, ``HISTORY_FIRST`` says with which to begin.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest

from tests.conftest import Northwind
from tests.emailsync.conftest import Connect, Crm, Provider, World
from tests.emailsync.history.chance import Chance
from tests.emailsync.history.outside_acts import history as history_of
from tests.emailsync.history.play import Play
from tests.emailsync.history.stage import Stage

FIRST = int(os.environ.get("HISTORY_FIRST", "0"))
SEEDS = int(os.environ.get("HISTORY_SEEDS", "7"))
STEPS = int(os.environ.get("HISTORY_STEPS", "150"))
#: Whose mailboxes are connected: Alice's and Bob's, so that each sees what the other saw; or one of them.
CASTS: tuple[tuple[Provider, ...], ...] = (("gmail", "graph"), ("gmail",), ("graph",))
HISTORY_DAYS = (None, 30, 0)


def histories() -> list[tuple[int, tuple[Provider, ...], int | None]]:
    """Seeds, the first with both providers and all of the history."""
    return [(seed, CASTS[seed % 5 % 3], HISTORY_DAYS[seed % 7 % 3]) for seed in range(FIRST, FIRST + SEEDS)]


def name_of(history: tuple[int, tuple[Provider, ...], int | None]) -> str:
    seed, providers, days = history
    return f"{seed}-{'+'.join(providers)}-{days or ('all' if days is None else 'none')}"


@pytest.mark.parametrize("history", histories(), ids=name_of)
def test_the_crm_has_what_the_rules_say(
    history: tuple[int, tuple[Provider, ...], int | None],
    world: World,
    crm: Crm,
    connected: Connect,
    northwind: Northwind,
    chance: Chance,
    mail: Callable[..., bytes],
) -> None:
    seed, providers, days = history
    stage = Stage(world, crm, northwind)
    members = (northwind.alice, northwind.bob) if len(providers) > 1 else (northwind.alice,)
    boxes = [(member.user.email, str(provider)) for member, provider in zip(members, providers, strict=True)]
    history_of(stage, Random(seed), mail, boxes)
    for address in ("ines@atelier-lyon.example", "carla@contoso.example"):
        crm.contact(address)
    world.forget_requests()
    for member, provider in zip(members, providers, strict=True):
        stage.add(connected(member, provider, history_days=days))
    play = Play(stage, seed, chance, mail)
    try:
        play.settle()
        play.run(STEPS)
    except BaseException:
        print("\n".join(play.diary))  # noqa: T201  # So that a failed history can be read.
        raise
