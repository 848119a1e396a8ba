"""The folder tree: which folders there are, and what their mail is to R20.

Graph v1.0 does not say in a folder's properties which well-known one it is, so those that matter are asked for by
name, once, and the others are told apart by what they lie in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from providers.base import Kind, Place, ProviderError, Recovery
from providers.graph import errors, types
from providers.graph.client import Client, Part

#: https://learn.microsoft.com/graph/api/resources/mailfolder: those whose mail is no mail of R20.
WELL_KNOWN: Mapping[str, Place] = {
    "drafts": Place.DRAFT,
    "junkemail": Place.SPAM,
    "deleteditems": Place.TRASH,
    # What waits there is mail only once it has moved to Sent Items.
    "outbox": Place.DRAFT,
    "conversationhistory": Place.CHAT,
}
#: What lies in one of these is of its kind, however deep.
_INHERITED = frozenset({Place.TRASH, Place.CHAT})
_DEEPEST = 300
_PAGE = 250
_MOST_PAGES = 200
_SEARCH_FOLDER = "#microsoft.graph.mailSearchFolder"
_START = f"/me/mailFolders/delta?$select={types.FOLDER}"


@dataclass(frozen=True, slots=True)
class Tree:
    """``parents`` by folder id, without folders that are hidden or only searches; ``known`` are places by the ids of
    the well-known folders; ``link`` leads to what changed since.
    """

    parents: Mapping[str, str]
    known: Mapping[str, Place]
    link: str = ""

    def place(self, folder: str) -> Place:
        """Where mail lies that is in the folder. A folder that nobody can see in Outlook holds no mail."""
        if folder not in self.parents:
            return Place.CHAT
        if folder in self.known:
            return self.known[folder]
        for _ in range(_DEEPEST):
            folder = self.parents.get(folder, "")
            if not folder:
                break
            if self.known.get(folder) in _INHERITED:
                return self.known[folder]
        return Place.MAIL

    def without(self, folder: str) -> Tree:
        """Without that one and all that lies in it; read anew next time, should the provider have been mistaken."""
        return Tree(_pruned(self.parents, {folder}), self.known, "")


def refreshed(client: Client, tree: Tree) -> Tree:
    """The tree as it is now: one call, where little changed since. Raises `ProviderError`."""
    parents, link = _walked(client, tree)
    is_new = not parents.keys() <= tree.parents.keys()
    return Tree(parents, _known(client) if is_new else tree.known, link)


def _walked(client: Client, tree: Tree) -> tuple[dict[str, str], str]:
    """https://learn.microsoft.com/graph/api/mailfolder-delta; a forgotten link starts anew."""
    if not tree.link:
        return _pages(client, {}, _START)
    try:
        return _pages(client, dict(tree.parents), tree.link)
    except ProviderError as error:
        if not errors.is_forgotten(error):
            raise
        return _pages(client, {}, _START)


def _pages(client: Client, parents: dict[str, str], link: str) -> tuple[dict[str, str], str]:
    gone: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = client.get(link, page=_PAGE)
        gone |= {name for each in types.members(page) if (name := _note(parents, each))}
        if not types.key(page, types.NEXT):
            return _pruned(parents, gone), types.key(page, types.DELTA)
        link = types.key(page, types.NEXT)
    detail = "The list of the mailbox's folders has no end."
    raise ProviderError(Kind.UNKNOWN, Recovery.TRANSIENT, detail, code="endless")


def _note(parents: dict[str, str], folder: types.Json) -> str:
    """Answers the folder's id where it is gone."""
    name = types.key(folder, "id")
    is_hidden = folder.get("isHidden") is True or folder.get("@odata.type") == _SEARCH_FOLDER
    if types.REMOVED in folder or is_hidden:
        return name
    if name:
        parents[name] = types.key(folder, "parentFolderId") or parents.get(name, "")
    return ""


def _pruned(parents: Mapping[str, str], gone: set[str]) -> dict[str, str]:
    """A folder goes with all that lies in it."""
    left = dict(parents)
    while gone:
        left = {name: parent for name, parent in left.items() if name not in gone}
        gone = {name for name, parent in left.items() if parent in gone}
    return left


def _known(client: Client) -> dict[str, Place]:
    """Ids of the well-known folders that this mailbox has."""
    names = list(WELL_KNOWN)
    found: dict[str, Place] = {}
    for at, outcome in client.batch([Part(f"/me/mailFolders/{name}?$select=id") for name in names]):
        if isinstance(outcome, ProviderError):
            if not errors.is_missing(outcome):
                raise outcome
        else:
            found[types.key(outcome, "id")] = WELL_KNOWN[names[at]]
    return found
