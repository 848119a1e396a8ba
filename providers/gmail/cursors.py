"""Where we are in a mailbox's history, as the text that `base.Provider.changes` takes and answers.

Either a history id after which all is unknown, perhaps with the page that comes next; or, after Gmail had forgotten
such an id (E8), a walk through the mail since a day, and the head of the history from before that walk began.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from providers.base import Kind, ProviderError, Recovery


@dataclass(frozen=True, slots=True)
class History:
    """``start`` moves only after the last page: a killed worker reads no more than one page again."""

    start: str
    page: str = ""

    def dumps(self) -> str:
        return _dumped({"history": self.start, **({"page": self.page} if self.page else {})})


@dataclass(frozen=True, slots=True)
class Again:
    """Mail since ``since`` (epoch seconds) is read again; then history goes on from ``start``.

    First comes what is newest, without a query: the search index lags some seconds behind, and ``start`` does not.
    """

    start: str
    since: int
    page: str = ""
    #: Whether the newest have been listed.
    searching: bool = False

    def dumps(self) -> str:
        kept = {"history": self.start, "since": self.since, "page": self.page, "searching": self.searching}
        return _dumped(kept)


def loads(text: str) -> History | Again:
    """Raises ProviderError for a text that is no cursor."""
    try:
        read: Any = json.loads(text)
        start, page = _number(read["history"]), str(read.get("page", ""))
        if "since" in read:
            return Again(start, int(read["since"]), page, searching=bool(read.get("searching")))
        return History(start, page)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        detail = "The place in the mailbox's history cannot be read."
        raise ProviderError(Kind.CODE, Recovery.PERMANENT, detail, code="cursor") from error


def _number(value: object) -> str:
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise ValueError("A history id is a number.")
    return text


def _dumped(kept: dict[str, object]) -> str:
    return json.dumps(kept, separators=(",", ":"))
