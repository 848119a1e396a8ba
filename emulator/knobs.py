"""Everything about the real services that is unsettled, unpleasant or a matter of set-up, as one set of
switches.

Numbers in brackets are the open points of the provider contract. Add a knob here; control offers it by its
name.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints


class BadKnobError(ValueError):
    """An unknown knob, or a value of the wrong kind; `name` says which."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(slots=True)
class Knobs:
    # Gmail
    message_id: Literal["keep", "rewrite"] = "keep"
    """[1] Whether a send keeps the caller's Message-ID or replaces it (the old one:
    X-Google-Original-Message-ID).
    """
    search_lag_ms: int = 0
    """How long after its arrival a message is missing from `q` searches."""
    history_for_present_labels: bool = False
    """Whether adding a label that is there already makes a history record."""
    google_units: dict[str, int] = field(default_factory=dict)
    """[5] Quota units by method that differ from the table, such as {"threads.list": 10}."""
    google_refusal: Literal["metric", "exhausted", "retry-after"] = "metric"
    """How spent units are refused: 403 for the metric 'Queries'; 429 "Resource has been exhausted"; 429 with a time."""
    google_concurrency: int = 0
    """[5] Calls at a time for one user; 0 is no limit."""
    google_refresh_lifetime_s: int = 0
    """604800 is a consent screen in Testing; 0 never ends."""
    google_login_error: str = ""
    """What the log-in page's callback carries instead of a code, such as admin_policy_enforced."""
    google_mailboxes: dict[str, str] = field(default_factory=dict)
    """State by address: not-enabled, precondition, domain-policy, not-configured or daily-limit."""
    google_history_days: int = 7
    """How long history is kept; 0 is for ever."""
    google_inline_bytes: int = 500_000
    """Text parts above it come by attachments.get."""
    google_daily_sends: int = 2_000
    """Messages an account may send in 24 hours; 0 is no limit."""
    pubsub_push_url: str = ""
    """Where topics that were not registered push to; without it there are no such topics."""
    pubsub_events_per_s: int = 0
    """1 is Gmail's own limit for a watched mailbox: what comes faster is dropped. 0 is no limit."""
    pubsub_history_id: Literal["number", "string"] = "number"
    pubsub_base64: Literal["standard", "url"] = "standard"

    # Graph
    subscription_max_minutes: int = 4230
    """[2] 4230 or 10080."""
    subscription_max_count: int = 1000
    """Live ones of a mailbox, over all clients."""
    immutable_id_survives_send: bool = True
    """[3] Whether the copy in Sent Items keeps the draft's immutable id."""
    delta_destination_silent: bool = False
    """[3] With immutable ids, whether the folder a message moved to says nothing in its delta."""
    delta_partial_updates: bool = True
    """Changed items carry the changed properties only."""
    delta_empty_pages: int = 0
    """Empty pages with a nextLink before the first real one."""
    delta_repeats: int = 0
    """Items of the last page that come again on the next one."""
    batch_mime: Literal["base64", "text"] = "base64"
    """[4] How $batch carries a `$value`."""
    graph_concurrency_scope: Literal["mailbox", "app"] = "mailbox"
    """[4] What the limit of four requests at a time counts."""
    send_delay_ms: int = 0
    """Between Graph's 202 and the copy in Sent Items."""
    delta_expired_code: Literal["SyncStateNotFound", "syncStateNotFound", "resyncRequired"] = "SyncStateNotFound"
    """What a delta that is too old is called in its 410."""
    graph_mailboxes: dict[str, str] = field(default_factory=dict)
    """State by address: not-enabled, soft-deleted, moving, unavailable, or full (which only deltas mind)."""
    graph_aliases: dict[str, list[str]] = field(default_factory=dict)
    """Other addresses of a mailbox, by its own: /me gives them as proxyAddresses, and it may send as them."""
    graph_lifecycle: dict[str, str] = field(default_factory=dict)
    """By address, what its subscribers get instead of the next change: reauthorizationRequired,
    subscriptionRemoved or missed.
    """
    entra_clients: dict[str, str] = field(default_factory=lambda: {"postroom-demo": "demo-secret"})
    """Secrets of registered applications by client id."""
    entra_redirect_uris: dict[str, list[str]] = field(default_factory=dict)
    """Reply addresses of a client; while none are registered, any on this machine or a reserved name is one."""
    entra_admin_scopes: list[str] = field(default_factory=list)
    """Scopes that only an administrator can consent to."""
    aadsts: dict[str, str] = field(default_factory=dict)
    """AADSTS code by address or client id, with which log-in and token endpoint refuse."""
    aadsts_suberrors: dict[str, str] = field(default_factory=dict)
    """[6] Suberror by AADSTS code where it differs from the table."""

    # Both
    access_token_lifetime_s: int = 3599
    latency_ms: int = 0
    """Time that a call holds its place among the concurrent ones."""
    push_automatic: bool = True
    """Off: notifications wait for `POST /_control/flush`."""
    push_copies: int = 1
    """2 and more deliver every notification that often."""
    push_reversed: bool = False
    """Newest first."""
    push_attempts: int = 5
    push_hosts: list[str] = field(default_factory=lambda: ["127.0.0.1", "::1", "localhost"])
    """Hosts that may be notified; anything else counts as failed without a connection."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def set(self, values: dict[str, object]) -> None:
        """All or nothing. Raises BadKnobError."""
        hints = get_type_hints(Knobs)
        known = {each.name for each in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise BadKnobError(name, f"there is no knob {name!r}")
            if not _fits(value, hints[name]):
                raise BadKnobError(name, f"{name} takes {_describe(hints[name])}")
        for name, value in values.items():
            setattr(self, name, value)


def _fits(value: object, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin is list:
        return isinstance(value, list) and all(_fits(each, arguments[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            _fits(key, arguments[0]) and _fits(each, arguments[1]) for key, each in value.items()
        )
    if hint is int:
        return type(value) is int and value >= 0
    return type(value) is hint


def _describe(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(get_args(hint))
    if hint is int:
        return "a whole number from 0"
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
