"""The person behind the token."""

from __future__ import annotations

from starlette.responses import Response

from emulator.microsoft import directory, errors
from emulator.microsoft.calls import SETTINGS, USER, Call, answer
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import Json

_ON_REQUEST = frozenset({"proxyAddresses", "otherMails", "userType", "accountEnabled"})


def me(call: Call) -> Response:
    """GET /me; what is not usual, such as `proxyAddresses`, only where `$select` names it."""
    values = _user(call)
    wanted = [name.strip() for name in call.query.get("$select", "").split(",") if name.strip()]
    names = {name.lower(): name for name in values}
    for name in wanted:
        if name.lower() not in names:
            raise errors.bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name[:80]}' on type "
                "'microsoft.graph.user'."
            )
    chosen = [names[name.lower()] for name in wanted] or [name for name in values if name not in _ON_REQUEST]
    selected = f"({','.join(chosen)})" if wanted else ""
    return answer(call, {name: values[name] for name in chosen}, context=f"users{selected}/$entity")


def settings(call: Call) -> Response:
    """GET /me/mailboxSettings, as a mailbox has them before anybody sets any."""
    values = {
        "archiveFolder": "",
        "timeZone": "UTC",
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "yyyy-MM-dd",
        "timeFormat": "HH:mm",
        "userPurpose": "user",
        "automaticRepliesSetting": {"status": "disabled", "externalAudience": "all"},
        "language": {"locale": "en-US", "displayName": "English (United States)"},
    }
    return answer(call, values, context=f"users('{call.user}')/mailboxSettings")


def _user(call: Call) -> Json:
    address = call.mailbox.address
    name = directory.display_name(address)
    given, _, family = name.partition(" ")
    others = directory.aliases(call.world, address)
    return {
        "businessPhones": [],
        "displayName": name,
        "givenName": given or None,
        "jobTitle": None,
        "mail": address,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-US",
        "surname": family or None,
        "userPrincipalName": address,
        "id": call.user,
        "proxyAddresses": [f"SMTP:{address}", *(f"smtp:{each}" for each in others)],
        "otherMails": [],
        "userType": "Member",
        "accountEnabled": True,
    }


RULES = [
    Rule("GET", "me", me, USER),
    Rule("GET", "me/mailboxSettings", settings, SETTINGS),
]
