"""When a mailbox is looked at again, and what an error does to it (E7, E9, E10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emailsync.models import Mailbox
from emailsync.schedule import LAST_RETRY, PUSHED, SELDOM, backoff, consequence, interval
from providers.base import Kind, OutOfBudget, ProviderError, Recovery

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
State = Mailbox.State


def error(kind: Kind, recovery: Recovery, retry_after: float | None = None) -> ProviderError:
    return ProviderError(kind, recovery, "It said no.", retry_after=retry_after)


class TestPolling:
    def test_is_frequent_while_there_is_news_and_seldom_when_it_is_silent(self) -> None:
        quiet = [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=9), timedelta(days=30)]
        every = [interval(now=NOW, news_at=NOW - each, is_pushed=False) for each in quiet]
        assert every[0] == timedelta(seconds=30)
        assert all(first < second for first, second in pairwise(every))
        assert every[-1] == SELDOM

    def test_is_seldom_where_nothing_was_ever_found(self) -> None:
        assert interval(now=NOW, news_at=None, is_pushed=False) == SELDOM

    def test_only_makes_up_for_lost_pushes_where_there_are_pushes(self) -> None:
        assert interval(now=NOW, news_at=NOW, is_pushed=True) == PUSHED


class TestBackingOff:
    @given(st.integers(1, 500), st.floats(0.75, 1.25))
    def test_waits_longer_each_time_but_never_for_ever(self, failures: int, chance: float) -> None:
        wait, longer = backoff(failures, chance=chance), backoff(failures + 1, chance=chance)
        assert timedelta(0) < wait <= longer <= LAST_RETRY * 1.25

    def test_spreads_what_failed_together(self) -> None:
        assert len({backoff(3) for _ in range(20)}) > 1


class TestAnError:
    def test_that_time_mends_keeps_the_mailbox_connected(self) -> None:
        means = consequence(error(Kind.API, Recovery.TRANSIENT), failures=0)
        assert means.state == State.ACTIVE
        assert means.again_in is not None

    def test_that_names_a_time_is_obeyed(self) -> None:
        means = consequence(error(Kind.API, Recovery.TRANSIENT, retry_after=77), failures=9)
        assert means.again_in == timedelta(seconds=77)

    def test_of_our_own_pacing_is_no_failure(self) -> None:
        means = consequence(OutOfBudget(3), failures=0)
        assert not means.counts
        assert not means.tells

    @pytest.mark.parametrize(
        ("kind", "state"), [(Kind.ACCOUNT, State.RECONNECT), (Kind.DISABLED, State.DISABLED)], ids=str
    )
    def test_that_only_the_owner_can_mend_stops_and_tells_them(self, kind: Kind, state: State) -> None:
        means = consequence(error(kind, Recovery.PERMANENT), failures=0)
        assert (means.state, means.again_in, means.tells) == (state, None, True)

    @pytest.mark.parametrize("kind", [Kind.CODE, Kind.INBOX, Kind.UNKNOWN], ids=str)
    def test_that_somebody_else_mends_is_shown_and_tried_again(self, kind: Kind) -> None:
        means = consequence(error(kind, Recovery.PERMANENT), failures=0)
        assert means.state == State.FAILED
        assert means.again_in is not None
        assert means.again_in >= LAST_RETRY
