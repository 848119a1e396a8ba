"""OAuth scopes: what each allows, and how Google spells and describes it."""

from __future__ import annotations

from collections.abc import Iterable

FULL = "https://mail.google.com/"
_AUTH = "https://www.googleapis.com/auth/"
MODIFY = f"{_AUTH}gmail.modify"
READONLY = f"{_AUTH}gmail.readonly"
METADATA = f"{_AUTH}gmail.metadata"
COMPOSE = f"{_AUTH}gmail.compose"
SEND = f"{_AUTH}gmail.send"
LABELS = f"{_AUTH}gmail.labels"
SETTINGS = f"{_AUTH}gmail.settings.basic"
EMAIL = f"{_AUTH}userinfo.email"
PROFILE = f"{_AUTH}userinfo.profile"
IDENTITY = frozenset({"openid", EMAIL, PROFILE})
"""Nobody can untick these on the consent page."""

_ALIASES = {"email": EMAIL, "profile": PROFILE}
DESCRIPTIONS = {
    FULL: "Read, compose, send and permanently delete all your email",
    MODIFY: "Read, compose and send emails, and label and trash them",
    READONLY: "View your email messages and settings",
    METADATA: "View your email message metadata such as labels and headers, but not the email body",
    COMPOSE: "Manage drafts and send emails",
    SEND: "Send email on your behalf",
    LABELS: "See and edit your email labels",
    SETTINGS: "See, edit, create or change your email settings and filters",
    "openid": "Associate you with your personal info",
    EMAIL: "See your primary email address",
    PROFILE: "See your personal info",
}

# The scopes of each group of methods, as the discovery document lists them.
WRITE = frozenset({FULL, MODIFY})
READ = frozenset({FULL, MODIFY, READONLY})
READ_HEADERS = READ | {METADATA}
READ_PROFILE = READ_HEADERS | {COMPOSE}
READ_LABELS = READ_HEADERS | {LABELS}
WRITE_LABELS = WRITE | {LABELS}
WRITE_DRAFTS = WRITE | {COMPOSE}
READ_DRAFTS = READ | {COMPOSE}
SENDING = WRITE_DRAFTS | {SEND}
READ_SETTINGS = READ | {SETTINGS}
DELETING = frozenset({FULL})


def canonical(text: str) -> list[str]:
    """The scopes of a request in Google's own spelling (`email` is answered as userinfo.email), once each."""
    return list(dict.fromkeys(_ALIASES.get(scope, scope) for scope in text.split()))


def unknown(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope not in DESCRIPTIONS]


def headers_only(scopes: frozenset[str]) -> bool:
    """gmail.metadata in a token forbids `q` and bodies, whatever else the token may do."""
    return METADATA in scopes
