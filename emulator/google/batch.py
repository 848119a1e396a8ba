"""Batches: many calls in one multipart/mixed request, each answered with its own status.

https://developers.google.com/workspace/gmail/api/guides/batch
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from emulator.google.call import read
from emulator.google.errors import GoogleError
from emulator.google.outgoing import MAX_MESSAGE
from emulator.google.uploads import split_multipart
from emulator.http import Answer, subrequest
from emulator.world import World

MAX_PARTS = 100
_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/\d(?:\.\d)?)?")
_PASSED_ON = ("authorization",)


async def answer(world: World, request: Request) -> Response:
    """Parts run side by side and are answered in the order they came."""
    try:
        data = await read(request, MAX_MESSAGE)
        parts = split_multipart(request.headers.get("content-type", ""), data)
        if not parts:
            message = (
                f"Failed to parse batch request, error: 0 items. Received batch body: ({len(data)}) bytes redacted"
            )
            raise GoogleError(400, message, "badRequest")
        if len(parts) > MAX_PARTS:
            message = f"The batch request contains {len(parts)} calls; at most {MAX_PARTS} are allowed."
            raise GoogleError(400, message, "badRequest")
    except GoogleError as error:
        return error.response()
    answers = await asyncio.gather(*(_run(request, body) for _, body in parts))
    boundary = f"batch_{world.dice.hex(16)}{world.dice.hex(16)}"
    pieces = [
        f"--{boundary}\r\n{_part_head(str(headers.get('content-id', '')))}".encode("latin-1", "replace") + _wire(each)
        for (headers, _), each in zip(parts, answers, strict=True)
    ]
    body = b"".join(f + b"\r\n" for f in pieces) + f"--{boundary}--\r\n".encode()
    return Response(body, 200, media_type=f"multipart/mixed; boundary={boundary}")


async def _run(request: Request, part: bytes) -> Answer:
    """One part: request line, headers, body. What is no call to Gmail's plain methods is a 404 of its own."""
    head, _, body = re.sub(rb"\A(?:\r?\n)+", b"", part).replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.decode("latin-1").split("\n")
    found = _LINE.fullmatch(lines[0].strip())
    if found is None:
        error = GoogleError(400, "Failed to parse the request line of a batched call.", "badRequest")
        return _refused(error)
    try:
        target = urlsplit(found[2])
    except ValueError:  # Brackets that hold no IPv6 address.
        return _refused(GoogleError(400, "Failed to parse the URL of a batched call.", "badRequest"))
    if not target.path.startswith("/gmail/"):
        return _refused(GoogleError(404, "Not Found", "notFound"))
    headers = dict(_header(line) for line in lines[1:] if ":" in line)
    for name in _PASSED_ON:
        if name not in headers and name in request.headers:
            headers[name] = request.headers[name]
    path = f"{target.path}?{target.query}" if target.query else target.path
    return await subrequest(request, found[1], path, headers=headers.items(), body=body.rstrip(b"\n"))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _part_head(content_id: str) -> str:
    """The Content-ID is echoed with `response-` before it, inside the brackets."""
    echo = re.sub(r"\s+", " ", content_id).strip()
    echo = f"<response-{echo[1:]}" if echo.startswith("<") else f"response-{echo}"
    named = f"Content-ID: {echo}\r\n" if content_id else ""
    return f"Content-Type: application/http\r\n{named}\r\n"


def _wire(answer: Answer) -> bytes:
    reason = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else "Unknown"
    named = {"content-type": "Content-Type", "www-authenticate": "WWW-Authenticate", "content-length": "Content-Length"}
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    lines += [f"{named.get(name, name)}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + answer.body


def _refused(error: GoogleError) -> Answer:
    response = error.response()
    headers = {name.decode(): value.decode() for name, value in response.raw_headers}
    return Answer(response.status_code, headers, bytes(response.body))
