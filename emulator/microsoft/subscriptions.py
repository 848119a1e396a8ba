"""Subscriptions: made after a handshake, renewed before they end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from starlette.responses import Response

from emulator.clock import from_ms, parse_moment
from emulator.mailbox import Mailbox
from emulator.microsoft import errors, ids
from emulator.microsoft.calls import READ_BASIC, Call, accepted, answer, no_content
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json
from emulator.tokens import Grant
from emulator.world import World

MIN_MINUTES = 45
MAX_CLIENT_STATE = 128
CHANGE_TYPES = frozenset({"created", "updated", "deleted"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_KNOWN = {
    "changeType",
    "notificationUrl",
    "lifecycleNotificationUrl",
    "resource",
    "expirationDateTime",
    "clientState",
    "includeResourceData",
    "latestSupportedTlsVersion",
}
_REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_RESOURCE = re.compile(
    r"^/?(?:me|users(?:/|\(')(?P<user>[^/')]+)(?:'\))?)"
    r"(?:/mailfolders(?:/|\(')(?P<folder>[^/')]+)(?:'\))?)?/messages/?$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Subscription:
    """`folder` is a key, None for the whole mailbox. `paused` waits for a reauthorization."""

    id: str
    grant: Grant
    changes: frozenset[str]
    change_type: str
    url: str
    lifecycle_url: str
    resource: str
    folder: str | None
    expires_ms: int
    client_state: str | None
    immutable: bool
    paused: bool = False


@dataclass(slots=True)
class Subscriptions:
    """Those of one mailbox, by id."""

    by_id: dict[str, Subscription] = field(default_factory=dict)


async def create(call: Call) -> Response:
    """POST /subscriptions: 201 once every URL has answered its validation."""
    values = call.json(_KNOWN, "subscription")
    subscription = _read(call, values)
    if len(live(call.world, call.mailbox)) >= call.world.knobs.subscription_max_count:
        raise GraphError(403, "ExtensionError", "The number of subscriptions of the mailbox exceeds its limit.")
    for url in filter(None, (subscription.url, subscription.lifecycle_url)):
        await _shake_hands(call.world, url)
    call.mailbox.section(Subscriptions).by_id[subscription.id] = subscription
    response = answer(call, _json(call, subscription), 201, context="subscriptions/$entity")
    response.headers["location"] = f"{call.root}/subscriptions('{subscription.id}')"
    return response


def list_all(call: Call) -> Response:
    found = [_json(call, each) for each in live(call.world, call.mailbox) if _own(call, each)]
    return answer(call, {"value": found}, context="subscriptions")


def get(call: Call) -> Response:
    return answer(call, _json(call, _find(call)), context="subscriptions/$entity")


def renew(call: Call) -> Response:
    """PATCH {expirationDateTime}; the address of lifecycle notices cannot come later."""
    subscription = _find(call)
    values = call.json({"expirationDateTime", "notificationUrl", "lifecycleNotificationUrl"}, "subscription")
    if "lifecycleNotificationUrl" in values:
        raise _invalid("The lifecycleNotificationUrl cannot be changed: create the subscription anew.")
    if "expirationDateTime" in values:
        subscription.expires_ms = _expiry(call.world, values["expirationDateTime"])
    if "notificationUrl" in values:
        subscription.url = _url(call, values["notificationUrl"])
    subscription.paused = False
    return answer(call, _json(call, subscription), context="subscriptions/$entity")


def reauthorize(call: Call) -> Response:
    """POST: 202; it goes on with the caller's grant."""
    subscription = _find(call)
    subscription.grant, subscription.paused = call.token.grant, False
    return accepted()


def delete(call: Call) -> Response:
    del call.mailbox.section(Subscriptions).by_id[_find(call).id]
    return no_content()


def live(world: World, mailbox: Mailbox) -> list[Subscription]:
    """Those that have not ended."""
    section = mailbox.section(Subscriptions)
    now_ms = world.clock.now_ms()
    if any(each.expires_ms <= now_ms for each in section.by_id.values()):
        section.by_id = {name: each for name, each in section.by_id.items() if each.expires_ms > now_ms}
    return list(section.by_id.values())


def _own(call: Call, subscription: Subscription) -> bool:
    return subscription.grant.client_id == call.token.grant.client_id


def _find(call: Call) -> Subscription:
    found = next((each for each in live(call.world, call.mailbox) if each.id == call.keys[0].lower()), None)
    if found is None or not _own(call, found):
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    return found


def _read(call: Call, values: Json) -> Subscription:
    for name in _REQUIRED:
        if not isinstance(values.get(name), str) or not values[name]:
            raise _invalid(f"The required property '{name}' is missing.")
    if values.get("includeResourceData"):
        raise _invalid("Resource data is not offered: it wants an encryption certificate.")
    changes = frozenset(part.strip().lower() for part in values["changeType"].split(","))
    if not changes <= CHANGE_TYPES:
        raise _invalid("The changeType is not one of created, updated and deleted.")
    lifecycle = values.get("lifecycleNotificationUrl") or ""
    return Subscription(
        id=str(uuid4()),
        grant=call.token.grant,
        changes=changes,
        change_type=values["changeType"],
        url=_url(call, values["notificationUrl"]),
        lifecycle_url=_url(call, lifecycle) if lifecycle else "",
        resource=values["resource"],
        folder=_folder(call, values["resource"]),
        expires_ms=_expiry(call.world, values["expirationDateTime"]),
        client_state=_client_state(values.get("clientState")),
        immutable=call.prefer.immutable,
    )


def _client_state(value: object) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= MAX_CLIENT_STATE):
        return value
    raise _invalid(f"The clientState is longer than {MAX_CLIENT_STATE} characters.")


def _folder(call: Call, resource: str) -> str | None:
    match = _RESOURCE.match(resource.split("?", 1)[0])
    if match is None:
        raise _invalid(f"The resource '{resource[:120]}' does not support change notifications.")
    if match["user"] and match["user"].casefold() not in {call.user, call.mailbox.address, "me"}:
        raise errors.access_denied()
    return ids.find_folder(call.mailbox, match["folder"]).key if match["folder"] else None


def _url(call: Call, value: object) -> str:
    """https only, but for this machine, where the emulator has no certificates."""
    try:
        parts = urlsplit(str(value))
        host = parts.hostname or ""
    except ValueError as error:
        raise _invalid("The notification URL is not valid.") from error
    if not host or parts.scheme not in {"http", "https"}:
        raise _invalid("The notification URL is not valid.")
    if parts.scheme == "http" and host not in _LOOPBACK | set(call.world.knobs.push_hosts):
        raise _invalid("The notification URL must start with https.")
    return str(value)


def _expiry(world: World, value: object) -> int:
    """At most the knob's minutes ahead; less than 45 minutes are raised to these."""
    try:
        wanted_ms = parse_moment(str(value))
    except ValueError as error:
        raise errors.bad_body("Cannot convert the value of 'expirationDateTime' to 'Edm.DateTimeOffset'.") from error
    now_ms, most = world.clock.now_ms(), world.knobs.subscription_max_minutes
    if wanted_ms <= now_ms:
        raise _invalid("The subscription expiration time is in the past.")
    if wanted_ms > now_ms + most * 60_000:
        raise GraphError(
            400, "ErrorInvalidParameter", f"Subscription expiration can only be {most} minutes in the future."
        )
    return max(wanted_ms, now_ms + MIN_MINUTES * 60_000)


async def _shake_hands(world: World, url: str) -> None:
    """The endpoint has to say the token back, decoded, as plain text."""
    token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid4()}"
    mark = "&" if "?" in url else "?"
    target = f"{url}{mark}{urlencode({'validationToken': token})}"
    answered = await world.push.call(target, headers={"content-type": "text/plain; charset=utf-8"})
    kind = answered.headers.get("content-type", "") if answered is not None else ""
    if answered is None or answered.status_code != 200:
        status = answered.status_code if answered is not None else "no answer"
        raise GraphError(
            400,
            "ValidationError",
            "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation "
            f"request. It gave: {status}.",
        )
    if answered.text != token or not kind.startswith("text/plain"):
        raise GraphError(
            400,
            "ValidationError",
            "Subscription validation request failed. Response must exactly match validationToken query parameter.",
        )


def _invalid(message: str) -> GraphError:
    return GraphError(400, "InvalidRequest", message)


def _json(call: Call, subscription: Subscription) -> Json:
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.grant.client_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.url,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": subscription.lifecycle_url or None,
        "expirationDateTime": from_ms(subscription.expires_ms).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        "creatorId": call.user,
        "includeResourceData": None,
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }


RULES = [
    Rule("POST", "subscriptions", create, READ_BASIC),
    Rule("GET", "subscriptions", list_all, READ_BASIC),
    Rule("GET", "subscriptions/{}", get, READ_BASIC),
    Rule("PATCH", "subscriptions/{}", renew, READ_BASIC),
    Rule("POST", "subscriptions/{}/reauthorize", reauthorize, READ_BASIC),
    Rule("DELETE", "subscriptions/{}", delete, READ_BASIC),
]
