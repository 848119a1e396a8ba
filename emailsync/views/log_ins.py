"""Log-ins that are under way at a provider, kept in the session that began them (S4).

Each is found by the state that the provider sends back with the browser, works once, and ends after ten minutes.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeGuard
from urllib.parse import parse_qs, urlsplit

from accounts.http import MemberRequest
from emailsync.operations import Choices
from providers.base import Started

ProviderName = Literal["gmail", "graph"]
KEY = "mailbox-log-ins"
#: Seconds.
LASTS = 600
#: Tabs in which somebody may have begun one.
MOST = 5


class StaleLogIn(Exception):
    """What came back belongs to no log-in of this session; the text says what to do, for the reader."""


@dataclass(frozen=True)
class LogIn:
    """What was chosen before the browser left. ``mailbox_id`` is that of the mailbox to reconnect, if it is one."""

    provider: ProviderName
    tenant_id: int
    choices: Choices
    mailbox_id: int | None
    #: For `Login.finish`.
    state: dict[str, Any]


def is_provider(name: str) -> TypeGuard[ProviderName]:
    return name in {"gmail", "graph"}


def keep(
    request: MemberRequest,
    started: Started,
    *,
    provider: ProviderName,
    choices: Choices,
    mailbox_id: int | None = None,
) -> None:
    """Writes down a log-in that begins now."""
    entry = {
        "provider": provider,
        "tenant": request.membership.tenant_id,
        "choices": asdict(choices),
        "mailbox": mailbox_id,
        "state": dict(started.state),
        "until": time.time() + LASTS,
    }
    newest = sorted(_open(request).items(), key=lambda item: item[1]["until"])[1 - MOST :]
    request.session[KEY] = {**dict(newest), _state_in(started.url): entry}


def take(request: MemberRequest, state: str) -> LogIn:
    """The log-in that has this state, which no longer works for another time. Raises `StaleLogIn`."""
    entry = _open(request).get(state) if state else None
    if state in request.session.get(KEY, {}):
        request.session[KEY] = {key: each for key, each in request.session[KEY].items() if key != state}
    if entry is None:
        raise StaleLogIn(
            "This log-in was begun in another browser, more than ten minutes ago, or is over already. "
            "Nothing was connected by it: please connect again."
        )
    if entry["tenant"] != request.membership.tenant_id:
        raise StaleLogIn("You have switched to another account meanwhile. Switch back, and connect again.")
    return LogIn(
        provider=entry["provider"],
        tenant_id=entry["tenant"],
        choices=Choices(**entry["choices"]),
        mailbox_id=entry["mailbox"],
        state=entry["state"],
    )


def _open(request: MemberRequest) -> dict[str, dict[str, Any]]:
    """Those that are not too old."""
    now = time.time()
    return {key: entry for key, entry in request.session.get(KEY, {}).items() if entry["until"] > now}


def _state_in(url: str) -> str:
    """OAuth's state, which every provider's log-in address carries (RFC 6749, section 4.1.1)."""
    return parse_qs(urlsplit(url).query)["state"][0]
