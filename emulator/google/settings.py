"""settings.sendAs: the addresses that a mailbox may send as. Control sets them; the API only reads."""

from __future__ import annotations

from emulator.google import scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.errors import not_found
from emulator.google.shapes import Json
from emulator.google.state import Alias, GmailBox
from emulator.mailbox import Mailbox


def methods() -> list[Method]:
    read = scopes.READ_SETTINGS
    return [
        Method("settings.sendAs.list", "GET", "settings/sendAs", read, list_send_as, answer=shapes.SEND_AS_LIST),
        Method("settings.sendAs.get", "GET", "settings/sendAs/{sendAsEmail}", read, get, answer=shapes.SEND_AS),
    ]


def list_send_as(call: Call) -> Json:
    return {"sendAs": send_as(call.box)}


def get(call: Call) -> Json:
    wanted = call.path["sendAsEmail"].lower()
    for each in send_as(call.box):
        if each["sendAsEmail"] == wanted:
            return each
    raise not_found()


def send_as(box: Mailbox) -> list[Json]:
    """The primary address first, then the aliases."""
    state = box.section(GmailBox)
    default = next((each.address for each in state.aliases.values() if each.default), box.address)
    primary: Json = {
        "sendAsEmail": box.address,
        "displayName": state.name,
        "replyToAddress": "",
        "signature": "",
        "isPrimary": True,
        "isDefault": default == box.address,
    }
    return [primary, *(_alias(each) for each in state.aliases.values())]


def _alias(alias: Alias) -> Json:
    return {
        "sendAsEmail": alias.address,
        "displayName": alias.name,
        "replyToAddress": alias.reply_to,
        "signature": alias.signature,
        "isPrimary": False,
        "isDefault": alias.default,
        "treatAsAlias": alias.treat_as_alias,
        "verificationStatus": "accepted" if alias.verified else "pending",
    }
