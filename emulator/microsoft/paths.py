"""Graph's paths: every spelling of one thing (keys in brackets or segments, any case, `delta()` or `delta`)
read as the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from emulator.microsoft.calls import Handler

_CALL = re.compile(r"^(.+?)\((.*)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """What answers a method at a pattern such as `me/messages/{}`; one of `scopes` is needed, if any are
    named.
    """

    method: str
    pattern: str
    handler: Handler
    scopes: frozenset[str] = frozenset()
    units: int = 1


@dataclass(slots=True)
class Node:
    """One segment of the tree of patterns."""

    named: dict[str, Node] = field(default_factory=dict)
    keyed: Node | None = None
    rules: dict[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a path leads to: `user` is the one named by `users/{}`, "" for `me`; `folder` the one passed
    through.
    """

    node: Node
    keys: tuple[str, ...]
    user: str
    folder: str | None


@dataclass(frozen=True, slots=True)
class NoSuchSegmentError(Exception):
    segment: str


class Paths:
    """The patterns as a tree, so that matching costs the length of the path."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._root = Node()
        for rule in rules:
            node = self._root
            for part in rule.pattern.split("/"):
                if part == "{}":
                    node.keyed = node.keyed or Node()
                    node = node.keyed
                else:
                    node = node.named.setdefault(part.lower(), Node())
            node.rules[rule.method] = rule

    def find(self, raw_path: str) -> Place:
        """Raises NoSuchSegmentError. `raw_path` is still percent-encoded and starts below the version."""
        segments = [unquote(part) for part in raw_path.strip("/").split("/")]
        segments = [part for segment in segments for part in _spelled_out(segment)]
        user, segments = _user(segments)
        folder, segments = _folder(segments)
        node, keys = self._root, []
        for segment in segments:
            name = segment.lower()
            if name in node.named:
                node = node.named[name]
            elif node.keyed is not None:
                node = node.keyed
                keys.append(segment)
            else:
                raise NoSuchSegmentError(segment)
        if not node.rules:
            raise NoSuchSegmentError(segments[-1])
        return Place(node, tuple(keys), user, folder)


def _spelled_out(segment: str) -> list[str]:
    """`mailFolders('AB')` is two segments, `delta()` and `microsoft.graph.delta` are one."""
    segment = segment.removeprefix("microsoft.graph.")
    match = _CALL.match(segment)
    if match is None:
        return [segment]
    name, argument = match[1], match[2]
    if len(argument) >= 2 and argument[0] == argument[-1] == "'":
        argument = argument[1:-1].replace("''", "'")
    return [name, argument] if argument else [name]


def _user(segments: list[str]) -> tuple[str, list[str]]:
    if len(segments) >= 2 and segments[0].lower() == "users":
        user = segments[1]
        return ("" if user.lower() == "me" else user), ["me", *segments[2:]]
    return "", segments


def _folder(segments: list[str]) -> tuple[str | None, list[str]]:
    """Fold nested child folders, and take the folder out of paths that name a message in it."""
    names = [segment.lower() for segment in segments]
    while names[1:2] == ["mailfolders"] and names[3:4] == ["childfolders"] and len(names) > 4:
        del segments[2:4], names[2:4]
    named = names[4:] and names[4] not in {"delta", "$count"}
    if names[1:2] == ["mailfolders"] and names[3:4] == ["messages"] and named:
        return segments[2], [segments[0], *segments[3:]]
    return None, segments
