"""The whole emulated world: every part hangs on it, and handlers get it as their one argument.

Single-threaded by design: all state changes happen in the server's event loop, between awaits, so nothing is
locked. `reset` replaces parts, so ask the world for a part at each use (`world.tokens`) and never keep one
across requests.
"""

from __future__ import annotations

import asyncio
from typing import Any

from emulator.clock import Clock
from emulator.dice import Dice
from emulator.faults import Faults
from emulator.keys import Keys
from emulator.knobs import Knobs
from emulator.mailbox import Listener, Mailbox, Provider
from emulator.push import Notifier
from emulator.quota import Quota
from emulator.requestlog import RequestLog
from emulator.sections import SectionT, section_of
from emulator.tokens import Tokens

DEFAULT_SEED = 1


class WrongProviderError(Exception):
    """The address has its mailbox with the other provider."""


class World:
    """`seed` makes ids repeatable: the same acts at the same clock give the same ids."""

    def __init__(self, seed: int = DEFAULT_SEED) -> None:
        self._listeners: list[Listener] = []
        self.keys = Keys()
        self.push = Notifier(lambda: self.knobs)
        self._start(seed)

    def _start(self, seed: int) -> None:
        self.seed = seed
        self.clock = Clock()
        self.dice = Dice(f"world:{seed}")
        self.knobs = Knobs()
        self.faults = Faults()
        self.log = RequestLog()
        self.quota = Quota(self.clock)
        self.tokens = Tokens(self.clock)
        self.mailboxes: dict[str, Mailbox] = {}
        self._sections: dict[type[object], object] = {}

    def reset(self, seed: int | None = None) -> None:
        """An empty world with the same listeners and signing key."""
        self.push.clear()
        self._start(self.seed if seed is None else seed)

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of an address, made when first named. Raises ValueError unless it is `local@domain`."""
        name = normal_address(address)
        found = self.mailboxes.get(name)
        if found is None:
            found = Mailbox(name, seed=str(self.seed), clock=self.clock, listeners=self._listeners)
            self.mailboxes[name] = found
        return found

    def open(self, address: str, provider: Provider) -> Mailbox:
        """The mailbox as one provider's own: the first to name it decides. Raises WrongProviderError."""
        mailbox = self.mailbox(address)
        if mailbox.provider not in {None, provider}:
            raise WrongProviderError(f"{mailbox.address} has its mailbox at {mailbox.provider}")
        mailbox.provider = provider
        return mailbox

    def on_change(self, listener: Listener) -> None:
        """Have every change in every mailbox told. Called within the act: only queue work there."""
        self._listeners.append(listener)

    def section(self, kind: type[SectionT]) -> SectionT:
        """A provider's own state of the whole world, such as its registered clients: see Mailbox.section."""
        return section_of(self._sections, kind)

    async def pause(self) -> None:
        """Spend the knob `latency_ms`; call it while holding a quota slot, so that concurrency shows."""
        if self.knobs.latency_ms:
            await asyncio.sleep(self.knobs.latency_ms / 1000)

    def state(self) -> dict[str, Any]:
        """What a snapshot keeps."""
        return {name: getattr(self, name) for name in STATE}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a snapshot's state."""
        for name in STATE:
            setattr(self, name, state[name])
        for mailbox in self.mailboxes.values():
            mailbox.listen(self._listeners)


STATE = ("seed", "clock", "dice", "knobs", "quota", "tokens", "mailboxes", "_sections")


def normal_address(address: str) -> str:
    """Lower case, no blanks. Raises ValueError unless it is `local@domain` of at most 320 characters."""
    name = address.strip().lower()
    local, at, domain = name.rpartition("@")
    if (
        not (local and at and domain)
        or len(name) > 320
        or any(not sign.isprintable() or sign in " <>," for sign in name)
    ):
        raise ValueError(f"{address[:80]!r} is not an email address")
    return name
