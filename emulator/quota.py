"""What a mailbox may spend, as data, metered in fixed windows that start with the first call in them.

Figures and sources: Gmail's usage limits (units a minute a user, for projects made since 2026-05 and before)
and Outlook's limits in Graph (10,000 requests in 10 minutes and 4 at a time, for one app and mailbox).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from emulator.clock import Clock


@dataclass(frozen=True, slots=True)
class Profile:
    """`units` in `window_ms`, and `concurrency` calls at a time; 0 is no limit. Refused calls count where
    Graph says so.
    """

    units: int = 0
    window_ms: int = 60_000
    concurrency: int = 0
    refused_count: bool = False


PROFILES = {
    "off": Profile(),
    "google-new": Profile(units=6_000),
    "google-old": Profile(units=15_000),
    "graph": Profile(units=10_000, window_ms=600_000, concurrency=4, refused_count=True),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """No room; `retry_after_ms` until there will be."""

    reason: Literal["rate", "concurrency"]
    retry_after_ms: int


@dataclass(slots=True)
class Meter:
    """What one mailbox spent in the present window, and how many calls are under way."""

    window_from_ms: int = 0
    spent: int = 0
    running: int = 0


class Slot:
    """A call that was let in. Use it as a context manager around all of its work, awaits included."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __enter__(self) -> Self:
        self._meter.running += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meter.running -= 1


class Quota:
    """Meters by mailbox (or any other key, such as a client id). A profile is set for all, or for one
    mailbox.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._meters: dict[str, Meter] = {}
        self._profiles: dict[str, Profile] = {}
        self.default: dict[str, Profile] = {"google": PROFILES["off"], "microsoft": PROFILES["off"]}

    def set(self, profile: Profile, *, address: str | None = None, provider: str | None = None) -> None:
        """For one address, for one provider's mailboxes, or for all. Starts the meters afresh."""
        if address is not None:
            self._profiles[address] = profile
        else:
            for name in [provider] if provider else list(self.default):
                self.default[name] = profile
        self._meters.clear()

    def profile(self, address: str, provider: str) -> Profile:
        return self._profiles.get(address, self.default[provider])

    def meter(self, key: str) -> Meter:
        return self._meters.setdefault(key, Meter())

    def admit(
        self, address: str, provider: str, units: int = 1, *, concurrency: int | None = None, scope: str = ""
    ) -> Slot | Refusal:
        """Spend units and enter, or be told how long to wait.

        `concurrency` replaces the profile's; `scope` counts concurrency under another key than the address.
        """
        profile = self.profile(address, provider)
        meter = self.meter(address)
        now_ms = self._clock.now_ms()
        if not 0 <= now_ms - meter.window_from_ms < profile.window_ms:
            meter.window_from_ms, meter.spent = now_ms, 0
        lane = self.meter(scope or address)
        at_once = profile.concurrency if concurrency is None else concurrency
        refusal = self._refusal(profile, meter, lane, units, at_once)
        if refusal is None or profile.refused_count:
            meter.spent += units
        return refusal or Slot(lane)

    def _refusal(self, profile: Profile, meter: Meter, lane: Meter, units: int, at_once: int) -> Refusal | None:
        if profile.units and meter.spent + units > profile.units:
            left = meter.window_from_ms + profile.window_ms - self._clock.now_ms()
            return Refusal("rate", max(1, left))
        if at_once and lane.running >= at_once:
            return Refusal("concurrency", 1_000)
        return None
