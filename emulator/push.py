"""Posting notifications to subscribers: at least once, in no promised order, as the real ones do.

A background task sends what is due; `flush` sends everything now and returns when it is done, so no test
sleeps.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from emulator.knobs import Knobs

TIMEOUT_S = 10.0
FIRST_WAIT_S = 1.0


def any_2xx(status: int) -> bool:
    return 200 <= status < 300


@dataclass(slots=True)
class Post:
    """One notification. `accepted` tells which statuses end it; anything else is tried again."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    accepted: Callable[[int], bool] = any_2xx
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Flushed:
    """What a flush did; `waiting` are those that failed and will be tried again, `given_up` those that will
    not.
    """

    delivered: int
    failed: int
    given_up: int
    waiting: int


class Notifier:
    """The queue of posts. `knobs` is asked for at every use because a reset replaces it."""

    def __init__(self, knobs: Callable[[], Knobs]) -> None:
        self._knobs = knobs
        self._due: list[Post] = []
        self._retrying: list[Post] = []
        self._wake = asyncio.Event()
        self._client: httpx.AsyncClient | None = None
        # Sending awaits, so a flush must wait for what the background task has taken out already.
        self._sending = asyncio.Lock()

    @property
    def waiting(self) -> int:
        return len(self._due) + len(self._retrying)

    def post(self, post: Post) -> None:
        """Queue a notification, as often as the knob `push_copies` says; returns at once."""
        copies = max(1, self._knobs().push_copies)
        self._due.extend(Post(post.url, post.body, post.headers, post.accepted) for _ in range(copies))
        self._wake.set()

    async def call(
        self, url: str, *, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response | None:
        """One POST now, for a subscription's handshake; None when it cannot be reached or may not be."""
        try:
            if httpx.URL(url).host not in self._knobs().push_hosts:
                return None
            return await self._http().post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    async def flush(self) -> Flushed:
        """Try everything that waits, also what comes meanwhile, once each."""
        async with self._sending:
            return await self._flush()

    def wake(self) -> None:
        """Have the background task look again, after a knob changed."""
        self._wake.set()

    async def _flush(self) -> Flushed:
        self._due, self._retrying = self._retrying + self._due, []
        failed: list[Post] = []
        delivered = 0
        while self._due:
            post = self._due.pop(-1 if self._knobs().push_reversed else 0)
            if await self._send(post):
                delivered += 1
            else:
                failed.append(post)
        again = [post for post in failed if post.tries < self._knobs().push_attempts]
        self._retrying.extend(again)
        return Flushed(delivered, len(failed), len(failed) - len(again), self.waiting)

    async def run(self) -> None:
        """The background task: sends while the knob `push_automatic` is on, waiting longer after each
        failure.
        """
        wait_s = FIRST_WAIT_S
        while True:
            timeout = wait_s if self._retrying else None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout)
            self._wake.clear()
            if self._knobs().push_automatic:
                outcome = await self.flush()
                wait_s = FIRST_WAIT_S if not outcome.failed else min(wait_s * 2, 60)

    def clear(self) -> None:
        self._due.clear()
        self._retrying.clear()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _send(self, post: Post) -> bool:
        post.tries += 1
        response = await self.call(post.url, body=post.body, headers=post.headers)
        return response is not None and post.accepted(response.status_code)

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        return self._client
