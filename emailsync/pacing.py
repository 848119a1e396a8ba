"""What a mailbox may spend (E6): a sliding window in Redis, shared by all workers, as data.

A window of a minute is cut into sixty slots; what was spent in the slots that reach into the window may not pass the
budget. Background work leaves a fifth of it to live mail and sends. A provider that says "wait" is obeyed by all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings

from providers.base import OutOfBudget

SLOTS = 60
RESERVE = 0.2
#: Seconds after which a budget that nobody can count is asked for again.
WITHOUT_REDIS = 30.0
#: Hints and budgets of the last window are all that is lost with Redis; nothing of it is kept for longer.
_TAKE = """
local now, width, slots, limit, units = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]),
    tonumber(ARGV[5])
local held = tonumber(redis.call('GET', KEYS[2]) or '0')
if held > now then return tostring(held - now) end
local slot = math.floor(now / width)
local spent, old, fields = 0, {}, redis.call('HGETALL', KEYS[1])
local places = {}
for i = 1, #fields, 2 do
  local place = tonumber(fields[i])
  if place < slot - slots then old[#old + 1] = fields[i]
  else spent = spent + tonumber(fields[i + 1]); places[#places + 1] = {place, tonumber(fields[i + 1])} end
end
if #old > 0 then redis.call('HDEL', KEYS[1], unpack(old)) end
if spent + units <= limit or (spent == 0 and units > limit) then
  redis.call('HINCRBY', KEYS[1], slot, units)
  redis.call('EXPIRE', KEYS[1], math.ceil(width * (slots + 1)) + 1)
  return '0'
end
table.sort(places, function(a, b) return a[1] < b[1] end)
local missing, wait = spent + units - limit, 0
for _, place in ipairs(places) do
  missing = missing - place[2]
  wait = (place[1] + slots + 1) * width - now
  if missing <= 0 then break end
end
return tostring(wait)
"""


@dataclass(frozen=True)
class Budget:
    """So many units in so many seconds, for one mailbox."""

    units: int
    seconds: int


#: PROVIDERS.md section 4: Gmail's units a minute a user, Graph's requests in ten minutes.
GMAIL = {"new": Budget(6_000, 60), "old": Budget(15_000, 60)}
GRAPH = Budget(10_000, 600)


def budget_of(provider: str) -> Budget:
    """The budget of one mailbox of a provider, "gmail" or "graph"."""
    return GMAIL[settings.GOOGLE_QUOTA] if provider == "gmail" else GRAPH


class Purse:
    """One mailbox's budget. Times are seconds since the epoch, by ``clock``."""

    def __init__(self, key: str, budget: Budget, *, clock: Callable[[], float] = time.time) -> None:
        self._key = f"postroom:pace:{key}"
        self._budget = budget
        self._clock = clock

    def take(self, units: int, *, in_background: bool) -> None:
        """Spends units. Raises `OutOfBudget`; what alone is more than the budget passes when nothing else was spent."""
        limit = int(self._budget.units * (1 - RESERVE)) if in_background else self._budget.units
        keys = [self._key, f"{self._key}:held"]
        try:
            wait = float(_script()(keys, [self._clock(), self._budget.seconds / SLOTS, SLOTS, limit, units]))
        except redis.RedisError as error:
            raise OutOfBudget(WITHOUT_REDIS) from error
        if wait > 0:
            raise OutOfBudget(wait)

    def hold(self, seconds: float) -> None:
        """Lets nobody spend for a while, because the provider said so."""
        until = self._clock() + seconds
        # Whoever could not be told finds out by asking.
        with suppress(redis.RedisError):
            _redis().set(f"{self._key}:held", until, px=max(1, int(seconds * 1000)))


def purse_of(mailbox_id: int, provider: str) -> Purse:
    return Purse(str(mailbox_id), budget_of(provider))


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


@lru_cache(maxsize=1)
def _script() -> Callable[..., bytes]:
    script: Callable[..., bytes] = _redis().register_script(_TAKE)
    return script
