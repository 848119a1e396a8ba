"""Upload sessions for attachments from 3 to 150 MB: a URL that needs, and bears, no Authorization."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.clock import from_ms
from emulator.http import base_url, note
from emulator.message import Message
from emulator.microsoft import attachments, content, directory, errors, gateway, ids, letters
from emulator.microsoft.calls import WRITE, Call, answer
from emulator.microsoft.content import Part
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.world import World

ROOT = "/graph/upload"
MIN_SIZE = 3 * 1024 * 1024
MAX_SIZE = 150 * 1024 * 1024
MAX_CHUNK = 4 * 1024 * 1024
LIFETIME_MS = 24 * 3600 * 1000
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
_KNOWN = {"attachmentType", "name", "size", "contentType", "isInline", "contentId", "@odata.type"}


@dataclass(slots=True)
class Session:
    """`immutable` is the kind of id that its opener prefers; `root` where the opener sees Graph."""

    address: str
    seq: int
    name: str
    size: int
    content_type: str
    inline: bool
    content_id: str
    expires_ms: int
    immutable: bool
    root: str
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Sessions:
    """Those open, by the token in their URL."""

    open: dict[str, Session] = field(default_factory=dict)


def create(call: Call) -> Response:
    """POST attachments/createUploadSession {AttachmentItem}: 201 with uploadUrl."""
    message = ids.find_message(call)
    if not message.is_draft:
        raise errors.access_denied()
    values = call.parameters({"attachmentItem"}).get("attachmentItem")
    session = _session(call, message, values if isinstance(values, dict) else {})
    token = secrets.token_urlsafe(48)
    call.world.section(Sessions).open[token] = session
    place = f"Users('{call.user}')/Messages('{call.mailbox.graph_id(message, immutable=call.prefer.immutable)}')"
    url = f"{base_url(call.request)}{ROOT}/v1.0/{place}/AttachmentSessions('{token[:16]}')?authtoken={token}"
    body = {"uploadUrl": url, "expirationDateTime": _expiry(session), "nextExpectedRanges": ["0-"]}
    return answer(call, body, 201, context="microsoft.graph.uploadSession")


def routes(world: World) -> list[BaseRoute]:
    """The upload URL itself: PUT a range, GET how far it came, DELETE the session."""

    async def endpoint(request: Request) -> Response:
        try:
            return await _serve(world, request)
        except GraphError as error:
            return gateway.refusal(world, request, error)

    return [Route(f"{ROOT}/{{path:path}}", endpoint, methods=["PUT", "GET", "DELETE"])]


def _session(call: Call, message: Message, values: dict[str, object]) -> Session:
    for name in values.keys() - _KNOWN:
        raise errors.bad_body(f"The property '{name[:80]}' does not exist on type 'microsoft.graph.attachmentItem'.")
    size, title = values.get("size"), values.get("name")
    if values.get("attachmentType") not in {"file", "item"} or not isinstance(title, str) or not title:
        raise errors.bad_body("The property 'AttachmentItem' wants attachmentType, name and size.")
    if type(size) is not int:
        raise errors.bad_body("Cannot convert a value of the property 'size' to the type 'Edm.Int64'.")
    if size < MIN_SIZE:
        raise GraphError(
            400,
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            "The attachment size should be greater than the minimum size.",
        )
    if size > MAX_SIZE:
        raise GraphError(400, "ErrorAttachmentSizeLimitExceeded", "The attachment size exceeds the limit.")
    return Session(
        address=call.mailbox.address,
        seq=message.seq,
        name=title,
        size=size,
        content_type=str(values.get("contentType") or "application/octet-stream"),
        inline=values.get("isInline") is True,
        content_id=str(values.get("contentId") or ""),
        expires_ms=call.world.clock.now_ms() + LIFETIME_MS,
        immutable=call.prefer.immutable,
        root=call.root,
    )


async def _serve(world: World, request: Request) -> Response:
    token = request.query_params.get("authtoken", "")
    session = world.section(Sessions).open.get(token)
    if "authorization" in request.headers:
        raise GraphError(401, "InvalidAuthenticationToken", "The upload URL takes no Authorization header.")
    if session is None or session.expires_ms <= world.clock.now_ms():
        raise GraphError(404, "ErrorItemNotFound", "The upload session was not found or has expired.")
    note(request).mailbox = session.address
    if request.method == "DELETE":
        del world.section(Sessions).open[token]
        return Response(status_code=204)
    if request.method == "PUT":
        _take(session, request, await gateway.read_body(request, MAX_CHUNK))
        if len(session.data) == session.size:
            del world.section(Sessions).open[token]
            return _finish(world, session)
    following = {"expirationDateTime": _expiry(session), "nextExpectedRanges": [str(len(session.data))]}
    return JSONResponse(following)


def _take(session: Session, request: Request, data: bytes) -> None:
    match = _RANGE.fullmatch(request.headers.get("content-range", "").strip())
    if match is None:
        raise errors.bad_request("The Content-Range header is missing or malformed.")
    first, last, total = (int(number) for number in match.groups())
    if total != session.size or last >= total or last - first + 1 != len(data):
        raise errors.bad_request("The Content-Range header does not fit the content or the session.")
    if first != len(session.data):
        raise GraphError(416, "ErrorInvalidRange", f"The next expected range starts at {len(session.data)}.")
    session.data += data


def _finish(world: World, session: Session) -> Response:
    """201 with where the attachment is, and no body."""
    mailbox = world.open(session.address, "microsoft")
    message = mailbox.get(session.seq)
    if message is None:
        raise errors.item_not_found()
    part = Part(
        kind="item" if session.content_type == "message/rfc822" else "file",
        name=session.name,
        content_type=session.content_type,
        data=bytes(session.data),
        inline=session.inline,
        content_id=session.content_id,
        mark="",
    )
    raw = letters.set_parts(message.raw, [*content.read(message.raw).parts, part])
    mailbox.update(message, ["hasAttachments", "attachments"], raw=raw)
    mark = attachments.of(message)[-1].mark
    place = f"{session.root}/users('{directory.object_id(session.address)}')"
    item = mailbox.graph_id(message, immutable=session.immutable)
    found = ids.attachment_id(mailbox, message, mark, immutable=session.immutable)
    return Response(status_code=201, headers={"location": f"{place}/messages('{item}')/attachments('{found}')"})


def _expiry(session: Session) -> str:
    return from_ms(session.expires_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


RULES = [Rule("POST", "me/messages/{}/attachments/createUploadSession", create, WRITE)]
