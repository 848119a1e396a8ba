"""Gmail: how to log in at Google, and what to do with a mailbox then. Everything else in here is its own affair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from providers.base import Login, Pace, Provider, Save
from providers.gmail import grants
from providers.gmail.app import App
from providers.gmail.oauth import GoogleLogin
from providers.gmail.provider import GmailProvider
from providers.gmail.push import BadPush, read_push, verify_push

__all__ = ["App", "BadPush", "grant_of", "login", "open_mailbox", "read_push", "verify_push"]


def login(app: App) -> Login:
    """Google's log-in for an OAuth client."""
    return GoogleLogin(app)


def open_mailbox(app: App, grant: str, *, save: Save, pace: Pace, never: str = "") -> Provider:
    """A mailbox, for one thread; close it after use. Raises ProviderError for a text that is no grant.

    ``never`` is the name of the label that keeps mail out.
    """
    return GmailProvider(app, grant, save=save, pace=pace, never=never)


def grant_of(app: App, tokens: Mapping[str, object]) -> str:
    """A grant from a token endpoint's answer, for programs that got their tokens without a browser.

    ``tokens`` has access_token, refresh_token, expires_in and scope, and is of the same client as ``app``. Whose it is,
    `Provider.identity` says. Raises ValueError without an access token or a refresh token.
    """
    return grants.of_tokens(tokens, now=datetime.now(UTC)).dumps()
