"""The cursor of a mailbox: one delta chain a folder, for Graph has none for a whole mailbox (PROVIDERS 0.4).

It is JSON: the folder tree, each folder's link, and who has still to answer in this cycle. A cycle asks every folder
until it has nothing more to tell; between two cycles the list of those to ask is empty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from providers.base import Kind, Place, ProviderError, Recovery
from providers.graph.folders import Tree


@dataclass(slots=True)
class Chain:
    """Where a folder's delta goes on; without a link it starts with all that lies there.

    ``only_since`` is when the last good day was, while a forgotten chain re-reads: older mail is not told again (E8).
    ``is_told`` where what lies there is mail; of the others only what leaves them matters.
    """

    is_told: bool
    link: str = ""
    only_since: str = ""


@dataclass(slots=True)
class Cursor:
    tree: Tree = field(default_factory=lambda: Tree({}, {}))
    chains: dict[str, Chain] = field(default_factory=dict)
    #: Folders that have not told everything yet, the next one first.
    waiting: list[str] = field(default_factory=list)
    #: Messages that left a folder in this cycle and showed up in no other: deleted, or moved without a word.
    gone: list[str] = field(default_factory=list)

    def follow(self, tree: Tree) -> None:
        """Goes by a newer tree: chains for folders that came, or that became mail; none for those that went."""
        told = {folder: tree.place(folder) is Place.MAIL for folder in tree.parents if is_walked(tree, folder)}
        self.tree = tree
        self.chains = {folder: self._chain(folder, is_told=is_told) for folder, is_told in told.items()}
        self.waiting = [folder for folder in self.waiting if folder in self.chains]

    def start_cycle(self) -> None:
        """Everybody is asked: mail first, in the order of the tree, then what may have left the others."""
        self.waiting = sorted(self.chains, key=lambda folder: not self.chains[folder].is_told)

    def lost(self, message: str) -> None:
        """The message left a folder."""
        self.found(message)
        self.gone.append(message)

    def found(self, message: str) -> None:
        """Some folder has the message."""
        if message in self.gone:
            self.gone.remove(message)

    def drop(self, folder: str) -> None:
        """The folder is gone."""
        self.follow(self.tree.without(folder))

    def write(self) -> str:
        return json.dumps(
            {
                "tree": {"parents": dict(self.tree.parents), "known": dict(self.tree.known), "link": self.tree.link},
                "chains": {name: [each.is_told, each.link, each.only_since] for name, each in self.chains.items()},
                "waiting": self.waiting,
                "gone": self.gone,
            },
            separators=(",", ":"),
        )

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises `ProviderError` for what is no cursor of ours."""
        try:
            values = json.loads(text)
            tree, chains = values["tree"], values["chains"]
            known = {name: Place(place) for name, place in tree["known"].items()}
            return cls(
                Tree(dict(tree["parents"]), known, str(tree["link"])),
                {name: Chain(bool(told), str(link), str(since)) for name, (told, link, since) in chains.items()},
                [str(name) for name in values["waiting"] if name in chains],
                [str(name) for name in values["gone"]],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            detail = "The stored place in the mailbox cannot be read."
            raise ProviderError(Kind.CODE, Recovery.PERMANENT, detail, code="unreadable-cursor") from error

    def _chain(self, folder: str, *, is_told: bool) -> Chain:
        """A folder that was put back out of the trash is read anew: its mail is mail again."""
        chain = self.chains.get(folder)
        if chain is None or (is_told and not chain.is_told):
            return Chain(is_told)
        return Chain(is_told, chain.link, chain.only_since)


def is_walked(tree: Tree, folder: str) -> bool:
    """Chats never become mail. Everything else can, and with immutable ids the folder that a message moves to may
    say nothing (PROVIDERS 0.6): so what leaves the drafts, the junk and the trash is watched for as well.
    """
    return tree.place(folder) is not Place.CHAT
