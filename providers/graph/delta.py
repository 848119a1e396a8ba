"""Walking the chains of a cursor (https://learn.microsoft.com/graph/delta-query-messages).

Items may come again, in any order, and in part; pages may be empty; an item
that is "removed" may only have moved. So each item becomes a `Seen`, with headers where the item had them all, and
without where the engine, if it does not know the message, has to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from providers.base import Begun, Changes, Place, ProviderError, Seen
from providers.graph import errors, folders, parse, types
from providers.graph.client import AT_A_TIME, Client, Part
from providers.graph.cursor import Chain, Cursor
from providers.graph.folders import Tree
from providers.graph.types import Json

#: Calls of one step, so that a killed worker or a refusal costs no more than these.
MOST_CALLS = 20
#: Items of a folder's page: where they are told, and where they are only counted off.
PAGE, FIRST_PAGE = 100, 500


def begin(client: Client, text: str) -> Begun:
    """Goes to the end of every folder, in steps; mail that comes meanwhile is in the first `changes`."""
    if text:
        cursor = Cursor.read(text)
    else:
        cursor = Cursor()
        cursor.follow(folders.refreshed(client, cursor.tree))
        cursor.start_cycle()
    for _ in range(MOST_CALLS):
        if not cursor.waiting:
            break
        folder = cursor.waiting[0]
        try:
            _advance(cursor, folder, client.get(_link(cursor, folder), page=FIRST_PAGE))
        except ProviderError as error:
            _recover(cursor, folder, error, only_since="")
    return Begun(cursor.write(), done=not cursor.waiting)


def changes(client: Client, text: str, since: datetime) -> tuple[Changes, Tree]:
    """The next page that has something to tell, or the end of this cycle; and the folders as they are."""
    cursor = Cursor.read(text)
    if not cursor.waiting:
        cursor.follow(folders.refreshed(client, cursor.tree))
        cursor.start_cycle()
    found: dict[str, Seen] = {}
    recovered = False
    for _ in range(MOST_CALLS):
        if not cursor.waiting or found:
            break
        # Several folders in one round trip, as in the idle case none has anything to tell.
        asked = cursor.waiting[:AT_A_TIME]
        outcomes = client.batch([Part(_link(cursor, folder), page=PAGE) for folder in asked])
        for at, outcome in outcomes:
            folder, chain = asked[at], cursor.chains.get(asked[at])
            if chain is None:
                continue
            if isinstance(outcome, ProviderError):
                recovered = recovered or errors.is_forgotten(outcome)
                _recover(cursor, folder, outcome, only_since=types.written(since))
            else:
                recovered = recovered or bool(chain.only_since)
                _advance(cursor, folder, outcome)
                found |= {seen.id: seen for seen in _told(cursor, folder, chain, outcome)}
    page = Changes(tuple(found.values()), cursor.write(), more=bool(cursor.waiting), recovered=recovered)
    return page, cursor.tree


def _advance(cursor: Cursor, folder: str, page: Json) -> None:
    """Goes behind a page; the folder's next one is asked for after the other folders'."""
    chain = cursor.chains[folder]
    following, end = types.key(page, types.NEXT), types.key(page, types.DELTA)
    cursor.waiting.remove(folder)
    if following:
        cursor.waiting.append(folder)
    # An answer with neither link leaves nothing to go on from: what lies in the folder is read again next time.
    cursor.chains[folder] = Chain(chain.is_told, following or end, chain.only_since if following else "")


def _link(cursor: Cursor, folder: str) -> str:
    """The selection of the first is frozen into all that follow."""
    chain = cursor.chains[folder]
    selected = types.MESSAGE if chain.is_told else "id"
    return chain.link or f"/me/mailFolders/{types.quoted(folder)}/messages/delta?$select={selected}"


def _told(cursor: Cursor, folder: str, chain: Chain, page: Json) -> Iterator[Seen]:
    """``chain`` is as it was before this page came."""
    place = cursor.tree.place(folder)
    for item in types.members(page):
        name = types.key(item, "id")
        if not name:
            continue
        if types.REMOVED in item:
            # Deleted, or somewhere else by now: nobody can tell from here.
            yield Seen(name)
        elif chain.is_told and parse.is_whole(item):
            seen = parse.seen(item, place)
            if seen.place is Place.MAIL and not _is_too_old(seen, chain):
                yield seen
        elif chain.is_told and item.get("isDraft") is not True:
            yield Seen(name, labels=(folder,))


def _is_too_old(seen: Seen, chain: Chain) -> bool:
    if not chain.only_since or seen.received_at is None:
        return False
    return types.written(seen.received_at) < chain.only_since


def _recover(cursor: Cursor, folder: str, error: ProviderError, *, only_since: str) -> None:
    """What concerns one folder alone: a forgotten link starts anew, a folder that is gone is dropped."""
    chain = cursor.chains[folder]
    if errors.is_forgotten(error) and chain.link:
        cursor.chains[folder] = Chain(chain.is_told, only_since=only_since)
    elif errors.is_missing(error):
        cursor.drop(folder)
    else:
        raise error
