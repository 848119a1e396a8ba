"""The bodies of messages that concern no contact are never asked for: the emulator's log of requests proves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.emailsync.history.model import Message, Rules, entitled
from tests.emailsync.history.stage import Stage

_GMAIL = re.compile(r"/gmail/v1/users/[^/]+/(messages|threads)/([0-9a-f]+)(/attachments/.*)?", re.IGNORECASE)
_GRAPH = re.compile(r"/graph/v1\.0/me(?:/mailfolders/[^/]+)?/messages(?:/([^/]+))?(/.*)?", re.IGNORECASE)
_CONTENT = {"body", "bodypreview", "uniquebody", "attachments"}


class Privacy:
    """``rules`` are all that held at some moment since the last check."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        #: By key: a request that met a fault does not say whose mailbox it was for.
        self._known: dict[str, tuple[str, Message]] = {}
        self.rules: list[Rules] = [stage.rules()]

    def note(self, address: str, messages: Iterable[Message]) -> None:
        """These lay in a mailbox when it was looked at."""
        self._known.update({message.key: (address, message) for message in messages})

    def check(self) -> None:
        """Raises AssertionError for a body that nobody was entitled to; and begins anew."""
        members = {box.address: box.member for box, _ in self._stage.boxes}
        log = self._stage.world.http.get("requests").raise_for_status().json()
        assert not log["dropped"], "the log has lost requests: settle more often"
        for key in asked(log["requests"]):
            address, message = self._known[key]
            concerned = any(entitled(message, members[address], rules) for rules in self.rules)
            assert concerned, f"the body of {message} was asked for in the mailbox of {address}"
        self._stage.world.forget_requests()
        self.rules = [self._stage.rules()]


def asked(requests: Iterable[Mapping[str, Any]]) -> set[str]:
    """The keys of the messages whose content was asked for, answered or not."""
    return {key for entry in requests if (key := _wanted(entry))}


def _wanted(entry: Mapping[str, Any]) -> str:
    """The key of the message whose content a request wants; empty where it wants none."""
    path, query = unquote(entry["path"]), parse_qs(entry["query"], keep_blank_values=True)
    if entry["method"] != "GET":
        return ""
    if found := _GMAIL.fullmatch(path):
        only_headers = query.get("format", ["full"])[-1].lower() in {"metadata", "minimal"}
        assert only_headers or found[1] == "messages", f"a whole thread was asked for: {path}"
        return "" if only_headers and not found[3] else found[2]
    if not (found := _GRAPH.fullmatch(path)):
        return ""
    key, rest = found[1] or "", found[2] or ""
    if rest in {"/$value", "/attachments"}:
        return key
    selected = {name.strip().lower() for name in ",".join(query.get("$select", [])).split(",")}
    goes_on = any(name.lower() in {"$skiptoken", "$deltatoken"} for name in query)
    assert goes_on or (selected != {""} and not selected & _CONTENT), f"all content was asked for: {path}"
    return ""
