"""Microsoft 365 mail by Microsoft Graph: an app, its log-in, its mailboxes, and the pushes it gets."""

from __future__ import annotations

from providers.base import Login, Pace, Provider, Save
from providers.graph.app import App
from providers.graph.client import Client
from providers.graph.oauth import MicrosoftLogin, grant_of
from providers.graph.parse import BadPush, Notification, read_notifications
from providers.graph.provider import GraphMailbox
from providers.graph.tokens import Tokens

__all__ = ["App", "BadPush", "Notification", "grant_of", "login", "open_mailbox", "read_notifications"]


def login(app: App) -> Login:
    return MicrosoftLogin(app)


def open_mailbox(app: App, grant: str, *, save: Save, pace: Pace, never: str = "") -> Provider:
    """The mailbox that the grant is for; it asks nothing yet. Raises `ProviderError` for a grant that is none.

    ``never`` is the name of the category that keeps mail out.
    """
    return GraphMailbox(Client(app.graph_root, Tokens(app, grant, save), pace), never=never)
