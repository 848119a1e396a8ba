"""Uploads: media, multipart and resumable, as https://developers.google.com/workspace/gmail/api/guides/uploads.

The resumable protocol: a POST that opens a session and answers its address, PUTs with Content-Range, 308
until all is there, then the method's own answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.message import Message as Mime

from starlette.requests import Request
from starlette.responses import Response

from emulator.google.call import MAX_JSON, Call, Method, perform, prepare, read
from emulator.google.errors import GoogleError, not_found_page
from emulator.google.outgoing import MAX_MESSAGE
from emulator.google.params import read_body
from emulator.google.state import Google, Upload
from emulator.http import base_url
from emulator.world import World

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")
_LENGTH = re.compile(r"[0-9]{1,18}")


def endpoint(world: World, method: Method) -> Callable[[Request], Awaitable[Response]]:
    """The form below /upload/ of a method."""

    async def handle(request: Request) -> Response:
        try:
            if "upload_id" in request.query_params:
                return await _go_on(world, method, request)
            if request.method != method.verb:
                return not_found_page()
            call = prepare(world, method, request)
            match call.query.text("uploadType") or request.headers.get("x-goog-upload-protocol", ""):
                case "media" | "":
                    call.media = await _media(request)
                case "multipart":
                    call.body, call.media = await _multipart(request, method)
                case "resumable":
                    return await _begin(world, method, request, call)
                case other:
                    raise GoogleError(400, f"Invalid upload type: {other}", "badRequest")
            return await perform(method, call)
        except GoogleError as error:
            return error.response()

    return handle


async def _media(request: Request) -> bytes:
    _check_type(request.headers.get("content-type", "message/rfc822"))
    return await read(request, MAX_MESSAGE)


async def _multipart(request: Request, method: Method) -> tuple[dict[str, object], bytes]:
    """multipart/related: the resource in JSON, then the message."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/related"):
        raise _bad_type(kind)
    data = await read(request, MAX_MESSAGE + MAX_JSON)
    parts = split_multipart(kind, data)
    if len(parts) != 2:
        raise GoogleError(400, "Malformed multipart body.", "badContent")
    (_, metadata), (headers, media) = parts
    _check_type(headers.get_content_type() if "content-type" in headers else "message/rfc822")
    if str(headers.get("content-transfer-encoding", "")).lower() == "base64":
        headers.set_payload(media.decode("latin-1"))
        media = bytes(headers.get_payload(decode=True) or b"")
    return read_body(metadata, method.body), media


def split_multipart(content_type: str, data: bytes) -> list[tuple[Mime, bytes]]:
    """Headers and body of each part, bytes as they came; line ends may be CRLF or LF. Also for batches."""
    header = Mime()
    header["content-type"] = content_type
    boundary = header.get_boundary("")
    if not boundary:
        return []
    delimiter = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(str(boundary).encode("latin-1", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    found = list(delimiter.finditer(data))
    parts: list[tuple[Mime, bytes]] = []
    for at, start in enumerate(found):
        if start[1] or at + 1 == len(found):
            break
        head, _, body = _halves(data[start.end() : found[at + 1].start()])
        parts.append((message_from_bytes(head + b"\n\n"), body))
    return parts


def _halves(part: bytes) -> tuple[bytes, bytes, bytes]:
    part = re.sub(rb"\A\r?\n", b"", part)
    gap = re.search(rb"(?:\A|\r?\n)\r?\n", part)
    return (part[: gap.start()], gap[0], part[gap.end() :]) if gap else (part, b"", b"")


async def _begin(world: World, method: Method, request: Request, call: Call) -> Response:
    body = read_body(await read(request, MAX_JSON), method.body)
    mime_type = request.headers.get("x-upload-content-type", "message/rfc822")
    _check_type(mime_type)
    length = request.headers.get("x-upload-content-length", "")
    if length and not _LENGTH.fullmatch(length):
        raise GoogleError(400, f"Failed to parse X-Upload-Content-Length header: {length[:100]}", "badRequest")
    total = int(length) if length else None
    if total is not None and total > MAX_MESSAGE:
        raise GoogleError(413, f"Request entity too large. The limit is {MAX_MESSAGE} bytes.", "uploadTooLarge")
    upload_id = secrets.token_urlsafe(90)
    world.section(Google).uploads[upload_id] = Upload(
        method=method.id,
        target=request.url.path,
        token=call.token.value,
        body=body,
        mime_type=mime_type,
        total=total,
        path=dict(request.path_params),
        query=request.url.query,
    )
    location = f"{base_url(request)}{request.url.path}?uploadType=resumable&upload_id={upload_id}"
    return Response(status_code=200, headers={"location": location, "x-guploader-uploadid": upload_id})


async def _go_on(world: World, method: Method, request: Request) -> Response:
    uploads = world.section(Google).uploads
    upload_id = request.query_params["upload_id"]
    upload = uploads.get(upload_id)
    if upload is None or upload.method != method.id:
        raise GoogleError(404, "Not Found", "notFound")
    if request.method == "DELETE":
        del uploads[upload_id]
        return Response(status_code=499)
    chunk = await read(request, MAX_MESSAGE)
    _take(upload, request.headers.get("content-range", ""), chunk)
    if upload.total is None or len(upload.received) < upload.total:
        return _resume(upload)
    call = prepare(world, method, request, token=upload.token, query=upload.query, path=upload.path)
    call.body, call.media = upload.body, bytes(upload.received)
    answer = await perform(method, call)
    del uploads[upload_id]
    return answer


def _take(upload: Upload, content_range: str, chunk: bytes) -> None:
    """Add a chunk. Without Content-Range it is all the rest; `bytes */N` asks how far it got."""
    if not content_range:
        upload.received[:] = chunk
        upload.total = len(chunk)
        return
    found = _RANGE.fullmatch(content_range.strip())
    if found is None:
        raise GoogleError(400, f"Failed to parse Content-Range header: {content_range[:100]}", "badRequest")
    first, last, total = found.groups()
    if total != "*":
        upload.total = int(total)
    if first is None:
        return
    if not _fits(upload, int(first), int(last), len(chunk)):
        raise GoogleError(400, "Invalid request. The number of bytes uploaded is wrong.", "badRequest")
    if int(last) >= MAX_MESSAGE:
        raise GoogleError(413, f"Request entity too large. The limit is {MAX_MESSAGE} bytes.", "uploadTooLarge")
    upload.received[int(first) :] = chunk


def _fits(upload: Upload, first: int, last: int, length: int) -> bool:
    """Whether a chunk goes on where the last one ended, keeps to the total, and is even unless it ends that."""
    if first > len(upload.received) or last - first + 1 != length:
        return False
    if upload.total is None or last + 1 < upload.total:
        return length % CHUNK == 0
    return last < upload.total


def _resume(upload: Upload) -> Response:
    got = len(upload.received)
    return Response(status_code=308, headers={"range": f"bytes=0-{got - 1}"} if got else {})


def _check_type(mime_type: str) -> None:
    if not mime_type.lower().startswith("message/"):
        raise _bad_type(mime_type)


def _bad_type(mime_type: str) -> GoogleError:
    message = f"Media type '{mime_type}' is not supported. Valid media types: [message/*]"
    return GoogleError(400, message, "badContent")
