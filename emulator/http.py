"""What every router of the emulator needs of HTTP: notes for the log, the bearer token, nested calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import Message as AsgiMessage

from emulator.requestlog import Entry

ENTRY = "emulator.entry"
CUT = "emulator.cut"
PART = "emulator.part"
_SINGLE = {"content-length", "transfer-encoding", "connection"}


@dataclass(slots=True)
class Answer:
    """The reply to a part of a batch; `headers` by lower-case name. `cut` says that a fault closed the
    connection.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False


def note(request: Request) -> Entry:
    """The log entry of the request under way: set mailbox, subject, client and units on it when they are
    known.
    """
    entry = request.scope.setdefault(ENTRY, Entry(at_ms=0, method=request.method, path=request.url.path, query=""))
    if not isinstance(entry, Entry):
        raise TypeError(f"scope[{ENTRY!r}] is not a log entry")
    return entry


def bearer(request: Request) -> str | None:
    """The token of the Authorization header (RFC 6750 section 2.1); None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def base_url(request: Request) -> str:
    """Scheme, host and port under which the caller sees the emulator, without a slash at the end."""
    return str(request.base_url).rstrip("/")


async def subrequest(
    request: Request, method: str, target: str, *, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> Answer:
    """Run a part of a batch through the whole application: routes, faults and log, with the part's own
    status.

    `target` is path and query as on a request line. The part gets only the headers given: pass Authorization
    on. A part that meets a cutting fault takes the outer connection with it.
    """
    path, _, query = target.partition("?")
    answer = Answer()
    chunks: list[bytes] = []

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    def cut() -> None:
        answer.cut = True

    scope = {
        **{name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method.upper(),
        "path": unquote(path),
        "raw_path": path.encode("ascii", "replace"),
        "root_path": "",
        "query_string": query.encode("ascii", "replace"),
        "headers": _part_headers(request, headers, body),
        "state": dict(request.scope.get("state", {})),
        "extensions": {CUT: cut},
        PART: True,
    }
    await request.app(scope, receive, send)
    answer.body = b"".join(chunks)
    if answer.cut:
        cut_connection(request.scope.get("extensions"))
    return answer


def cut_connection(extensions: object) -> None:
    """Close the connection under a request. Raises ConnectionError where the server has no means to."""
    cut = extensions.get(CUT) if isinstance(extensions, dict) else None
    if cut is None:
        raise ConnectionError("the connection was cut")
    cut()


def _part_headers(request: Request, headers: Iterable[tuple[str, str]], body: bytes) -> list[tuple[bytes, bytes]]:
    given = [(name.lower(), value) for name, value in headers if name.lower() not in _SINGLE]
    if "host" not in {name for name, _ in given}:
        given.append(("host", request.headers.get("host", "localhost")))
    given.append(("content-length", str(len(body))))
    return [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in given]
