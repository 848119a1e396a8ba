"""Gmail's query language, as far as a search for people needs it. https://support.google.com/mail/answer/7190

Addresses come from contacts and from mail, so from anybody: none may end its term and begin another (S3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus

#: A word for Gmail, and nothing else: no sign that groups, negates, quotes or parts terms.
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._+-]*@[a-z0-9][a-z0-9.-]*")
#: Letters and signs that are one address in quotes. A quotation mark or a backslash would end the quotes.
_QUOTABLE = re.compile(r"[!#$%&'+/0-9=?^_`a-z{|}~-][!#-'*+./0-9=?^_`a-z{|}~-]*@[a-z0-9][a-z0-9.-]*")
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]*")
_WORDS = re.compile(r"[^\W_]+")
#: Larger mail is not marked as concerning somebody, so that its size is asked for before it is.
LARGE = "larger:3M"
#: No chats and no drafts (R20); spam and trash are left out unless asked for.
_MAIL = "-in:chats -in:drafts"


def is_exact(address: str) -> bool:
    """Whether the language can say this address and no other; else it is looked for by its words, which finds more."""
    return bool(_PLAIN.fullmatch(address) or _QUOTABLE.fullmatch(address))


def term(operator: str, value: str) -> str:
    """``from:carla@contoso.example``; ``value`` is an address, or a domain as ``@contoso.example``."""
    if _PLAIN.fullmatch(value) or _DOMAIN.fullmatch(value.removeprefix("@")):
        return f"{operator}:{value.removeprefix('@')}"
    if _QUOTABLE.fullmatch(value):
        return f'{operator}:"{value}"'
    return f'{operator}:"{" ".join(_WORDS.findall(value))}"'


def parties(addresses: Iterable[str]) -> str:
    """Mail that names one of these. Gmail's ``to:`` finds Cc and Bcc as well, as seen; ``cc:`` relies on it less."""
    return _any(term(operator, address) for address in addresses for operator in ("from", "to", "cc"))


def doubts(addresses: Iterable[str], excluded: Iterable[str], never: str = "") -> str:
    """Mail that `parties` may have found wrongly: by its Bcc (R1), or of a sender whose mail is private (R8).

    And mail with the label of this name, which keeps it out.
    """
    hidden = (term("bcc", address) for address in addresses)
    labelled = [f'label:"{" ".join(never.lower().split())}"'] if never else []
    return _any([*hidden, *(term("from", entry) for entry in excluded), *labelled, LARGE])


def between(since: int | None, until: int | None) -> str:
    """Epoch seconds, the first included and the last not. ``after:`` leaves its own second out, as seen."""
    after = f"after:{since - 1} " if since else ""
    before = f"before:{until} " if until is not None else ""
    return f"{after}{before}{_MAIL}"


def length(text: str) -> int:
    """Characters that a text takes in a URL."""
    return len(quote_plus(text))


@lru_cache(maxsize=4_096)
def weight(address: str) -> int:
    """What one more address takes of a URL, in `parties` and `doubts`."""
    return sum(length(f" {term(operator, address)}") for operator in ("from", "to", "cc", "bcc"))


def _any(terms: Iterable[str]) -> str:
    return f"{{{' '.join(terms)}}}"
