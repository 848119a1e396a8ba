"""One Microsoft 365 mailbox behind `providers.base.Provider`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from providers.base import (
    Begun,
    Changes,
    Identity,
    Listing,
    Missing,
    Place,
    ProviderError,
    Raw,
    Search,
    Seen,
    Unfetched,
    Watch,
)
from providers.graph import delta, folders, marks, oauth, parse, search, types, watches
from providers.graph.client import Client, Part
from providers.graph.folders import Tree


class GraphMailbox:
    """Keeps the folder tree between two calls, and nothing else."""

    def __init__(self, client: Client, *, never: str = "") -> None:
        self._client = client
        self._never = never
        self._tree = Tree({}, {})
        self._unseen: set[str] = set()
        self._categories: set[str] = set()

    def identity(self) -> Identity:
        person = self._client.get(f"/me?$select={types.PERSON}")
        address = oauth.address_of(person)
        proxies = [each.partition(":") for each in types.texts(person, "proxyAddresses")]
        others = [value for kind, _, value in proxies if kind.lower() == "smtp"]
        others += [types.text(person, "userPrincipalName"), *types.texts(person, "otherMails")]
        aliases = dict.fromkeys(each.lower() for each in others if "@" in each)
        return Identity(address, tuple(each for each in aliases if each != address))

    def begin(self, cursor: str = "") -> Begun:
        return delta.begin(self._client, cursor)

    def changes(self, cursor: str, *, since: datetime) -> Changes:
        page, self._tree = delta.changes(self._client, cursor, since, never=self._never)
        return page

    def search(self, wanted: Search, token: str = "") -> Listing:
        return search.listing(self._client, self._place, wanted, token, never=self._never)

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        parts = [Part(f"/me/messages/{types.quoted(name)}?$select={types.WITH_HEADERS}") for name in ids]
        for at, outcome in self._client.batch(parts):
            if isinstance(outcome, ProviderError):
                yield marks.refused(ids[at], outcome)
            else:
                yield parse.seen(outcome, self._place(types.key(outcome, "parentFolderId")), self._never)

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        paths = [f"/me/messages/{types.quoted(name)}/$value" for name in ids]
        for at, outcome in self._client.contents(paths):
            if isinstance(outcome, ProviderError):
                yield marks.refused(ids[at], outcome)
            else:
                yield Raw(Seen(ids[at]), outcome)

    def kept_out(self) -> Iterator[Seen]:
        # A message has the names of its categories, and each change of one is told.
        return iter(())

    def mark(self, ids: Iterable[str], label: str) -> Iterator[str | Missing | Unfetched]:
        wanted = list(ids)
        if wanted and label not in self._categories:
            marks.ensure_category(self._client, label)
            self._categories.add(label)
        yield from marks.mark(self._client, wanted, label)

    def watch(self, *, url: str, secret: str, current: Watch | None = None) -> Watch:
        return watches.watch(self._client, url=url, secret=secret, current=current)

    def unwatch(self, current: Watch) -> None:
        watches.unwatch(self._client, current)

    def close(self) -> None:
        self._client.close()

    def _place(self, folder: str) -> Place:
        """The tree is read when a folder is not in it: at first, and when one was made since."""
        if folder not in self._tree.parents and folder not in self._unseen:
            self._tree = folders.refreshed(self._client, self._tree)
            if folder not in self._tree.parents:
                # Hidden: asking again would not show it.
                self._unseen.add(folder)
        return self._tree.place(folder)
