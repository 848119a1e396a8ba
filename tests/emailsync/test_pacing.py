"""A mailbox's budget in Redis (E6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailsync.pacing import Budget, Purse, _redis
from providers.base import OutOfBudget

MINUTE = Budget(600, 60)


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def purse(clock: Clock) -> Iterator[Purse]:
    _redis().flushdb()
    yield Purse("7", MINUTE, clock=clock)
    _redis().flushdb()


def spend(purse: Purse, units: int, *, in_background: bool = False) -> float:
    """Takes the units and answers 0, or the wait that was asked for."""
    try:
        purse.take(units, in_background=in_background)
    except OutOfBudget as error:
        return error.retry_after or 0
    return 0


def test_a_whole_window_can_be_spent_at_once_and_then_no_more(purse: Purse) -> None:
    assert spend(purse, 600) == 0
    assert 60 <= spend(purse, 1) <= 61


def test_background_work_leaves_a_fifth_to_live_mail(purse: Purse) -> None:
    assert spend(purse, 480, in_background=True) == 0
    assert spend(purse, 1, in_background=True) > 0
    assert spend(purse, 120) == 0


def test_the_wait_it_names_is_enough_and_not_a_slot_too_long(purse: Purse, clock: Clock) -> None:
    spend(purse, 400)
    clock.now += 20
    spend(purse, 200)
    wait = spend(purse, 300)
    assert 40 <= wait <= 41
    clock.now += wait
    assert spend(purse, 300) == 0


def test_a_call_that_is_dearer_than_the_budget_passes_when_nothing_else_was_spent(purse: Purse, clock: Clock) -> None:
    assert spend(purse, 1_000) == 0
    assert spend(purse, 1) > 0


def test_mailboxes_do_not_share_a_purse(purse: Purse, clock: Clock) -> None:
    spend(purse, 600)
    assert spend(Purse("8", MINUTE, clock=clock), 600) == 0


def test_a_provider_that_says_wait_is_obeyed_by_all_who_work_on_the_mailbox(purse: Purse, clock: Clock) -> None:
    purse.hold(30)
    assert spend(Purse("7", MINUTE, clock=clock), 1) == 30
    clock.now += 30
    assert spend(purse, 1) == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 20), st.booleans()), max_size=40))
def test_no_window_ever_sees_more_than_the_budget(steps: list[tuple[int, float, bool]]) -> None:
    _redis().flushdb()
    clock = Clock()
    purse = Purse("9", MINUTE, clock=clock)
    spent: list[tuple[float, int]] = []
    for units, pause, in_background in steps:
        clock.now += pause
        if not spend(purse, units, in_background=in_background):
            spent.append((clock.now, units))
    for ends, _ in spent:
        assert sum(units for at, units in spent if ends - 60 < at <= ends) <= 600
