"""Keyset pagination: a page begins after a row, not after a number of rows.

So a page costs the same at the end of a list as at its beginning, and rows that come or go in between
shift nothing. Made for indexes: where all columns go in one direction, PostgreSQL compares whole rows
``(sent_at, id) < (x, y)`` and starts at the right entry of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from crm.lib.tenancy import tenant_scope

T = TypeVar("T")
U = TypeVar("U")
M = TypeVar("M", bound=Model)


class BadCursor(ValueError):
    """The cursor was not made by us, or for another order; the message tells the reader what to do."""

    def __init__(self) -> None:
        super().__init__("This cursor belongs to another list or order: leave it out to begin at the first page.")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, with the cursors of the pages around it; None where there is none."""

    items: list[T]
    next: str | None
    previous: str | None

    def of(self, items: list[U]) -> Page[U]:
        """The same page, of what was made of its rows."""
        return Page(items, self.next, self.previous)


def in_batches(
    tenant_id: int, rows: Callable[[], QuerySet[M]], *, order: Sequence[str], size: int = 500
) -> Iterator[list[M]]:
    """All rows of a tenant in constant memory, for an answer that is streamed: each batch has a scope of its own.

    Such an answer is written after its request's scope has ended, and to a slow reader takes minutes: no
    transaction may wait for that. ``rows`` is called inside of each scope; ``order`` is as in `keyset_page`, by columns
    that do not change meanwhile.
    """
    cursor: str | None = None
    while True:
        with tenant_scope(tenant_id):
            page = keyset_page(rows(), order=order, cursor=cursor, limit=size)
        if page.items:
            yield page.items
        cursor = page.next
        if cursor is None:
            return


@dataclass(frozen=True)
class _Column:
    """One column of an order: ``-sent_at`` is (``sent_at``, descending)."""

    path: str
    descending: bool

    @classmethod
    def read(cls, text: str) -> _Column:
        return cls(text.removeprefix("-"), text.startswith("-"))

    def reversed(self) -> _Column:
        return _Column(self.path, not self.descending)

    def beyond(self, value: object) -> Q:
        return Q((f"{self.path}__{'lt' if self.descending else 'gt'}", value))


@dataclass(frozen=True)
class _Place:
    """What a cursor says: the sort values of a row, and on which side of it the page lies."""

    values: tuple[str, ...]
    backward: bool


#: Before the first row.
_START = _Place((), backward=False)


def keyset_page(queryset: QuerySet[M], *, order: Sequence[str], cursor: str | None = None, limit: int = 50) -> Page[M]:
    """The page that ``cursor`` points to, of at most ``limit`` rows; the first without a cursor.

    ``order`` names fields that are never null, each descending with a ``-`` in front, through foreign keys
    with ``__``; the id is added as the tie-break, in the direction of the last one. Costs one query.
    Raises `BadCursor` for a cursor that was made up, or made for another order.
    """
    walk, values = walk_of(queryset.model, order=order, cursor=cursor, limit=limit)
    return walk.page(list(walk.along(queryset, *values)))


@dataclass(frozen=True)
class Walk:
    """How a page walks along an order, from the beginning or beyond a row: for who asks for its rows by `compiled`."""

    columns: tuple[_Column, ...]
    limit: int
    is_first: bool
    backward: bool

    def along(self, rows: QuerySet[M], *beyond: Any) -> QuerySet[M]:
        """Those of the page, and one more where there are more; ``beyond`` are the values of `walk_of`."""
        columns = [column.reversed() for column in self.columns] if self.backward else self.columns
        found = rows.filter(_beyond(columns, beyond)) if beyond else rows
        return found.order_by(*_order_by(columns))[: self.limit + 1]

    def page(self, found: Sequence[M]) -> Page[M]:
        """The page that they are."""
        more, rows = len(found) > self.limit, list(found[: self.limit])
        if self.backward:
            rows.reverse()
        has_next, has_previous = (True, more) if self.backward else (more, not self.is_first)
        return Page(
            items=rows,
            next=_cursor_at(rows[-1], self.columns, backward=False) if rows and has_next else None,
            previous=_cursor_at(rows[0], self.columns, backward=True) if rows and has_previous else None,
        )


def walk_of(model: type[Model], *, order: Sequence[str], cursor: str | None, limit: int) -> tuple[Walk, list[Any]]:
    """The walk of `keyset_page`, and the values beyond which it begins, a column of the order each."""
    columns = _with_tie_break([_Column.read(text) for text in order])
    place = _read_cursor(cursor, columns) if cursor else _START
    walk = Walk(tuple(columns), limit, is_first=not place.values, backward=place.backward)
    return walk, _values_of(place, columns, model) if place.values else []


def _with_tie_break(columns: list[_Column]) -> list[_Column]:
    if columns[-1].path == "id":
        return columns
    return [*columns, _Column("id", columns[-1].descending)]


def _order_by(columns: Iterable[_Column]) -> list[str]:
    return [f"-{column.path}" if column.descending else column.path for column in columns]


def _beyond(columns: Sequence[_Column], values: Sequence[object]) -> Q:
    """The rows that come after ``values`` in the order of ``columns``."""
    if len({column.descending for column in columns}) == 1:
        compare = TupleLessThan if columns[0].descending else TupleGreaterThan
        return Q(compare(Tuple(*(F(column.path) for column in columns)), tuple(values)))
    # No row comparison says "a up, b down": spell it out, with a bound on the first column for the index.
    head, *tail = columns
    rest = Q((head.path, values[0])) & _beyond(tail, values[1:])
    bound = Q((f"{head.path}__{'lte' if head.descending else 'gte'}", values[0]))
    return bound & (head.beyond(values[0]) | rest)


# --- Cursors ------------------------------------------------------------------------------------
# Signed, so that whatever stands in one was once a value of ours: no need to fear odd types, lengths or NULs.


def _signer(columns: Sequence[_Column]) -> signing.Signer:
    return signing.Signer(salt=f"crm.lib.pagination:{','.join(_order_by(columns))}")


def _cursor_at(row: Model, columns: Sequence[_Column], *, backward: bool) -> str:
    values = [_text_of(row, column.path) for column in columns]
    return _signer(columns).sign_object([int(backward), *values], compress=True)


def _read_cursor(cursor: str, columns: Sequence[_Column]) -> _Place:
    try:
        backward, *values = _signer(columns).unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise BadCursor from error
    return _Place(tuple(values), bool(backward))


def _text_of(row: Model, path: str) -> str:
    *way, name = path.split("__")
    for step in way:
        row = getattr(row, step)
    field = cast("Field[Any, Any]", row._meta.get_field(name))
    if field.value_from_object(row) is None:
        raise ValueError(f"{path} is null in row {row.pk}: order by columns that are never null.")
    return str(field.value_to_string(row))


def _values_of(place: _Place, columns: Sequence[_Column], model: type[Model]) -> list[Any]:
    fields = [_field_at(model, column.path) for column in columns]
    try:
        return [field.to_python(text) for field, text in zip(fields, place.values, strict=True)]
    except (ValidationError, ValueError) as error:
        raise BadCursor from error


def _field_at(model: type[Model], path: str) -> Field[Any, Any]:
    *way, name = path.split("__")
    for step in way:
        model = cast("type[Model]", model._meta.get_field(step).related_model)
    return cast("Field[Any, Any]", model._meta.get_field(name))
