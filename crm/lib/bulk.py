"""Many rows at once, past the ORM. They are written by ``INSERT … SELECT … FROM unnest(…)``, an array a column.

Several times as fast as the ORM's ``bulk_create``, and one short statement whatever the number of rows. Rows of a
`TenantModel` go in with the tenant in scope; defaults that Django keeps in Python have to be given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL
from psycopg2.sql import SQL, Composable, Identifier

from crm.lib.tenancy import current_tenant_id

#: Between the texts of a list on their way into an array column; `joined` keeps it out of them.
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``type`` is what PostgreSQL is given, ``expression`` what becomes of it, ``{}`` being the value."""

    name: str
    type: str = "text"
    expression: str = "{}"


def text_array(name: str) -> Column:
    """A column of lists of texts: give it what `joined` makes."""
    return Column(name, expression="string_to_array({}, E'\\x1f')")


def joined(texts: Iterable[str]) -> str:
    """A list of texts for a `text_array`."""
    return SEPARATOR.join(text.replace(SEPARATOR, " ") for text in texts)


def rows(statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    """What a SELECT answers. Row-level security holds, here as everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(statement: str, parameters: Any) -> int:
    """Runs a statement and answers how many rows it concerned."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        number: int = cursor.rowcount
    return number


def among(texts: Collection[str]) -> RawSQL:
    """For ``field__in``: one parameter, however many texts they are; the ORM writes down each of a list.

    PostgreSQL knows how many there are, and looks each of them up in the index where they are few.
    """
    return RawSQL("SELECT unnest(%s::text[])", [sorted(texts)])


def text_list(texts: Collection[str]) -> RawSQL:
    """For ``field__overlap`` and its like: the texts as one parameter, an array."""
    return RawSQL("%s::varchar[]", [sorted(texts)])


def is_among(column: str, ids: Collection[int]) -> Q:
    """That the column has one of these ids: one value to write down and to read, however many they are."""
    listed = ",".join(map(str, map(int, ids)))
    return Q(Func(F(column), template=f"%(expressions)s = ANY ('{{{listed}}}'::bigint[])", output_field=BooleanField()))


def insert(
    table: str,
    columns: Sequence[Column],
    values: Sequence[Sequence[Any]],
    *,
    conflict: Sequence[str],
    update: str = "",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Inserts rows of ``values`` in the order of ``conflict``, the columns of a unique key after the tenant's.

    In this order two workers that write the same rows wait for each other, and never in a circle. A row that is
    there already stays as it is, or becomes what ``update`` says (``SET …``, SQL of our own). Answers ``returning`` of
    the rows that were written.
    """
    if not values:
        return []
    places = [number for name in conflict for number, column in enumerate(columns) if column.name == name]
    in_order = sorted(values, key=lambda row: [row[place] for place in places])
    statement = _insertion(table, columns, conflict, update, returning)
    with connection.cursor() as cursor:
        cursor.execute(statement, [current_tenant_id(), *_turned(columns, in_order)])
        return cursor.fetchall() if returning else []


def _insertion(
    table: str, columns: Sequence[Column], conflict: Sequence[str], update: str, returning: Sequence[str]
) -> Composable:
    names = [Identifier(column.name) for column in columns]
    values = [SQL(column.expression.format(f'"{column.name}"')) for column in columns]  # Names and SQL of our own.
    statement = SQL(
        "INSERT INTO {table} (tenant_id, {names}) SELECT %s, {values} FROM unnest({arrays}) AS given ({names}) "
        "ON CONFLICT (tenant_id, {conflict}) DO {action}"
    ).format(
        table=Identifier(table),
        names=SQL(", ").join(names),
        values=SQL(", ").join(values),
        arrays=SQL(", ").join(SQL(f"%s::{column.type}[]") for column in columns),
        conflict=SQL(", ").join(map(Identifier, conflict)),
        action=SQL(f"UPDATE {update}" if update else "NOTHING"),
    )
    if returning:
        statement += SQL(" RETURNING {}").format(SQL(", ").join(map(Identifier, returning)))
    return statement


def _turned(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [list(values) for values in zip(*rows, strict=True)]
