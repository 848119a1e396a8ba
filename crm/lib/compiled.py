"""Queries that Django writes down once, and that are asked with other values from then on.

To build a query and to write its SQL costs the ORM one to four milliseconds, several times what PostgreSQL takes to
answer it, and a page asks two dozen. What differs from one time to the next is mostly values::

    @compiled
    def own_doors(member: Membership, kinds: Collection[str], *, newest_first: bool) -> QuerySet[Door]:
        return Door.objects.filter(member=member, kind__in=among(kinds)).order_by("-pk" if newest_first else "pk")

    own_doors(bob, ["gmail"], newest_first=True)  # A list of doors.

What is given by place is a value: of an id, a text, a time, a row (of which only the id is known), or a collection of
ids or texts for `crm.lib.bulk`. What is given by name is part of the question: each gets SQL of its own. The tenant is
always a value, and the one in scope is asked for.

The function must make the same query of the same: it is called with stand-ins, twice, and what differs, asks the
database, looks into a stand-in, or does without one is refused (docs/adr/0009). Rows come as from any queryset, but
prefetch nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, update_wrapper
from itertools import chain, zip_longest
from typing import Any, ClassVar, Final, Generic, NoReturn, ParamSpec, TypeVar, cast, get_args, get_origin

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from crm.lib.tenancy import current_tenant_id, is_system_scope, standing_in

P = ParamSpec("P")
R = TypeVar("R")

#: Stand-ins for ids count from here: no id gets so far before a bigint ends.
FIRST: Final = 9_100_000_000_000_000_000
TENANT: Final = 99
_MARK: Final = re.compile(rf"({str(FIRST)[:-2]}\d\d)")
#: Questions that one function may ask: more of them, and what is given by name should be given by place.
MOST_SHAPES: Final = 256


class Compiled(Generic[P, R]):
    """A function that answers the rows of the query that ``build`` makes."""

    def __init__(self, build: Callable[P, QuerySet[Any, R]]) -> None:
        self._build = build
        self._statements: dict[Hashable, _Statement | _Nothing] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        shape = (is_system_scope(), *sorted(kwargs.items()))
        statement = self._statements.get(shape)
        if statement is None:
            if len(self._statements) >= MOST_SHAPES:
                self._statements.clear()
            statement = self._statements[shape] = self._compile(kwargs)
        return statement.rows(args)

    @cached_property
    def _stand_ins(self) -> list[Any]:
        parameters = inspect.signature(self._build, eval_str=True).parameters.values()
        by_place = [one.annotation for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
        return [_stand_in(kind, number) for number, kind in enumerate(by_place)]

    def _compile(self, named: dict[str, Any]) -> _Statement | _Nothing:
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(_refuse), standing_in(FIRST + TENANT):
            try:
                first, second = (_Compiler.of(self._build(*self._stand_ins, **named)) for _ in range(2))
            except EmptyResultSet:
                return _Nothing()
            if first.written != second.written:
                raise TypeError(f"{self._build.__qualname__} makes another query each time.")
            return _Statement.of(first, self._stand_ins)


def compiled(build: Callable[P, QuerySet[Any, R]]) -> Compiled[P, R]:
    """For a function that makes a query: the function that asks it."""
    return Compiled(build)


class _Compiler(SQLCompiler):
    """A compiler of Django's that keeps what it has written, or is given."""

    written: tuple[str, tuple[Any, ...]] = "", ()
    iterable: Any

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> _Compiler:
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # Django's own.
            raise TypeError("What is prefetched is asked by queries of their own: compile those.")
        made = cls(queryset.query, connections[DEFAULT_DB_ALIAS], DEFAULT_DB_ALIAS)
        made.iterable = queryset._iterable_class
        made.written = made.as_sql()
        return made

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> tuple[str, tuple[Any, ...]]:
        if self.written[0]:
            return self.written
        sql, parameters = super().as_sql(with_limits, with_col_aliases)
        return sql, tuple(parameters)


@dataclass
class _Asked:
    """As much of a queryset, and of its query, as Django wants that makes rows of an answer."""

    model: type[Model]
    compiler: _Compiler
    db: str = DEFAULT_DB_ALIAS
    _known_related_objects: ClassVar[dict[Any, Any]] = {}

    @property
    def query(self) -> _Asked:
        return self

    def get_compiler(self, *_: Any, **__: Any) -> _Compiler:
        return self.compiler


@dataclass(frozen=True)
class _Statement:
    """SQL with the places of the values, by their numbers: ``between`` the texts, since ids stand in the text, too, and
    among the parameters.
    """

    model: type[Model]
    compiler: _Compiler
    texts: Sequence[str]
    between: Sequence[int]
    places: Sequence[tuple[int, int]]
    parameters: Sequence[Any]

    @classmethod
    def of(cls, compiler: _Compiler, stand_ins: Sequence[Any]) -> _Statement:
        model = cast("type[Model]", compiler.query.model)
        sql, parameters = compiler.written
        texts = _MARK.split(sql)
        between = [int(mark) - FIRST for mark in texts[1::2]]
        marks = [one.pk if isinstance(one, Model) else one for one in stand_ins]
        places = [(place, number) for place, one in enumerate(parameters) for number in _numbers_of(one, marks)]
        missing = set(range(len(marks))) - {number for _, number in places} - set(between)
        if missing:
            raise TypeError(f"A value is not asked for: the query does without number {min(missing)}, or changes it.")
        return cls(model, compiler, texts[::2], between, places, parameters)

    def rows(self, given: Sequence[Any]) -> list[Any]:
        values = [one.pk if isinstance(one, Model) else one for one in given]
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.written = self._sql(values), self._parameters(values)
        return list(compiler.iterable(_Asked(self.model, compiler)))

    def _sql(self, values: Sequence[Any]) -> str:
        words = (_digits(_value(values, number)) for number in self.between)
        return "".join(chain.from_iterable(zip_longest(self.texts, words, fillvalue="")))

    def _parameters(self, values: Sequence[Any]) -> tuple[Any, ...]:
        bound = list(self.parameters)
        for place, number in self.places:
            value = _value(values, number)
            bound[place] = list(value) if isinstance(bound[place], list) else value
        return tuple(bound)


class _Nothing:
    """Django sees that nothing could be found, and writes nothing."""

    def rows(self, _given: Sequence[Any]) -> list[Any]:
        return []


def _stand_in(kind: Any, number: int) -> Any:
    if inspect.isclass(kind) and issubclass(kind, Model):
        # All but the id is deferred: who looks at it asks the database, and is refused.
        return kind.from_db(None, [kind._meta.pk.attname], [FIRST + number])
    if kind is int:
        return FIRST + number
    if kind is str:
        return f"\x02{number}\x03"
    if kind is datetime:
        return datetime(9000, 1, 1, microsecond=number, tzinfo=UTC)
    if isinstance(origin := get_origin(kind), type) and issubclass(origin, Collection):
        return [_stand_in(get_args(kind)[0], number)]
    raise TypeError(f"{kind!r} is no value of a query: give it by name.")


def _refuse(*_: Any) -> NoReturn:
    raise TypeError("A query that is compiled may ask nothing while it is made, nor look into its values.")


def _numbers_of(parameter: Any, marks: Sequence[Any]) -> list[int]:
    if parameter == FIRST + TENANT:
        return [TENANT]
    return [number for number, mark in enumerate(marks) if type(mark) is type(parameter) and mark == parameter]


def _value(values: Sequence[Any], number: int) -> Any:
    return current_tenant_id() if number == TENANT else values[number]


def _digits(value: Any) -> str:
    """As it stands in the text of a query: numbers and nothing else, wherever they come from."""
    return str(int(value)) if isinstance(value, int) else ",".join(str(int(one)) for one in value)
