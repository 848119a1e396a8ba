"""getProfile: the mailbox in four figures. Its historyId is where a full sync begins."""

from __future__ import annotations

from emulator.google import scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.shapes import Json


def methods() -> list[Method]:
    return [Method("getProfile", "GET", "profile", scopes.READ_PROFILE, get_profile, answer=shapes.PROFILE)]


def get_profile(call: Call) -> Json:
    return {
        "emailAddress": call.box.address,
        "messagesTotal": len(call.box),
        "threadsTotal": len(call.box.threads),
        "historyId": str(call.box.changes.head),
    }
