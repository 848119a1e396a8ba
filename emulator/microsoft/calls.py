"""One call to Graph: who asks, whose mailbox, what was preferred, and the ways to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulator.http import base_url
from emulator.mailbox import Mailbox
from emulator.microsoft import directory, errors
from emulator.tokens import Token
from emulator.world import World

ROOT = "/graph/v1.0"

READ_BASIC = frozenset({"mail.readbasic", "mail.read", "mail.readwrite"})
READ = frozenset({"mail.read", "mail.readwrite"})
WRITE = frozenset({"mail.readwrite"})
SEND = frozenset({"mail.send"})
USER = frozenset({"user.read", "user.readwrite", "user.readbasic.all", "user.read.all"})
SETTINGS = frozenset({"mailboxsettings.read", "mailboxsettings.readwrite"})
SETTINGS_WRITE = frozenset({"mailboxsettings.readwrite"})

_PREFERENCE = re.compile(r'([\w.-]+)\s*=\s*(?:"([^"]*)"|([^\s,;]*))|([\w.-]+)')
_PAGE_SIZE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Prefer:
    """The Prefer headers (RFC 7240) that Outlook heeds."""

    immutable: bool = False
    body: Literal["text", "html"] | None = None
    unsafe_html: bool = False
    page_size: int | None = None


@dataclass(slots=True)
class Call:
    """`keys` are the parts of the path that name something; `folder` is the one that the path went through.

    `query` holds system query options in lower case with their `$`, and the others as they came.
    """

    world: World
    request: Request
    token: Token
    mailbox: Mailbox
    prefer: Prefer
    query: dict[str, str]
    body: bytes
    keys: tuple[str, ...] = ()
    folder: str | None = None
    applied: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        """Under which address the caller sees this version of Graph."""
        return base_url(self.request) + ROOT

    @property
    def user(self) -> str:
        """The object id of the mailbox's owner."""
        return directory.object_id(self.mailbox.address)

    @property
    def scopes(self) -> frozenset[str]:
        return short_scopes(self.token.scopes)

    @property
    def content_type(self) -> str:
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()

    def url(self, **changes: str | None) -> str:
        """The address of this very call with some system query options (named without `$`) replaced or, by
        None, left out.
        """
        query = {**self.query, **{f"${name}": value for name, value in changes.items()}}
        pairs = [
            f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in query.items() if value is not None
        ]
        path = self.request.scope.get("raw_path", b"").decode("ascii", "replace") or quote(self.request.url.path)
        return f"{base_url(self.request)}{path}?{'&'.join(pairs)}"

    def json(self, known: Iterable[str] | None = None, kind: str = "") -> dict[str, Any]:
        """The JSON object of the body; a member that is not `known` is refused with the name of its type."""
        if not self.body:
            return {}
        if self.content_type != "application/json":
            raise errors.bad_request(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration."
                if not self.content_type
                else "The payload's Content-Type is not supported: application/json is wanted."
            )
        values = read_json(self.body)
        if known is not None:
            require_known(values, known, kind)
        return values

    def parameters(self, known: Iterable[str]) -> dict[str, Any]:
        """Those of an action, which the SDK spells with a capital and the documentation without."""
        values = {name[:1].lower() + name[1:]: value for name, value in self.json().items()}
        require_known(values, known, "action")
        return values


Handler = Callable[[Call], Response | Awaitable[Response]]


def read_json(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
        # A lone surrogate is JSON but no text: nothing could be sent or stored of it.
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise errors.bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format."
        )
    return values


def require_known(values: Mapping[str, Any], known: Iterable[str], kind: str) -> None:
    allowed = set(known)
    for name in values:
        if name not in allowed and "@odata." not in name:
            raise errors.bad_body(
                f"The property '{name[:80]}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use "
                "property names that are defined by the type."
            )


def short_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """In lower case and without the resource: `https://graph.microsoft.com/Mail.Read` is `mail.read`."""
    return frozenset(scope.rpartition("/")[2].lower() for scope in scopes)


def read_prefer(values: Iterable[str]) -> Prefer:
    """Unknown preferences are ignored, as the standard wants."""
    found: dict[str, str] = {}
    for value in values:
        for name, quoted, plain, bare in _PREFERENCE.findall(value):
            found[(name or bare).lower()] = quoted or plain
    size = found.get("odata.maxpagesize", "")
    body = found.get("outlook.body-content-type", "").lower()
    return Prefer(
        immutable=found.get("idtype", "").lower() == "immutableid",
        body="text" if body == "text" else "html" if body == "html" else None,
        unsafe_html="outlook.allow-unsafe-html" in found,
        page_size=int(size) if _PAGE_SIZE.fullmatch(size) and 0 < int(size) <= 1000 else None,
    )


def read_query(query: str) -> dict[str, str]:
    """System query options with or without `$` written as `%24`; a name that comes twice keeps its last
    value.
    """
    options: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        name = unquote_plus(name)
        options[name.lower() if name.startswith("$") else name] = unquote_plus(value)
    return options


def answer(call: Call, values: Mapping[str, Any], status: int = 200, *, context: str = "", etag: str = "") -> Response:
    """An entity or collection with its `@odata.context` first."""
    head = {"@odata.context": f"{call.root}/$metadata#{context}"} if context else {}
    headers = {"etag": etag} if etag else {}
    return JSONResponse(
        {**head, **values},
        status,
        headers=headers,
        media_type="application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
    )


def accepted() -> Response:
    return Response(status_code=202)


def no_content() -> Response:
    return Response(status_code=204)
