"""Which messages name a person or a word of the subject: postings, brought up to date when a search comes.

They are a superset of the truth (deleted messages stay in them), so every candidate is tested as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from emulator.google.search.words import header_words, people_terms
from emulator.mailbox import Mailbox


@dataclass(slots=True)
class Postings:
    """Message sequences by word or address of From, To, Cc and Bcc, and by word of the subject.

    `upto` is the last sequence that was read.
    """

    upto: int = 0
    parties: dict[str, list[int]] = field(default_factory=dict)
    subjects: dict[str, list[int]] = field(default_factory=dict)

    def refresh(self, mailbox: Mailbox) -> None:
        """Read what came since the last time: each message once in its life."""
        for seq in range(self.upto + 1, mailbox.last_seq + 1):
            message = mailbox.get(seq)
            if message is not None:
                head = message.head
                people = [each for each in (head.sender, head.to, head.cc, head.bcc) if each]
                _note(self.parties, frozenset().union(*map(people_terms, people)), seq)
                _note(self.subjects, frozenset(header_words(head.subject)), seq)
        self.upto = mailbox.last_seq

    def naming(self, terms: Iterable[str]) -> Collection[int]:
        """The messages that name the rarest of the terms among their people."""
        return _rarest(self.parties, terms)

    def titled(self, terms: Iterable[str]) -> Collection[int]:
        """The messages that have the rarest of the terms in the subject."""
        return _rarest(self.subjects, terms)


def _note(postings: dict[str, list[int]], terms: frozenset[str], seq: int) -> None:
    for term in terms:
        postings.setdefault(term, []).append(seq)


def _rarest(postings: dict[str, list[int]], terms: Iterable[str]) -> Collection[int]:
    return min((postings.get(term, []) for term in terms), key=len, default=[])
