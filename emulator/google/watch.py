"""watch and stop, and what a watch sends: a Pub/Sub push for each change, signed as Google's push service does.

https://developers.google.com/workspace/gmail/api/guides/push and
https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from emulator.changes import Change
from emulator.clock import from_ms
from emulator.google import scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.errors import GoogleError, invalid
from emulator.google.shapes import Json
from emulator.google.state import DEMO_PROJECT, GmailBox, Google, Topic, Watch
from emulator.keys import Keys
from emulator.mailbox import Mailbox
from emulator.push import Post
from emulator.world import World

LIFETIME_MS = 7 * 86_400_000
ACCOUNT = f"pubsub-push@{DEMO_PROJECT}.iam.gserviceaccount.example"
ISSUER = "https://accounts.google.com"
_TOPIC = re.compile(r"projects/([a-z][a-z0-9.:-]{4,60})/topics/([A-Za-z][\w.~+%-]{2,254})")
_ACKNOWLEDGED = frozenset({102, 200, 201, 202, 204})


def methods() -> list[Method]:
    read = scopes.READ_HEADERS
    return [
        Method("watch", "POST", "watch", read, watch, body=shapes.WATCH, answer=shapes.WATCHING),
        Method("stop", "POST", "stop", read, stop),
    ]


def watch(call: Call) -> Json:
    """Renewing is watching again with the same topic. The first push comes at once."""
    topic = _topic(call)
    project = _project(call)
    now_ms = call.world.clock.now_ms()
    standing = call.state.watches.get(project)
    if standing and standing.topic != topic.name and standing.expires_ms > now_ms:
        raise invalid("Only one user push notification client allowed per developer (call /stop then try again)")
    labels = call.body.get("labelIds") or []
    for label in labels:
        if call.box.labels.get(label) is None:
            raise invalid(f"Invalid label: {label}")
    made = Watch(topic.name, frozenset(labels), _behavior(call.body), now_ms + LIFETIME_MS)
    call.state.watches[project] = made
    _tell(call.world, call.box, made, call.box.changes.head)
    return {"historyId": str(call.box.changes.head), "expiration": str(made.expires_ms)}


def stop(call: Call) -> None:
    call.state.watches.pop(_project(call), None)


def listener(world: World) -> Callable[[Mailbox, Change], None]:
    """For World.on_change: pushes to whoever watches the mailbox."""

    def changed(box: Mailbox, change: Change) -> None:
        if box.provider != "google":
            return
        for each in box.section(GmailBox).watches.values():
            if each.expires_ms > world.clock.now_ms() and _concerns(each, change) and _in_turn(world, each):
                _tell(world, box, each, change.id)

    return changed


def _topic(call: Call) -> Topic:
    """The topic that the body names. Raises GoogleError: 400 of another project, 404 where there is none."""
    name = str(call.body.get("topicName") or "")
    found = _TOPIC.fullmatch(name)
    project = _project(call)
    if found is None or found[1] != project:
        raise invalid(f"Invalid topicName does not match projects/{project}/topics/*")
    topic = find_topic(call.world, name)
    if topic is None:
        cause = f"Resource not found (resource={found[2]})."
        raise GoogleError(404, f"Error sending test message to Cloud PubSub {name} : {cause}", "notFound")
    return topic


def find_topic(world: World, name: str) -> Topic | None:
    """A registered topic; else one to the knob `pubsub_push_url`, where that is set."""
    known = world.section(Google).topics.get(name)
    url = world.knobs.pubsub_push_url
    if known is None and url:
        return Topic(name, url, url, name.replace("/topics/", "/subscriptions/"), ACCOUNT)
    return known


def _project(call: Call) -> str:
    client = call.world.section(Google).clients.get(call.token.grant.client_id)
    return client.project if client else DEMO_PROJECT


def _behavior(body: Json) -> Literal["include", "exclude"]:
    named = body.get("labelFilterBehavior") or body.get("labelFilterAction") or "include"
    if str(named).lower() not in {"include", "exclude"}:
        raise invalid(f"Invalid value for labelFilterBehavior: {named}")
    return "exclude" if str(named).lower() == "exclude" else "include"


def _concerns(watching: Watch, change: Change) -> bool:
    if not watching.labels:
        return True
    touched = bool(watching.labels & (change.labels | change.labels_removed))
    return touched == (watching.behavior == "include")


def _in_turn(world: World, watching: Watch) -> bool:
    """What comes faster than the knob `pubsub_events_per_s` allows is dropped, not kept."""
    rate = world.knobs.pubsub_events_per_s
    return not rate or world.clock.now_ms() - watching.told_ms >= 1000 // rate


def _tell(world: World, box: Mailbox, watching: Watch, history_id: int) -> None:
    topic = find_topic(world, watching.topic)
    if topic is None:
        return
    watching.told_ms = world.clock.now_ms()
    headers = {"authorization": f"Bearer {_token(world, topic)}", "content-type": "application/json"}
    body = json.dumps(_envelope(world, topic, box.address, history_id)).encode()
    world.push.post(Post(topic.endpoint, body, headers, accepted=_ACKNOWLEDGED.__contains__))


def _envelope(world: World, topic: Topic, address: str, history_id: int) -> Json:
    """The push as Pub/Sub wraps it; the knobs `pubsub_history_id` and `pubsub_base64` vary what is unsettled."""
    google = world.section(Google)
    number = str(10_000_000_000_000 + google.next_notification)
    google.next_notification += 1
    told = str(history_id) if world.knobs.pubsub_history_id == "string" else history_id
    data = json.dumps({"emailAddress": address, "historyId": told}).encode()
    encode = urlsafe_b64encode if world.knobs.pubsub_base64 == "url" else b64encode
    moment = from_ms(world.clock.now_ms()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {
        "data": encode(data).decode("ascii"),
        "messageId": number,
        "message_id": number,
        "publishTime": moment,
        "publish_time": moment,
    }
    return {"message": message, "subscription": topic.subscription}


def _token(world: World, topic: Topic) -> str:
    """The OIDC token that Pub/Sub sends along, good for an hour."""
    minute = world.clock.now_ms() // 60_000
    return _signed(world.keys, topic.audience or topic.endpoint, topic.account, minute)


@lru_cache(maxsize=64)
def _signed(keys: Keys, audience: str, account: str, minute: int) -> str:
    """One signature a minute, as a signature costs more than all the rest of a push."""
    return keys.sign(
        {
            "iss": ISSUER,
            "aud": audience,
            "azp": "101010101010101010101",
            "sub": "101010101010101010101",
            "email": account,
            "email_verified": True,
            "iat": minute * 60,
            "exp": minute * 60 + 3600,
        }
    )
