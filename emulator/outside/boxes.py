"""Reading any mailbox: its list, one message, its files and its source."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulator import rfc822
from emulator.index import Key
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.outside import pages, reading
from emulator.outside.pages import NotThereError
from emulator.world import World

PAGE = 40
_BELOW = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
SEARCHED_AT_ONCE = 1_500
_YIELD_EVERY = 25
_SOURCE_SHOWN = 400_000
_SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
_BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:{remote};"
    f" form-action 'none'; base-uri 'none'; frame-ancestors 'self'; {_SANDBOX}"
)
# Links open beside the page; the rest is how mail looks on white paper.
_BODY_HEAD = (
    '<!doctype html><meta charset="utf-8"><base target="_blank"><style>:root{color-scheme:light}'
    "body{margin:16px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}</style>"
)
_ACTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    # What a Gmail label change adds and removes, and the folder that the others move to.
    "read": ((), ("UNREAD",), ""),
    "unread": (("UNREAD",), (), ""),
    "inbox": (("INBOX",), ("TRASH", "SPAM"), "inbox"),
    "archive": ((), ("INBOX",), "archive"),
    "spam": (("SPAM",), ("INBOX",), "junkemail"),
    "trash": (("TRASH",), ("INBOX",), "deleteditems"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or a label of the open mailbox."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a mailbox the list shows: "folder:inbox", "label:Label_1" or "all", words, a page."""

    place: str
    words: str
    below: Key | None

    def query(self, **more: str) -> str:
        values = {"place": self.place, "q": self.words} | more
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the list."""

    message: Message
    people: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the list. `further` is where the next one begins; `stopped` says that the search gave up
    there.
    """

    lines: tuple[Line, ...]
    further: str = ""
    stopped: bool = False


def routes(world: World) -> list[Route]:
    path = "/mail/{address}"
    return [
        pages.page(world, "/", home),
        pages.page(world, path, show_box),
        pages.page(world, f"{path}/{{id}}", show_message),
        pages.page(world, f"{path}/{{id}}/body", show_body),
        pages.page(world, f"{path}/{{id}}/files/{{number:int}}", send_file),
        pages.page(world, f"{path}/{{id}}/original", show_original),
        pages.page(world, f"{path}/{{id}}/act", act, ["POST"]),
    ]


async def home(world: World, request: Request) -> Response:
    """Everybody, or whom ?q= names; the connected mailboxes first."""
    asked = request.query_params.get("q", "")
    words = asked.casefold().split()
    everybody = sorted(pages.directory(world), key=lambda row: row.kind == "outside")
    rows = [row for row in everybody if all(word in f"{row.name} {row.address}".casefold() for word in words)]
    return pages.render(world, "home.html", tab="home", rows=rows, q=asked)


async def show_box(world: World, request: Request) -> Response:
    box = find_box(world, request)
    return await _show(world, request, box, None)


async def show_message(world: World, request: Request) -> Response:
    """A message beside its list. Opening reads it, as it would for the mailbox's owner; inside a frame it
    does not, so that no mail can do that by a link.
    """
    box, message = find_message(world, request)
    if request.headers.get("sec-fetch-dest", "document") == "document":
        box.relabel(message, remove=["UNREAD"])
    return await _show(world, request, box, message)


async def show_body(world: World, request: Request) -> Response:
    """The HTML of a message, for a frame: no scripts, nothing from elsewhere unless `?images=1`."""
    _, message = find_message(world, request)
    inner = reading.with_pictures(reading.read(message.raw))
    remote = " http: https:" if request.query_params.get("images") else ""
    headers = {**pages.HEADERS, "Content-Security-Policy": _BODY_POLICY.format(remote=remote)}
    return Response(_BODY_HEAD + inner, media_type="text/html", headers=headers)


async def send_file(world: World, request: Request) -> Response:
    """An attachment, always as a download."""
    _, message = find_message(world, request)
    number = request.path_params["number"]
    for each in reading.read(message.raw).attached:
        if each.number == number:
            return _download(each.content, each.name)
    raise NotThereError("This message has no such attachment.")


async def show_original(world: World, request: Request) -> Response:
    """The source as text; with ?download=1 as an .eml file."""
    box, message = find_message(world, request)
    if request.query_params.get("download"):
        return _download(message.raw, f"{message.gmail_id}.eml")
    shown = message.raw[:_SOURCE_SHOWN].decode("utf-8", "replace")
    is_cut = len(message.raw) > _SOURCE_SHOWN
    return pages.render(world, "original.html", here=box.address, box=box, message=message, source=shown, is_cut=is_cut)


async def act(world: World, request: Request) -> Response:
    """What the mailbox's owner could do: mark, move, take a label off, delete."""
    box, message = find_message(world, request)
    form = await pages.form_of(request)
    name, _, label = pages.text_of(form, "act").partition(":")
    if name == "delete":
        box.delete(message)
        return RedirectResponse(pages.box_url(box.address), 303)
    if name == "unlabel":
        box.relabel(message, remove=[label])
    elif name in _ACTS:
        add, remove, folder = _ACTS[name]
        if folder and box.provider != "google":
            box.move(message, folder)
        else:
            box.relabel(message, add=add, remove=remove)
    else:
        raise NotThereError("There is no such act.")
    to = pages.box_url(box.address) if name == "unread" else pages.message_url(box, message)
    return RedirectResponse(to, 303)


def find_box(world: World, request: Request) -> Mailbox:
    """Raises NotThereError: looking at a mailbox does not make it."""
    address = str(request.path_params["address"]).lower()
    box = world.mailboxes.get(address)
    if box is None:
        raise NotThereError(f"Nobody has the address {address} yet. It begins to exist with its first message.")
    return box


def find_message(world: World, request: Request) -> tuple[Mailbox, Message]:
    box = find_box(world, request)
    message = by_id(box, str(request.path_params["id"]))
    if message is None:
        raise NotThereError("This message is gone: it was moved away or deleted.")
    return box, message


def by_id(box: Mailbox, text: str) -> Message | None:
    """By the id that this page's addresses carry."""
    try:
        return box.by_gid(int(text, 16))
    except ValueError:
        return None


async def _show(world: World, request: Request, box: Mailbox, message: Message | None) -> Response:
    wanted = _wanted(request)
    context: dict[str, Any] = {
        "here": box.address,
        "box": box,
        "title": pages.name_of(box.address),
        "wanted": wanted,
        "places": places(box),
        "found": await find(box, wanted),
        "message": message,
        "notice": "",
    }
    if message is not None:
        context |= _opened(world, request, box, message)
    return pages.render(world, "box.html", **context)


def _opened(world: World, request: Request, box: Mailbox, message: Message) -> dict[str, Any]:
    """What the reading pane shows."""
    content = reading.read(message.raw)
    as_text = bool(request.query_params.get("text")) or not content.html
    copies = world_copies(world, message) if request.query_params.get("sent") else []
    return {
        "content": content,
        "as_text": as_text,
        "images": bool(request.query_params.get("images")),
        "people": {name: rfc822.addresses(getattr(message.head, name)) for name in ("sender", "to", "cc", "bcc")},
        "folder": box.folders.get(message.folder),
        "own_labels": [
            label for each in sorted(message.labels) if (label := box.labels.get(each)) and label.type == "user"
        ],
        "thread": [each for each in box.in_thread(message.thread) if each is not message],
        "url": pages.message_url(box, message),
        "copies": copies,
        "sent": bool(request.query_params.get("sent")),
    }


def world_copies(world: World, message: Message) -> list[tuple[str, str]]:
    """Where else the message is: name and address of a link."""
    named = rfc822.addresses(message.head.to, message.head.cc, message.head.bcc)
    boxes = [box for each in dict.fromkeys(each.address for each in named) if (box := world.mailboxes.get(each))]
    return [
        (pages.name_of(box.address), pages.message_url(box, copy))
        for box in boxes
        for copy in box.by_message_id(message.head.message_id)[:1]
    ]


def places(box: Mailbox) -> list[Place]:
    """The folders and own labels that hold something, and all of it."""
    folders = [
        Place(f"folder:{folder.key}", box.folders.path(folder), count)
        for folder in box.folders
        if (count := box.count(folder=folder.key)) or folder.key == "inbox"
    ]
    labels = [
        Place(f"label:{label.id}", label.name, count)
        for label in box.labels
        if label.type == "user" and (count := box.count(label=label.id))
    ]
    return [Place("all", "All mail", len(box)), *folders, *labels]


async def find(box: Mailbox, wanted: Wanted) -> Found:
    """A page of the list, newest first. A search looks at so many messages at a time and then asks whether to
    go on.
    """
    kind, _, key = wanted.place.partition(":")
    walk = box.walk(
        labels=[key] if kind == "label" else [], folder=key if kind == "folder" else None, below=wanted.below
    )
    if not wanted.words:
        messages = list(islice(walk, PAGE + 1))
        further = _at(messages[PAGE - 1].key) if len(messages) > PAGE else ""
        return Found(tuple(_line(each) for each in messages[:PAGE]), further)
    return await _search(list(islice(walk, SEARCHED_AT_ONCE)), wanted.words.casefold().split())


async def _search(messages: list[Message], words: list[str]) -> Found:
    lines: list[Line] = []
    for number, message in enumerate(messages, start=1):
        if number % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        if _has(message, words):
            lines.append(_line(message))
        if len(lines) == PAGE:
            return Found(tuple(lines), _at(message.key))
    stopped = len(messages) == SEARCHED_AT_ONCE
    return Found(tuple(lines), _at(messages[-1].key) if stopped else "", stopped)


def _has(message: Message, words: list[str]) -> bool:
    head = message.head
    shown = " ".join(rfc822.decode(each) for each in (head.subject, head.sender, head.to, head.cc)).casefold()
    missing = [word for word in words if word not in shown]
    return not missing or all(word in reading.read(message.raw).text.casefold() for word in missing)


def _line(message: Message) -> Line:
    own = message.labels & {"SENT", "DRAFT"}
    people = f"To {pages.who(message.head.to)}" if own else pages.who(message.head.sender)
    return Line(message, people, reading.snippet(message))


def _wanted(request: Request) -> Wanted:
    query = request.query_params
    words = query.get("q", "").strip()[:200]
    place = query.get("place", "all" if words else "folder:inbox")
    found = _BELOW.fullmatch(query.get("below", ""))
    below = (int(found[1]), int(found[2])) if found else None
    return Wanted(place, words, below)


def _at(key: Key) -> str:
    return f"{key[0]}-{key[1]}"


def _download(content: bytes, name: str) -> Response:
    """Never shown in the browser: an attachment could be a page of its own."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in name)
    headers = {
        **pages.HEADERS,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
