"""System query options of a list, read and checked."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from emulator.microsoft import errors, filters, matching, search
from emulator.microsoft.calls import Call
from emulator.microsoft.errors import GraphError
from emulator.microsoft.properties import NAMES, NOT_BASIC, USUAL

DEFAULT_PAGE = 10
MAX_PAGE = 1000
_MAX_DIGITS = 9
KNOWN = frozenset(
    {"$select", "$filter", "$orderby", "$top", "$skip", "$search", "$count", "$expand", "$skiptoken", "$format"}
)
_UNSORTABLE = frozenset({"body", "uniquebody", "bodypreview", "internetmessageheaders", "categories"})


@dataclass(frozen=True, slots=True)
class Order:
    """A property path in lower case, and its direction."""

    path: tuple[str, ...]
    descending: bool


NEWEST_FIRST = (Order(("receiveddatetime",), descending=True),)


@dataclass(frozen=True, slots=True)
class Options:
    """`select` None means the usual properties. `size` is a page's, `skip` counts from the start."""

    select: tuple[str, ...] | None
    where: filters.Node | None
    order: tuple[Order, ...]
    search: search.Search | None
    size: int
    skip: int
    count: bool
    expand: str
    token: str


def read(call: Call) -> Options:
    """Raises GraphError for what is malformed, unknown, or cannot go together."""
    query = call.query
    refuse_unknown(query, KNOWN)
    _refuse_pairs(query)
    where = filters.parse(query["$filter"]) if "$filter" in query else None
    if where is not None:
        matching.check(where)
    order = read_order(query.get("$orderby", ""))
    if where is not None and order:
        _refuse_inefficient(where, order)
    return Options(
        select=read_select(call),
        where=where,
        order=order or NEWEST_FIRST,
        search=search.parse(query["$search"]) if "$search" in query else None,
        size=page_size(call),
        skip=number(query, "$skip", 0, low=0),
        count=query.get("$count", "").lower() == "true",
        expand=query.get("$expand", ""),
        token=query.get("$skiptoken", ""),
    )


def refuse_unknown(query: Collection[str], known: Collection[str]) -> None:
    """Options that begin with `$` are Graph's own; any other name is ignored, as the real one does."""
    for name in query:
        if name.startswith("$") and name not in known:
            raise errors.bad_request(f"The query parameter '{name[:80]}' is not supported.")


def read_select(call: Call) -> tuple[str, ...] | None:
    """Names in their own spelling; those that Mail.ReadBasic hides are refused."""
    text = call.query.get("$select", "").strip()
    if not text or text == "*":
        return None if not text else USUAL
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name.lower() not in NAMES:
            raise errors.bad_property(name)
    found = tuple(dict.fromkeys(NAMES[name.lower()] for name in names))
    if set(found) & NOT_BASIC and not call.scopes & {"mail.read", "mail.readwrite"}:
        raise errors.access_denied()
    return found


def page_size(call: Call, default: int = DEFAULT_PAGE) -> int:
    """The smaller of `$top` and `Prefer: odata.maxpagesize`."""
    top = number(call.query, "$top", 0, low=1, high=MAX_PAGE) if "$top" in call.query else 0
    preferred = call.prefer.page_size
    if preferred is not None:
        applied = f"odata.maxpagesize={preferred}"
        call.applied += [applied] if applied not in call.applied else []
    return min(top or MAX_PAGE, preferred or MAX_PAGE) if top or preferred else default


def read_order(text: str) -> tuple[Order, ...]:
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = re.fullmatch(r"([\w/]+)(?:\s+(asc|desc))?", part, re.IGNORECASE)
        if match is None:
            raise errors.bad_request(f"Syntax error at position 0 in '{part[:200]}'.")
        path = tuple(match[1].lower().split("/"))
        if path[0] not in NAMES:
            raise errors.bad_property(match[1])
        if path[0] in _UNSORTABLE:
            raise errors.bad_query(f"The property '{match[1]}' does not support sorting.")
        found.append(Order(path, (match[2] or "").lower() == "desc"))
    return tuple(found)


def _refuse_pairs(query: Collection[str]) -> None:
    if "$search" not in query:
        return
    for other, code in (
        ("$filter", "SearchWithFilter"),
        ("$orderby", "SearchWithOrderBy"),
        ("$skip", "SearchWithSkip"),
    ):
        if other in query:
            raise GraphError(400, code, f"The query parameter '{other}' is not supported with '$search'.")


def _refuse_inefficient(where: filters.Node, order: tuple[Order, ...]) -> None:
    """What is sorted by must be filtered on, first and in the same order
    (https://learn.microsoft.com/graph/api/user-list-messages).
    """
    filtered = list(dict.fromkeys(tuple(name.lower() for name in path) for path in filters.paths(where)))
    sorted_by = [each.path for each in order]
    if filtered[: len(sorted_by)] != sorted_by:
        raise GraphError(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.")


def number(query: dict[str, str], name: str, default: int, *, low: int, high: int | None = None) -> int:
    """An option that is a whole number. Raises GraphError."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > _MAX_DIGITS or int(text) < low:
        raise errors.bad_request(f"Invalid value '{text[:40]}' for {name} query option found.")
    if high is not None and int(text) > high:
        raise errors.bad_request(
            f"The limit of '{high}' for Top query has been exceeded. The value from the incoming request is '{text}'."
        )
    return int(text)
