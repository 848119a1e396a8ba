"""Our category on messages (R42, https://learn.microsoft.com/graph/api/resources/outlookcategory).

A message has a list of names, and writing it replaces them all: so it is read, written with If-Match, and read again
where somebody came between. The names need not be in the mailbox's own list; there they only get their colour.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from providers.base import Missing, ProviderError, Unfetched
from providers.graph import errors, types
from providers.graph.client import Client, Part
from providers.graph.types import Json

#: Blue.
COLOR = "preset7"
_MASTER = "/me/outlook/masterCategories"

Marked = str | Missing | Unfetched


def mark(client: Client, ids: Sequence[str], label: str) -> Iterator[Marked]:
    """Raises `ProviderError` for what concerns all of them."""
    again = yield from _marked(client, ids, label)
    if again:
        lost = yield from _marked(client, list(again), label)
        yield from (Unfetched(name, error) for name, error in lost.items())


def ensure_category(client: Client, label: str) -> None:
    """Puts the name into the mailbox's list, where we may and it is not there. Raises `ProviderError`."""
    try:
        names = {types.text(each, "displayName").casefold() for each in types.members(client.get(_MASTER))}
        if label.casefold() not in names:
            client.post(_MASTER, {"displayName": label, "color": COLOR})
    except ProviderError as error:
        # Not ours to change (403), or made by somebody in the same moment (409): it works without.
        if error.status not in {400, 403, 409}:
            raise


def _marked(client: Client, ids: Sequence[str], label: str) -> Generator[Marked, None, dict[str, ProviderError]]:
    """Answers, at its end, those whose message was changed in between."""
    unmarked: dict[str, Json] = {}
    for at, outcome in client.batch([Part(f"/me/messages/{types.quoted(name)}?$select=categories") for name in ids]):
        if isinstance(outcome, ProviderError):
            yield refused(ids[at], outcome)
        elif label.casefold() in {each.casefold() for each in types.texts(outcome, "categories")}:
            yield ids[at]
        else:
            unmarked[ids[at]] = outcome
    names = list(unmarked)
    again: dict[str, ProviderError] = {}
    for at, outcome in client.batch([_change(name, unmarked[name], label) for name in names]):
        if isinstance(outcome, ProviderError) and outcome.status == 412:
            again[names[at]] = outcome
        else:
            yield refused(names[at], outcome) if isinstance(outcome, ProviderError) else names[at]
    return again


def refused(name: str, error: ProviderError) -> Missing | Unfetched:
    """What a refusal says of one message. Raises it where it concerns them all."""
    if errors.concerns_all(error):
        raise error
    return Missing(name) if errors.is_missing(error) else Unfetched(name, error)


def _change(name: str, message: Json, label: str) -> Part:
    return Part(
        f"/me/messages/{types.quoted(name)}",
        method="PATCH",
        body={"categories": [*types.texts(message, "categories"), label]},
        etag=types.key(message, types.ETAG),
    )
