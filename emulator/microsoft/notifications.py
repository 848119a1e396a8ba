"""What subscribers are told: changes of mail, several in one POST, and what becomes of the subscription."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from emulator.changes import Change, ChangeKind
from emulator.clock import from_ms
from emulator.graphids import IdKind
from emulator.mailbox import Mailbox
from emulator.microsoft import directory, ids
from emulator.microsoft.properties import Json
from emulator.microsoft.subscriptions import Subscription, Subscriptions, live
from emulator.push import Post
from emulator.world import World

MAX_ITEMS = 100
REAUTHORIZE, REMOVED, MISSED = "reauthorizationRequired", "subscriptionRemoved", "missed"
_KINDS = {ChangeKind.ADDED: "created", ChangeKind.CHANGED: "updated", ChangeKind.DELETED: "deleted"}


@dataclass(slots=True)
class Pending:
    """Items that wait for the end of the present act, by URL."""

    items: dict[str, list[Json]] = field(default_factory=dict)


def listen(world: World) -> None:
    world.on_change(lambda mailbox, change: _heard(world, mailbox, change))


def _heard(world: World, mailbox: Mailbox, change: Change) -> None:
    if mailbox.provider != "microsoft" or not mailbox.section(Subscriptions).by_id:
        return
    event = world.knobs.graph_lifecycle.pop(mailbox.address, "")
    for subscription in live(world, mailbox):
        own_event = REMOVED if subscription.grant.revoked else event
        if own_event:
            _tell_lifecycle(world, mailbox, subscription, own_event)
        elif not subscription.paused:
            for kind in sorted(_kinds(subscription, change) & subscription.changes):
                _queue(world, subscription.url, _item(mailbox, subscription, change, kind))


def _kinds(subscription: Subscription, change: Change) -> set[str]:
    """What the change is to this subscriber: a move leaves one folder, comes to another, and makes a new
    classic id.
    """
    if change.moved and subscription.folder is None and subscription.immutable:
        return {"updated"}
    kinds = {"created", "deleted"} if change.moved else {_KINDS[change.kind]}
    where = {"created": change.folder, "updated": change.folder, "deleted": change.folder_before}
    return {kind for kind in kinds if subscription.folder in {None, where[kind]}}


def _item(mailbox: Mailbox, subscription: Subscription, change: Change, kind: str) -> Json:
    moves = change.moves_before if kind == "deleted" else change.moves
    message_id = (
        mailbox.ids.make(IdKind.IMMUTABLE, change.seq)
        if subscription.immutable
        else mailbox.ids.make(IdKind.MESSAGE, change.seq, moves)
    )
    resource = f"Users/{directory.object_id(mailbox.address)}/Messages/{message_id}"
    return {
        **_head(mailbox, subscription),
        "changeType": kind,
        "resource": resource,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": resource,
            "@odata.etag": ids.etag(mailbox, change.id),
            "id": message_id,
        },
    }


def _tell_lifecycle(world: World, mailbox: Mailbox, subscription: Subscription, event: str) -> None:
    if event == REMOVED:
        del mailbox.section(Subscriptions).by_id[subscription.id]
    elif event == REAUTHORIZE:
        subscription.paused = True
    if subscription.lifecycle_url:
        item = {**_head(mailbox, subscription), "lifecycleEvent": event, "resource": subscription.resource}
        _queue(world, subscription.lifecycle_url, item)


def _head(mailbox: Mailbox, subscription: Subscription) -> Json:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": from_ms(subscription.expires_ms).isoformat(),
        "clientState": subscription.client_state,
        "tenantId": directory.home_tenant(mailbox.address),
    }


def _queue(world: World, url: str, item: Json) -> None:
    pending = world.section(Pending)
    first = not pending.items
    pending.items.setdefault(url, []).append(item)
    if first:
        try:
            asyncio.get_running_loop().call_soon(_post, world, pending)
        except RuntimeError:
            # No server runs, as in a test of the world alone: nothing else can come meanwhile.
            _post(world, pending)


def _post(world: World, pending: Pending) -> None:
    if world.section(Pending) is not pending:
        return  # A reset came between.
    items, pending.items = pending.items, {}
    for url, found in items.items():
        for at in range(0, len(found), MAX_ITEMS):
            body = json.dumps({"value": found[at : at + MAX_ITEMS]}).encode()
            world.push.post(Post(url, body, {"content-type": "application/json; charset=utf-8"}))
