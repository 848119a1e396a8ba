"""Subscriptions to changes of mail (https://learn.microsoft.com/graph/api/resources/subscription)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from providers.base import ProviderError, Watch
from providers.graph import types
from providers.graph.client import Client
from providers.graph.types import Json

#: Versions of the documentation name 4,230 and 10,080 minutes as the most (PROVIDERS 2.5): this is below both.
LASTS = timedelta(minutes=4_200)


def watch(client: Client, *, url: str, secret: str, current: Watch | None) -> Watch:
    """Renews ``current``, or makes a new one, for which Graph asks ``url`` to say a token back before it answers.

    Deletions are not asked for: they change nothing here (R19). Raises `ProviderError`.
    """
    until = {"expirationDateTime": types.written(datetime.now(UTC) + LASTS)}
    if current is not None and current.id:
        try:
            return _read(client.patch(_path(current), until))
        except ProviderError as error:
            if error.status != 404:
                raise
    asked = {
        "changeType": "created,updated",
        "resource": "/me/messages",
        "notificationUrl": url,
        "lifecycleNotificationUrl": url,
        "clientState": secret,
        **until,
    }
    return _read(client.post("/subscriptions", asked))


def unwatch(client: Client, current: Watch) -> None:
    try:
        client.delete(_path(current))
    except ProviderError as error:
        if error.status != 404:
            raise


def _path(current: Watch) -> str:
    return f"/subscriptions/{types.quoted(current.id)}"


def _read(subscription: Json) -> Watch:
    until = types.moment(subscription, "expirationDateTime")
    return Watch(types.key(subscription, "id"), until or datetime.now(UTC) + LASTS)
