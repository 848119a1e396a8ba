"""A walk through the past of the whole mailbox, newest first (E4).

Each page is a query of its own, for what came before the last page's end: Graph's own links count how many messages to
skip, which costs more the deeper they go, and misses messages where others are deleted meanwhile. The mailbox is
walked at once rather than folder by folder: a page is then one call, whatever the number of folders, and what lies in
the trash, the junk or a chat is dropped here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from providers.base import Kind, Listing, Place, ProviderError, Recovery, Search, Seen
from providers.graph import parse, types
from providers.graph.client import Client
from providers.graph.types import Json

PAGE = 500
_SECOND = timedelta(seconds=1)

#: Where mail lies that is in the folder of an id.
PlaceOf = Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class Token:
    """``before`` is where the next page begins, ``oldest`` where the walk will end; both as filters have them.

    ``link`` is Graph's own, for the rare second in which more came than a page holds.
    """

    before: str
    oldest: str
    link: str = ""

    def write(self) -> str:
        return json.dumps([self.before, self.oldest, self.link])

    @classmethod
    def read(cls, text: str) -> Token:
        """Raises `ProviderError` for what is no token of ours."""
        try:
            before, oldest, link = json.loads(text)
            datetime.fromisoformat(before), datetime.fromisoformat(oldest)
        except (ValueError, TypeError) as error:
            detail = "The stored place in the walk through the mailbox cannot be read."
            raise ProviderError(Kind.CODE, Recovery.PERMANENT, detail, code="unreadable-token") from error
        return cls(before, oldest, str(link))


def listing(client: Client, place_of: PlaceOf, wanted: Search, text: str, *, never: str = "") -> Listing:
    """One page. Raises `ProviderError`."""
    token = Token.read(text) if text else _begun(client, wanted)
    page = client.get(token.link or _query(wanted, token))
    messages = list(types.members(page))
    addresses = {parse.spelling(each) for each in wanted.addresses}
    items = (_item(place_of, each, never) for each in messages if not addresses.isdisjoint(parse.parties(each)))
    following = _following(token, page, messages)
    return Listing(
        items=tuple(each for each in items if each is not None),
        token=following.write() if following else None,
        looked_at=len(messages),
        progress=_progress(wanted, following) if following else 1.0,
    )


def _begun(client: Client, wanted: Search) -> Token:
    until = types.written(wanted.until.astimezone(UTC) + _SECOND)
    if wanted.since is not None:
        return Token(until, types.written(wanted.since))
    # Only to tell how far the walk is.
    page = client.get("/me/messages?$orderby=receivedDateTime%20asc&$top=1&$select=receivedDateTime")
    oldest = next((types.moment(each, "receivedDateTime") for each in types.members(page)), None)
    return Token(until, types.written(oldest) if oldest else until)


def _query(wanted: Search, token: Token) -> str:
    where = f"receivedDateTime lt {token.before}"
    if wanted.since is not None:
        where = f"receivedDateTime ge {types.written(wanted.since)} and {where}"
    return f"/me/messages?$filter={quote(where)}&$orderby=receivedDateTime%20desc&$top={PAGE}&$select={types.MESSAGE}"


def _item(place_of: PlaceOf, message: Json, never: str) -> Seen | None:
    seen = parse.seen(message, place_of(types.key(message, "parentFolderId")), never)
    return seen if seen.id and seen.place in {Place.MAIL, Place.NEVER} else None


def _following(token: Token, page: Json, messages: list[Json]) -> Token | None:
    """Behind the last message, whose second is read again: what came in it may be on both sides of the page's end."""
    link = types.key(page, types.NEXT)
    if not link:
        return None
    last = types.moment(messages[-1], "receivedDateTime") if messages else None
    before = types.written(last + _SECOND) if last else ""
    return Token(before, token.oldest) if before and before < token.before else Token(token.before, token.oldest, link)


def _progress(wanted: Search, token: Token) -> float:
    before, oldest = datetime.fromisoformat(token.before), datetime.fromisoformat(token.oldest)
    whole = (wanted.until - oldest).total_seconds()
    return min(max((wanted.until - before).total_seconds() / whole, 0.0), 1.0) if whole > 0 else 0.0
