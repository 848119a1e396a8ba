"""Microsoft 365: the log-in (Entra ID) and Graph v1.0 mail."""

from __future__ import annotations

from starlette.routing import BaseRoute

from emulator.microsoft import (
    attachments,
    batch,
    categories,
    delta,
    drafts,
    entra,
    folderdelta,
    folders,
    gateway,
    ids,
    messages,
    notifications,
    replies,
    sending,
    subscriptions,
    uploads,
    users,
)
from emulator.world import World

_NOUNS = (
    users,
    folders,
    folderdelta,
    messages,
    delta,
    drafts,
    replies,
    attachments,
    uploads,
    sending,
    categories,
    subscriptions,
    ids,
    batch,
)


def routes(world: World) -> list[BaseRoute]:
    """Graph below /graph/v1.0, uploads below /graph/upload, and the log-in below /{tenant}/."""
    notifications.listen(world)
    rules = [rule for noun in _NOUNS for rule in noun.RULES]
    return [*gateway.routes(world, rules), *uploads.routes(world), *entra.routes(world)]
