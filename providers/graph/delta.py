"""Walking the chains of a cursor (https://learn.microsoft.com/graph/delta-query-messages).

Items may come again, in any order, and in part; pages may be empty. Each item becomes a `Seen`: with headers where the
item had them all, without where the engine has to ask for them if it does not know the message.

A "removed" item may only have moved. Mostly the folder that it moved to shows it in the same cycle, and nothing is
left to find out; mail is asked first, so that trash and junk show what went there. Whatever nobody showed is told at
the end of the cycle as something to ask for: with immutable ids a folder may take a message in without a word.
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
#: So many messages that left a folder are kept until another folder shows them: a cursor is written often.
MOST_GONE = 1_000
_TOLD = frozenset({Place.MAIL, Place.NEVER})


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


def changes(client: Client, text: str, since: datetime, *, never: str = "") -> tuple[Changes, Tree]:
    """The next page that has something to tell, or the end of this cycle; and the folders as they are."""
    cursor = Cursor.read(text)
    if not cursor.waiting and not cursor.gone:
        cursor.follow(folders.refreshed(client, cursor.tree))
        cursor.start_cycle()
    found: dict[str, Seen] = {}
    recovered = False
    for _ in range(MOST_CALLS):
        if not cursor.waiting or found:
            break
        found, is_anew = _round(client, cursor, types.written(since), never)
        recovered = recovered or is_anew
    if not cursor.waiting or len(cursor.gone) > MOST_GONE:
        found |= {name: Seen(name) for name in cursor.gone[:PAGE]}
        del cursor.gone[:PAGE]
    more = bool(cursor.waiting or cursor.gone)
    return Changes(tuple(found.values()), cursor.write(), more=more, recovered=recovered), cursor.tree


def _round(client: Client, cursor: Cursor, only_since: str, never: str) -> tuple[dict[str, Seen], bool]:
    """What several folders tell in one round trip, by id, and whether one of them is read anew."""
    found: dict[str, Seen] = {}
    is_anew = False
    asked = cursor.waiting[:AT_A_TIME]
    for at, outcome in client.batch([Part(_link(cursor, folder), page=PAGE) for folder in asked]):
        folder, chain = asked[at], cursor.chains.get(asked[at])
        if chain is None:
            # It lay in one that is gone.
            continue
        if isinstance(outcome, ProviderError):
            is_anew = is_anew or errors.is_forgotten(outcome)
            _recover(cursor, folder, outcome, only_since=only_since)
        else:
            is_anew = is_anew or bool(chain.only_since)
            _advance(cursor, folder, outcome)
            found |= {seen.id: seen for seen in _told(cursor, folder, chain, outcome, never)}
    return found, is_anew


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
    selected = types.MESSAGE if chain.is_told else "id,parentFolderId"
    return chain.link or f"/me/mailFolders/{types.quoted(folder)}/messages/delta?$select={selected}"


def _told(cursor: Cursor, folder: str, chain: Chain, page: Json, never: str) -> Iterator[Seen]:
    """``chain`` is as it was before this page came."""
    named = (item for item in types.members(page) if types.key(item, "id"))
    return filter(None, [_seen(cursor, folder, chain, item, never) for item in named])


def _seen(cursor: Cursor, folder: str, chain: Chain, item: Json, never: str) -> Seen | None:
    """What an item tells of its message, if anything; the cursor learns whether it is lost or found."""
    name = types.key(item, "id")
    # A replayed item may lie elsewhere by now.
    lies_in = types.key(item, "parentFolderId") or folder
    if types.REMOVED in item:
        cursor.lost(name)
        return None
    if chain.is_told and parse.is_whole(item):
        cursor.found(name)
        seen = parse.seen(item, cursor.tree.place(lies_in if lies_in in cursor.tree.parents else folder), never)
        return seen if seen.place in _TOLD and not _is_too_old(seen, chain) else None
    if lies_in != folder:
        return None
    cursor.found(name)
    return _in_part(folder, item, never) if chain.is_told else None


def _in_part(folder: str, item: Json, never: str) -> Seen | None:
    """A message of which only some properties are told: its place is that of the folder that tells them."""
    if item.get("isDraft") is True:
        return None
    place = Place.NEVER if parse.is_kept_out(item, never) else Place.MAIL
    return Seen(types.key(item, "id"), place=place, labels=(folder,))


def _is_too_old(seen: Seen, chain: Chain) -> bool:
    if not chain.only_since or seen.received_at is None:
        return False
    return types.written(seen.received_at) < chain.only_since


def _recover(cursor: Cursor, folder: str, error: ProviderError, *, only_since: str) -> None:
    """What concerns one folder alone: a forgotten link starts anew, a folder that is gone is dropped."""
    chain = cursor.chains[folder]
    if errors.is_forgotten(error) and chain.link:
        cursor.chains[folder] = Chain(chain.is_told, only_since=only_since)
        # Mostly all are forgotten at once. Then what left the trash is either still told by the trash, begun anew
        # before the others, or it lies in one of the others already.
        cursor.waiting.sort(key=lambda each: cursor.chains[each].is_told)
    elif errors.is_missing(error):
        cursor.drop(folder)
    else:
        raise error
