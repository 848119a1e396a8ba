"""A world without a server; with one: `tests.outside`."""

from __future__ import annotations

import pytest

from emulator.world import World
from tests.outside import Mail

__all__ = ["Mail"]


@pytest.fixture
def world() -> World:
    """A world of the test's own, without a server; its clock stands still."""
    world = World(seed=7)
    world.clock.freeze()
    return world
