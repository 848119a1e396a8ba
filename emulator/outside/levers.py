"""The levers of the page that breaks things: each says what it does, what a good product answers, and does it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from emulator.faults import Fault
from emulator.mailbox import Mailbox
from emulator.quota import PROFILES
from emulator.world import World

HOUR_MS = 3_600_000
MAX_TIMES = 1_000
_GOOGLE_429 = {
    "error": {
        "code": 429,
        "message": "Resource has been exhausted (e.g. check quota).",
        "errors": [{"message": "Resource has been exhausted", "domain": "usageLimits", "reason": "rateLimitExceeded"}],
        "status": "RESOURCE_EXHAUSTED",
    }
}
_GRAPH_429 = {"error": {"code": "TooManyRequests", "message": "Too many requests."}}
_GOOGLE_503 = {
    "error": {
        "code": 503,
        "message": "The service is currently unavailable.",
        "errors": [{"message": "Backend Error", "domain": "global", "reason": "backendError"}],
        "status": "UNAVAILABLE",
    }
}
_GRAPH_503 = {"error": {"code": "ServiceNotAvailable", "message": "The service is temporarily unavailable."}}
# The calls that send: messages.send and drafts.send of Gmail; sendMail, send and the like of Graph.
_SENDING = {"google": ("/gmail/*/send", "/upload/gmail/*/send"), "microsoft": ("/graph/*/sendmail", "/graph/*/send")}


@dataclass(frozen=True, slots=True)
class Lever:
    """`pull(world, mailbox, times)` answers a sentence that says what was done. `counted` ones ask how often."""

    title: str
    promise: str
    pull: Callable[[World, Mailbox, int], str]
    counted: bool = False


def _expire_access(world: World, box: Mailbox, _times: int) -> str:
    ended = world.tokens.expire(address=box.address)
    return f"{ended} access {'token' if ended == 1 else 'tokens'} of {box.address} ran out."


def _expire_all(world: World, box: Mailbox, _times: int) -> str:
    ended = world.tokens.expire(address=box.address, kinds=("access", "refresh"))
    return f"{ended} tokens of {box.address} ran out, refresh tokens too."


def _revoke(world: World, box: Mailbox, _times: int) -> str:
    ended = world.tokens.revoke_address(box.address)
    return f"{box.address} withdrew {ended} {'consent' if ended == 1 else 'consents'}."


def _expire_history(_world: World, box: Mailbox, _times: int) -> str:
    box.changes.expire()
    return f"Every cursor of {box.address} is too old now."


def _storm(world: World, box: Mailbox, times: int) -> str:
    body = _GRAPH_429 if box.provider == "microsoft" else _GOOGLE_429
    _fail(world, box, times, status=429, body=body, headers={"Retry-After": "5"})
    return f"The next {times} calls to {_service(box)} answer 429."


def _unavailable(world: World, box: Mailbox, times: int) -> str:
    _fail(world, box, times, status=503, body=_GRAPH_503 if box.provider == "microsoft" else _GOOGLE_503)
    return f"The next {times} calls to {_service(box)} answer 503."


def _cut(world: World, box: Mailbox, times: int) -> str:
    world.faults.add(Fault(path=_paths(box), times=times, cut_after=40))
    return f"The next {times} answers of {_service(box)} break off."


def _lost_send(world: World, box: Mailbox, _times: int) -> str:
    for path in _SENDING[box.provider or "google"]:
        world.faults.add(Fault(path=path, method="POST", cut_after=-1, commit=True))
    return f"The next mail sent through {_service(box)} goes out, but the answer is lost."


def _slow(world: World, box: Mailbox, times: int) -> str:
    world.faults.add(Fault(path=_paths(box), times=times, delay_ms=5_000))
    return f"The next {times} calls to {_service(box)} take five seconds more."


def _tight(world: World, box: Mailbox, _times: int) -> str:
    name = "graph" if box.provider == "microsoft" else "google-new"
    world.quota.set(PROFILES[name], address=box.address)
    return f"{box.address} has the real quota now ({name})."


def _loose(world: World, box: Mailbox, _times: int) -> str:
    world.quota.set(PROFILES["off"], address=box.address)
    return f"{box.address} has no quota."


LEVERS: dict[str, Lever] = {
    "expire": Lever(
        "Let the access token run out",
        "The next call answers 401. Postroom renews the token and goes on; nobody notices.",
        _expire_access,
    ),
    "expire-all": Lever(
        "Let the refresh token run out too",
        "Renewing answers invalid_grant. The mailbox says so, its user gets a mail with a link, retries stop.",
        _expire_all,
    ),
    "revoke": Lever(
        "Withdraw the consent",
        "As if the user had removed Postroom in the account's settings: the same, for good.",
        _revoke,
    ),
    "history": Lever(
        "Forget the history",
        "Gmail answers 404, Graph 410. Postroom reads the last days again, and nothing is doubled.",
        _expire_history,
    ),
    "storm": Lever(
        "Answer 429",
        "Too many requests, with Retry-After. Postroom waits as long as it is told.",
        _storm,
        counted=True,
    ),
    "unavailable": Lever("Answer 503", "An outage. Postroom tries again, later and later.", _unavailable, counted=True),
    "cut": Lever(
        "Break answers off", "The connection closes within the answer. No mail is lost or doubled.", _cut, counted=True
    ),
    "slow": Lever("Answer slowly", "Five seconds a call. Other mailboxes go on meanwhile.", _slow, counted=True),
    "lost": Lever(
        "Send, but lose the answer",
        "The mail goes out and the connection closes. Postroom looks in Sent instead of sending again.",
        _lost_send,
    ),
    "quota": Lever(
        "Give it the real quota",
        "Gmail's 6,000 units a minute, Graph's 10,000 calls in ten minutes and four at a time.",
        _tight,
    ),
    "no-quota": Lever("Take the quota away", "As fast as it goes.", _loose),
}


def set_clock(world: World, name: str) -> str:
    """Pull one of CLOCK. Raises KeyError."""
    _, act = CLOCK[name]
    act(world)
    state = "stands still" if world.clock.frozen else "runs"
    return f"It is {world.clock.now():%A %d %B %Y, %H:%M} UTC, and the clock {state}."


CLOCK: dict[str, tuple[str, Callable[[World], None]]] = {
    "hour": ("An hour later", lambda world: world.clock.advance(HOUR_MS)),
    "day": ("A day later", lambda world: world.clock.advance(24 * HOUR_MS)),
    "week": ("Eight days later", lambda world: world.clock.advance(8 * 24 * HOUR_MS)),
    "freeze": ("Stop the clock", lambda world: world.clock.freeze()),
    "run": ("Let it run", lambda world: world.clock.unfreeze()),
    "now": ("Back to the real time", lambda world: world.clock.set(time.time_ns() // 1_000_000)),
}


def _fail(
    world: World, box: Mailbox, times: int, *, status: int, body: object, headers: dict[str, str] | None = None
) -> None:
    data = json.dumps(body).encode()
    world.faults.add(Fault(path=_paths(box), times=times, status=status, body=data, headers=headers or {}))


def _paths(box: Mailbox) -> str:
    return "/graph/*" if box.provider == "microsoft" else "/gmail/*"


def _service(box: Mailbox) -> str:
    return "Graph" if box.provider == "microsoft" else "Gmail"
