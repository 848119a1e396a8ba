"""What a list of contacts is narrowed down by: in the page's URL, in a saved filter, in the API. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import urlencode

#: As an owner: contacts that nobody owns.
NOBODY = 0
LONGEST_TEXT = 200
LARGEST_ID = 2**63 - 1
MOST_TAGS = 20

#: What a list can be sorted by -> the columns of `contacts.models.Contact`.
SORTS: dict[str, tuple[str, ...]] = {
    "name": ("sort_name",),
    "-name": ("-sort_name",),
    "company": ("company_key", "sort_name"),
    "-company": ("-company_key", "-sort_name"),
    "created": ("created_at",),
    "-created": ("-created_at",),
    "updated": ("updated_at",),
    "-updated": ("-updated_at",),
}
DEFAULT_SORT = "name"


class InvalidCriteria(ValueError):
    """Some of the criteria cannot be read. ``problems``: parameter -> sentence; ``readable``: all the others."""

    def __init__(self, problems: dict[str, str], readable: Criteria) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems
        self.readable = readable


@dataclass(frozen=True)
class Criteria:
    """Contacts that meet all of these; what is None or empty asks nothing. Days are whole days, both included.

    ``tags`` are ids, all of which must be there. ``owner`` is a membership's id, or `NOBODY`.
    ``updated_since`` is an instant, for programs that fetch what has changed.
    """

    q: str = ""
    tags: tuple[int, ...] = ()
    owner: int | None = None
    company: str = ""
    address: str = ""
    has_email: bool | None = None
    created_from: date | None = None
    created_until: date | None = None
    updated_from: date | None = None
    updated_until: date | None = None
    updated_since: datetime | None = None

    def __bool__(self) -> bool:
        return self != Criteria()

    def without(self, name: str, value: int | None = None) -> Criteria:
        """Without one criterion; of ``tags`` without the one that has the id ``value``."""
        if name == "tags" and value is not None:
            return replace(self, tags=tuple(tag for tag in self.tags if tag != value))
        return replace(self, **{name: getattr(Criteria(), name)})

    def but(self, **changes: Any) -> Criteria:
        """The same with other values for some fields."""
        return replace(self, **changes)

    # --- In a URL -------------------------------------------------------------------------------

    def to_pairs(self) -> list[tuple[str, str]]:
        """The parameters of a URL, in a stable order; ``tag`` once for each."""
        return [
            (PARAMETERS.get(name, name), text) for name, value in self.to_json().items() for text in _texts_of(value)
        ]

    def to_query(self) -> str:
        """``q=lyon&tag=3&tag=5``"""
        return urlencode(self.to_pairs())

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]]) -> Self:
        """Reads the parameters of a URL, each with all of its values; leaves unknown ones alone.

        Raises `InvalidCriteria`.
        """
        given: dict[str, Any] = {}
        for field in fields(cls):
            values = [value for value in query.get(PARAMETERS.get(field.name, field.name), ()) if value.strip()]
            if values:
                given[field.name] = values if field.name == "tags" else values[-1]
        return cls.from_json(given)

    # --- In a saved filter ----------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """The criteria that ask something, as JSON values: ``{"q": "lyon", "tags": [3, 5]}``."""
        return {
            field.name: _json_of(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Reads what `to_json` wrote, or the same with texts for numbers, dates and truth. Raises `InvalidCriteria`."""
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name in values.keys() & READERS.keys():
            try:
                found[name] = READERS[name](values[name])
            except (ValueError, TypeError, LookupError):
                problems[PARAMETERS.get(name, name)] = _problem(name, values[name])
        criteria = cls(**found)
        if problems:
            raise InvalidCriteria(problems, criteria)
        return criteria


@dataclass(frozen=True)
class Selection:
    """Some contacts to do something with: those ticked, or all that meet the criteria."""

    ids: tuple[int, ...] = ()
    criteria: Criteria | None = None


#: Names in URLs that differ from the field's.
PARAMETERS = {"tags": "tag"}


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\x00" in value:
        raise ValueError
    value.encode()
    return value.strip()


def _id(value: object) -> int:
    number = int(str(value))
    if not 0 <= number <= LARGEST_ID:
        raise ValueError
    return number


def _ids(value: object) -> tuple[int, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError
    numbers = tuple(dict.fromkeys(_id(item) for item in value))
    if len(numbers) > MOST_TAGS:
        raise ValueError
    return numbers


def _truth(value: object) -> bool:
    return {"yes": True, "no": False, "true": True, "false": False}[str(value).lower()]


def _day(value: object) -> date:
    return date.fromisoformat(str(value))


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError
    return instant


READERS: dict[str, Callable[[object], object]] = {
    "q": _text,
    "tags": _ids,
    "owner": _id,
    "company": _text,
    "address": _text,
    "has_email": _truth,
    "created_from": _day,
    "created_until": _day,
    "updated_from": _day,
    "updated_until": _day,
    "updated_since": _instant,
}
EXPECTED: dict[Callable[[object], object], str] = {
    _text: f"write a text of at most {LONGEST_TEXT} characters",
    _ids: f"name at most {MOST_TAGS} tags by their numbers",
    _id: "write a member's number, or 0 for nobody",
    _truth: "write yes or no",
    _day: "write a day like 2026-03-31",
    _instant: "write a time with its zone, like 2026-03-31T14:30:00Z",
}


def _problem(name: str, value: object) -> str:
    return f"{PARAMETERS.get(name, name)} is {str(value)[:60]!r}: {EXPECTED[READERS[name]]}."


def _json_of(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _texts_of(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(value)]
