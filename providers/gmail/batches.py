"""Many calls in one, as Gmail takes and answers them: a multipart/mixed of whole requests, and one of whole answers.

https://developers.google.com/workspace/gmail/api/guides/batch

Google's client does the same by way of `email.generator` and `email.parser`, which takes as long as all else that is
done for a message until it is stored.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_BOUNDARY = re.compile(r'boundary="?([^\s";]+)', re.IGNORECASE)
#: What was asked comes back with this before it, and with our own mark and number.
_ECHO = re.compile(rb"(?i)^content-id:[ \t]*<response-[^<>\r\n]* \+ (\d+)>", re.MULTILINE)
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})\b")


@dataclass(frozen=True, slots=True)
class Call:
    """A request by its path and query; ``body`` is JSON to be."""

    path: str
    method: str = "GET"
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of them was answered. ``headers`` by lower-case names."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def written(calls: Sequence[Call]) -> tuple[str, bytes]:
    """The type and the content of the request that holds all of these."""
    mark = secrets.token_hex(16)
    parts = [_part(mark, number, call) for number, call in enumerate(calls)]
    return f'multipart/mixed; boundary="{mark}"', b"".join((*parts, f"--{mark}--\r\n".encode()))


def read(content_type: str, content: bytes, count: int) -> list[Answer]:
    """The answers to so many calls, in their order. Raises ValueError or LookupError for what is not that."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError("The answer has no parts.")
    _, *pieces, last = (b"\r\n" + content).split(f"\r\n--{boundary[1]}".encode())
    if not last.startswith(b"--"):
        raise ValueError("The answer has no end.")
    found = dict(map(_answer, pieces))
    return [found[number] for number in range(count)]


def _part(mark: str, number: int, call: Call) -> bytes:
    lines = [
        f"--{mark}",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        f"Content-ID: <{mark} + {number}>",
        "",
        f"{call.method} {call.path} HTTP/1.1",
        "Accept: application/json",
    ]
    body = b"" if call.body is None else json.dumps(call.body).encode()
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body + b"\r\n"


def _answer(piece: bytes) -> tuple[int, Answer]:
    head, message = piece.split(b"\r\n\r\n", 1)
    echo = _ECHO.search(head)
    head, content = message.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    status = _STATUS.match(first)
    if echo is None or status is None:
        raise ValueError("A part of the answer is no answer.")
    fields = (line.partition(":") for line in lines)
    return int(echo[1]), Answer(
        int(status[1]), {name.strip().lower(): text.strip() for name, _, text in fields}, content
    )
