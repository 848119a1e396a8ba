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

The function must make the same query of the same kind of values, whatever they are: it is called with two sets of
stand-ins, and what is written for the one has to be what is asked with the other for values. What differs, asks the
database, looks into a stand-in, or does without one is refused (docs/adr/0009). Rows come as from any queryset, but
prefetch nothing, and know nothing of the row that they were asked for.
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
from django.utils import timezone

from crm.lib.tenancy import current_tenant_id, is_system_scope, standing_in

P = ParamSpec("P")
R = TypeVar("R")

#: Stand-ins for ids count from here: no id gets so far before a bigint ends.
FIRST: Final = 9_100_000_000_000_000_000
#: And then from here, for any value will do: small ones, since of an integer's column Django knows what it cannot be.
SECOND: Final = 10_000
TENANT: Final = 99
LARGEST: Final = 2**63 - 1
_MARK: Final = re.compile(rf"({str(FIRST)[:-2]}\d\d)")
#: Nobody's time zones: a query that depends on the reader's differs.
_ZONES: Final = {FIRST: timezone.get_fixed_timezone(61), SECOND: timezone.get_fixed_timezone(-61)}
UNSEEN: Final = "A query that is compiled may ask nothing while it is made, nor look into its values."
#: Questions that one function may ask: more of them, and what is given by name should be given by place.
MOST_SHAPES: Final = 256


class Compiled(Generic[P, R]):
    """A function that answers the rows of the query that ``build`` makes.

    Raises ``TypeError`` for values that are not what ``build`` says, None and rows without an id among them.
    """

    def __init__(self, build: Callable[P, QuerySet[Any, R]]) -> None:
        self._build = build
        self._statements: dict[Hashable, _Statement | _Nothing] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        values = [kind.plain(value) for kind, value in zip(self._kinds, args, strict=True)]
        shape = (is_system_scope(), *sorted(kwargs.items()))
        statement = self._statements.get(shape)
        if statement is None:
            if len(self._statements) >= MOST_SHAPES:
                self._statements.clear()
            statement = self._statements[shape] = self._compile(kwargs)
        return statement.rows(values)

    @cached_property
    def _kinds(self) -> list[_Kind]:
        parameters = inspect.signature(self._build, eval_str=True).parameters.values()
        return [_Kind.of(one) for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]

    def _compile(self, named: dict[str, Any]) -> _Statement | _Nothing:
        if any(isinstance(value, Model) for value in named.values()):
            raise TypeError("Rows are equal where their ids are: give them by place, and by name what matters of them.")
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(_refuse):
            first, second = self._written(FIRST, named), self._written(SECOND, named)
        if first is not None and second is not None:
            marks, others = ([one.mark(base, number) for number, one in enumerate(self._kinds)] for base in _ZONES)
            statement = _Statement.of(first, marks)
            with standing_in(SECOND + TENANT):
                is_same = statement.bound(others) == second.written
            if is_same:
                return statement
        elif first is None and second is None:
            return _Nothing()
        raise TypeError(f"{self._build.__qualname__} makes another query each time, or for other values.")

    def _written(self, base: int, named: dict[str, Any]) -> _Compiler | None:
        """The query for one set of stand-ins; None where Django sees that nothing could be found."""
        stand_ins: list[Any] = [one.stand_in(base, number) for number, one in enumerate(self._kinds)]
        with standing_in(base + TENANT), timezone.override(_ZONES[base]):
            try:
                return _Compiler.of(self._build(*stand_ins, **named))
            except EmptyResultSet:
                return None


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
        # It is of the thread that compiles, and would stay open; who asks brings their own.
        del made.connection
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
    def of(cls, compiler: _Compiler, marks: Sequence[Any]) -> _Statement:
        model = cast("type[Model]", compiler.query.model)
        sql, parameters = compiler.written
        texts = _MARK.split(sql)
        between = [int(mark) - FIRST for mark in texts[1::2]]
        places = [(place, number) for place, one in enumerate(parameters) for number in _numbers_of(one, marks)]
        missing = set(range(len(marks))) - {number for _, number in places} - set(between)
        if missing:
            raise TypeError(f"A value is not asked for: the query does without number {min(missing)}, or changes it.")
        return cls(model, compiler, texts[::2], between, places, parameters)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.written = self.bound(values)
        return list(compiler.iterable(_Asked(self.model, compiler)))

    def bound(self, values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        """The SQL and its parameters for these values."""
        words = (_digits(_value(values, number)) for number in self.between)
        parameters = list(self.parameters)
        for place, number in self.places:
            parameters[place] = _value(values, number)
        return "".join(chain.from_iterable(zip_longest(self.texts, words, fillvalue=""))), tuple(parameters)


class _Nothing:
    """Django sees that nothing could be found, and writes nothing."""

    def rows(self, _given: Sequence[Any]) -> list[Any]:
        return []


@dataclass(frozen=True)
class _Kind:
    """What is given in one place: one of a type, or a collection of them."""

    type: type
    is_many: bool

    @classmethod
    def of(cls, parameter: inspect.Parameter) -> _Kind:
        given = parameter.annotation
        is_many = isinstance(origin := get_origin(given), type) and issubclass(origin, Collection)
        found = get_args(given)[0] if is_many else given
        is_value = inspect.isclass(found) and issubclass(found, int | str | datetime | Model)
        if not is_value or found is bool or parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            raise TypeError(f"{parameter} is no value of a query: give it by name.")
        return cls(found, is_many)

    def plain(self, value: Any) -> Any:
        """The value as a parameter."""
        if not self.is_many:
            return self._plain(value)
        if isinstance(value, str):
            raise TypeError("A text is given where the query wants a collection.")
        return [self._plain(one) for one in value]

    def _plain(self, value: Any) -> Any:
        if not isinstance(value, self.type) or isinstance(value, bool):
            raise TypeError(f"A {type(value).__name__} is given where the query wants a {self.type.__name__}.")
        if isinstance(value, Model):
            if value.pk is None:
                raise TypeError(f"This {self.type.__name__} has no id to ask by.")
            return value.pk
        # Of more than a bigint, PostgreSQL would make numerics of all ids, and use no index.
        return min(max(int(value), -LARGEST), LARGEST) if isinstance(value, int) else value

    def mark(self, base: int, number: int) -> Any:
        """What stands for the value among the parameters."""
        one = self._mark(base, number)
        return [one] if self.is_many else one

    def _mark(self, base: int, number: int) -> Any:
        if issubclass(self.type, str):
            return f"\x02{base} {number}\x03"
        if issubclass(self.type, datetime):
            return datetime(9000 if base == FIRST else 1000, 1, 1, microsecond=number, tzinfo=UTC)
        return base + number

    def stand_in(self, base: int, number: int) -> Any:
        """What stands for the value while the query is made."""
        one = self._mark(base, number)
        if issubclass(self.type, Model):
            # All but the id is deferred: who looks at it asks the database, and is refused.
            one = self.type.from_db(None, [self.type._meta.pk.attname], [one])
        return _Some([one]) if self.is_many else one


class _Some(list[Any]):
    """A collection of which nobody knows whether it is empty."""

    def __bool__(self) -> bool:
        raise TypeError(UNSEEN)


def _refuse(*_: Any) -> NoReturn:
    raise TypeError(UNSEEN)


def _numbers_of(parameter: Any, marks: Sequence[Any]) -> list[int]:
    if parameter == FIRST + TENANT:
        return [TENANT]
    return [number for number, mark in enumerate(marks) if type(mark) is type(parameter) and mark == parameter]


def _value(values: Sequence[Any], number: int) -> Any:
    return current_tenant_id() if number == TENANT else values[number]


def _digits(value: Any) -> str:
    """As it stands in the text of a query: numbers and nothing else, wherever they come from."""
    return str(int(value)) if isinstance(value, int) else ",".join(str(int(one)) for one in value)
