"""What every page needs: templates, security headers, the list of mailboxes at the side, and sentences for
what is wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from emulator.clock import from_ms
from emulator.generator import people
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.rfc822 import addresses, decode
from emulator.world import World

Handler = Callable[[World, Request], Awaitable[Response]]
HERE = Path(__file__).parent
MAX_FORM_FIELD = 4 * 1024 * 1024
PEOPLE_AT_THE_SIDE = 12
HUES = 12
# No scripts, no frames but mail, nothing from elsewhere: hostile mail meets the same walls as in the product.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class NotThereError(Exception):
    """What was asked for is not there; the text is a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A mailbox as the side and the first page list it."""

    address: str
    name: str
    kind: str
    unread: int
    messages: int
    newest_ms: int

    @property
    def url(self) -> str:
        return box_url(self.address)


def page(world: World, path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Route:
    """`handler(world, request)` at `path`. NotThereError becomes a page; other sites' forms are refused."""

    async def endpoint(request: Request) -> Response:
        # A page of another site could post a form here: browsers say so (Fetch Metadata, W3C).
        if request.method == "POST" and request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return render(world, "missing.html", status=403, sentence="Only this page's own forms may be sent here.")
        try:
            return await handler(world, request)
        except NotThereError as error:
            return render(world, "missing.html", status=404, sentence=str(error))
        finally:
            # A form's uploads are temporary files.
            await request.close()

    return Route(path, endpoint, methods=list(methods))


def asset(path: str, name: str) -> Route:
    """A file of this folder."""

    async def endpoint(_request: Request) -> Response:
        return FileResponse(HERE / name, headers={"X-Content-Type-Options": "nosniff"})

    return Route(path, endpoint, methods=["GET"])


def render(world: World, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page with the mailboxes at its side; `here` among the context marks the one that is open."""
    rows = directory(world)
    outside = [row for row in rows if row.kind == "outside"]
    shown = {
        "here": "",
        "tab": "",
        "now": world.clock.now(),
        "google": [row for row in rows if row.kind == "google"],
        "microsoft": [row for row in rows if row.kind == "microsoft"],
        "outside": outside,
        "at_the_side": outside[:PEOPLE_AT_THE_SIDE],
        **context,
    }
    return HTMLResponse(_templates().get_template(template).render(shown), status, headers=HEADERS)


async def form_of(request: Request) -> FormData:
    """The form sent. Raises NotThereError for one that cannot be read or is too large."""
    try:
        return await request.form(max_files=20, max_fields=200, max_part_size=MAX_FORM_FIELD)
    except HTTPException as error:
        raise NotThereError(f"The form could not be read: {error.detail}.") from error


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field's text, "" where it is missing or a file."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def directory(world: World) -> list[Row]:
    """Every mailbox: those with new mail first, then by their newest message."""
    rows = [_row(box) for box in world.mailboxes.values()]
    return sorted(rows, key=lambda row: (-min(row.unread, 1), -row.newest_ms, row.address))


def box_url(address: str) -> str:
    return f"/mail/{quote(address, safe='@')}"


def message_url(box: Mailbox, message: Message) -> str:
    return f"{box_url(box.address)}/{message.gmail_id}"


def name_of(address: str) -> str:
    """The name that goes with an address that the seeded year knows; else the address."""
    return _names().get(address, address)


@cache
def _names() -> dict[str, str]:
    everybody = [
        *people.TEAM,
        *people.CONTACTS,
        *people.STRANGERS,
        *(each for own in people.PRIVATE.values() for each in own),
    ]
    return {address: each.name for each in everybody for address in (each.address, each.other) if address}


def _row(box: Mailbox) -> Row:
    newest = next(iter(box.walk()), None)
    return Row(
        address=box.address,
        name=name_of(box.address),
        kind=box.provider or "outside",
        unread=sum(1 for _ in box.walk(labels=("UNREAD", "INBOX"))),
        messages=len(box),
        newest_ms=newest.date_ms if newest else 0,
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        when=_when, size=_size, initials=_initials, hue=_hue, decoded=decode, who=who, moment=_moment
    )
    return environment


def _when(date_ms: int, now: datetime) -> str:
    """10:42 today, else Mon 2 Nov, else 2 Nov 2025."""
    then = from_ms(date_ms)
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then:%a} {then.day} {then:%b}" if then.year == now.year else f"{then.day} {then:%b %Y}"


def _moment(date_ms: int) -> str:
    then = from_ms(date_ms)
    return f"{then:%A} {then.day} {then:%B %Y, %H:%M} UTC"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _initials(name: str) -> str:
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def _hue(text: str) -> int:
    return blake2b(text.encode(), digest_size=1).digest()[0] % HUES


def who(header: str) -> str:
    """The people of an address header by name, else the header as it stands."""
    found = [person.name or person.address for person in addresses(header)]
    return ", ".join(found) or decode(header) or "nobody"
