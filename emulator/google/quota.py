"""Quota units by method for projects made before and since 2026-05, and how Gmail says that they are spent.

https://developers.google.com/workspace/gmail/api/reference/quota
"""

from __future__ import annotations

from emulator.clock import from_ms
from emulator.google.errors import GoogleError, error_info
from emulator.quota import PROFILES, Refusal, Slot
from emulator.world import World

# (new, old) where they differ.
UNITS: dict[str, int | tuple[int, int]] = {
    "getProfile": 1,
    "watch": 100,
    "stop": 50,
    "messages.list": 5,
    "messages.get": (20, 5),
    "messages.send": 100,
    "messages.modify": 5,
    "messages.batchModify": 50,
    "messages.batchDelete": 50,
    "messages.trash": (20, 5),
    "messages.untrash": (20, 5),
    "messages.delete": (20, 10),
    "messages.attachments.get": (20, 5),
    "threads.list": 10,
    "threads.get": (40, 10),
    "threads.modify": 10,
    "threads.trash": (40, 10),
    "threads.untrash": (40, 10),
    "threads.delete": (40, 20),
    "history.list": 2,
    "labels.list": 1,
    "labels.get": 1,
    "labels.create": 5,
    "labels.patch": 5,
    "labels.update": 5,
    "labels.delete": 5,
    "drafts.list": 5,
    "drafts.create": 10,
    "drafts.get": (20, 5),
    "drafts.update": 15,
    "drafts.delete": 10,
    "drafts.send": 100,
    "settings.sendAs.list": 1,
    "settings.sendAs.get": 1,
}


def units(world: World, address: str, method: str) -> int:
    """What a call costs this mailbox: the knob `google_units`, else the table."""
    if method in world.knobs.google_units:
        return world.knobs.google_units[method]
    cost = UNITS[method]
    if isinstance(cost, int):
        return cost
    return cost[world.quota.profile(address, "google") == PROFILES["google-old"]]


def admit(world: World, address: str, cost: int) -> Slot:
    """Enter, or raise GoogleError in one of the texts that Gmail has for it (knob `google_refusal`)."""
    concurrency = world.knobs.google_concurrency or None
    slot = world.quota.admit(address, "google", cost, concurrency=concurrency)
    if isinstance(slot, Slot):
        return slot
    if slot.reason == "concurrency":
        raise _too_many("Too many concurrent requests for user", "rateLimitExceeded")
    raise _spent(world, slot)


def _spent(world: World, refusal: Refusal) -> GoogleError:
    match world.knobs.google_refusal:
        case "exhausted":
            return _too_many("Resource has been exhausted (e.g. check quota).", "rateLimitExceeded")
        case "retry-after":
            until = from_ms(world.clock.now_ms() + refusal.retry_after_ms).isoformat(timespec="milliseconds")
            moment = until.replace("+00:00", "Z")
            return _too_many(f"User-rate limit exceeded.  Retry after {moment}", "userRateLimitExceeded")
        case _:
            message = (
                "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service "
                "'gmail.googleapis.com' for consumer 'project_number:1010101010'."
            )
            metadata = {"service": "gmail.googleapis.com", "quota_limit": "QueriesPerMinutePerUser"}
            details = [error_info("RATE_LIMIT_EXCEEDED", metadata)]
            return GoogleError(403, message, "rateLimitExceeded", domain="usageLimits", details=details)


def _too_many(message: str, reason: str) -> GoogleError:
    return GoogleError(429, message, reason, domain="usageLimits")
