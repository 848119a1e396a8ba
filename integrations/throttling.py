"""How often one may call: each token, and each stranger's IP address, so many times in a window of time.

Counted in Redis, which all web processes share. A window that ends forgets, so that at its border a caller
may send twice the limit in short order: that is well within what protects us, and costs two commands a call.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken

if TYPE_CHECKING:  # rest_framework.views imports this module: it needs the classes that settings name.
    from rest_framework.views import APIView

log = structlog.get_logger("integrations.throttling")
PERIODS: Final = {"sec": 1, "min": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True)
class Allowance:
    """What is left to a caller in the window that is open."""

    limit: int
    used: int
    #: Seconds until the window ends.
    reset: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> Mapping[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-07 names them, which clients know."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset),
        }


class TokenThrottle(BaseThrottle):
    """Counts the call against its token, or a stranger's against the IP address."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.allowance = count_call(request._request, request.auth if isinstance(request.auth, ApiToken) else None)
        return self.allowance is None or not self.allowance.is_exceeded

    def wait(self) -> float | None:
        return self.allowance.reset if self.allowance else None


def count_call(request: HttpRequest, token: ApiToken | None) -> Allowance | None:
    """Counts one call, and leaves what is left on the request for `integrations.middleware` to tell."""
    if token is not None:
        allowance = count("token", str(token.pk))
    else:
        allowance = count("stranger", BaseThrottle().get_ident(request))  # type: ignore[arg-type]  # Reads headers only.
    request.allowance = allowance  # type: ignore[attr-defined]  # Its only reader is ours as well.
    return allowance


def count_outside(request: HttpRequest, token: ApiToken | None = None) -> None:
    """Counts a call that is answered before DRF's views would count it. Raises `Throttled`."""
    allowance = count_call(request, token)
    if allowance is not None and allowance.is_exceeded:
        raise Throttled(allowance.reset)


def count(scope: str, caller: str) -> Allowance | None:
    """Counts one call; None while Redis is away, since a limit that cannot be known must not stop everybody."""
    limit, period = read_rate(str(api_settings.DEFAULT_THROTTLE_RATES[scope]))
    now = time.time()
    window = int(now // period)
    key = f"rate:{scope}:{caller}:{window}"
    try:
        cache.add(key, 0, timeout=period * 2)
        used = cache.incr(key)
    except (RedisError, OSError) as error:
        log.warning("throttle.off", reason=type(error).__name__)
        return None
    return Allowance(limit=limit, used=used, reset=max(1, round((window + 1) * period - now)))


def read_rate(text: str) -> tuple[int, int]:
    """``600/min`` as 600 calls in 60 seconds. Raises `ImproperlyConfigured`."""
    number, _, period = text.partition("/")
    if not number.isascii() or not number.isdigit() or period not in PERIODS:
        raise ImproperlyConfigured(f"{text!r} is not a rate: write a number and one of {', '.join(PERIODS)}: 600/min.")
    return int(number), PERIODS[period]
