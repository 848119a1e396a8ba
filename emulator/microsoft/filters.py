"""`$filter` read into a small tree (OData 4.01 part 2, section 5.1.1, as far as Outlook goes)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from emulator.clock import parse_moment
from emulator.microsoft import errors

Value = str | int | bool | None
Path = tuple[str, ...]

OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS = frozenset({"startswith", "contains", "endswith"})
MAX_DEPTH = 50
_MAX_DIGITS = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<text>(?:[\w.]+)?'(?:[^']|'')*')"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_@][\w.@]*(?:/[A-Za-z_@][\w.@]*)*)"
    r"|(?P<mark>[(),:]))"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time literal in epoch ms."""

    ms: int


Literals = Value | Moment


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    operator: str
    value: Literals


@dataclass(frozen=True, slots=True)
class Function:
    """`startswith`, `contains` or `endswith` of a text."""

    name: str
    path: Path
    value: str


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Node, ...]
    kind: Literal["and", "or"]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Some:
    """`path/any(variable:part)`, or `all`; inside, paths begin with the variable. Part None asks for any
    member.
    """

    path: Path
    variable: str
    part: Node | None
    every: bool


Node = Compare | Function | Both | Not | Some


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Raises GraphError: 400 with the place of the mistake."""
    return _Parser(text).whole()


def paths(node: Node) -> Iterator[Path]:
    """The properties that are named, in the order of the text."""
    match node:
        case Both(parts=parts):
            for part in parts:
                yield from paths(part)
        case Not(part=part):
            yield from paths(part)
        case _:
            yield node.path


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._scan())
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if self._next < len(self._tokens):
            raise self._error()
        return node

    def _scan(self) -> Iterator[_Token]:
        at = 0
        while self._text[at:].strip():
            match = _TOKEN.match(self._text, at)
            if match is None or match.lastgroup is None:
                raise errors.bad_request(f"Syntax error at position {at} in '{self._text[:200]}'.")
            yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            at = match.end()

    def _either(self) -> Node:
        return self._joined("or", lambda: self._joined("and", self._negated))

    def _joined(self, word: Literal["and", "or"], part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._word(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Both(tuple(parts), word)

    def _negated(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise errors.bad_request("The node count limit of the query has been exceeded.")
        try:
            return Not(self._negated()) if self._word("not") else self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Node:
        if self._mark("("):
            node = self._either()
            self._want(")")
            return node
        name = self._take("name")
        if name.lower() in FUNCTIONS:
            return self._function(name.lower())
        path = tuple(name.split("/"))
        if path[-1].lower() in {"any", "all"} and len(path) > 1 and self._mark("("):
            return self._some(path)
        operator = self._take("name").lower()
        if operator == "in":
            return self._among(path)
        if operator not in OPERATORS:
            raise self._error(back=1)
        return Compare(path, operator, self._value())

    def _function(self, name: str) -> Node:
        self._want("(")
        path = tuple(self._take("name").split("/"))
        self._want(",")
        value = self._value()
        self._want(")")
        # `contains(subject,'x') eq true` is usual in generated queries and says no more.
        if self._word("eq") and self._value() is not True:
            raise self._error(back=1)
        if not isinstance(value, str):
            raise errors.bad_request(
                f"No function signature for the function with name '{name}' matches the arguments."
            )
        return Function(name, path, value)

    def _some(self, path: Path) -> Node:
        every = path[-1].lower() == "all"
        if self._mark(")"):
            return Some(path[:-1], "", None, every)
        variable = self._take("name")
        self._want(":")
        part = self._either()
        self._want(")")
        return Some(path[:-1], variable, part, every)

    def _among(self, path: Path) -> Node:
        self._want("(")
        values = [self._value()]
        while self._mark(","):
            values.append(self._value())
        self._want(")")
        return Both(tuple(Compare(path, "eq", value) for value in values), "or")

    def _value(self) -> Literals:
        if self._next >= len(self._tokens):
            raise self._error()
        token = self._tokens[self._next]
        self._next += 1
        match token.kind:
            case "text":
                return token.text[token.text.index("'") + 1 : -1].replace("''", "'")
            case "moment":
                return Moment(_moment(token.text))
            case "number" if len(token.text) <= _MAX_DIGITS:
                return int(token.text.partition(".")[0])
            case "name" if token.text in {"true", "false", "null"}:
                return {"true": True, "false": False, "null": None}[token.text]
        raise self._error(back=1)

    def _word(self, word: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next].kind == "name"
        if found and self._tokens[self._next].text.lower() == word:
            self._next += 1
            return True
        return False

    def _mark(self, mark: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next] == _Token(
            "mark", mark, self._tokens[self._next].at
        ):
            self._next += 1
            return True
        return False

    def _want(self, mark: str) -> None:
        if not self._mark(mark):
            raise self._error()

    def _take(self, kind: str) -> str:
        if self._next >= len(self._tokens) or self._tokens[self._next].kind != kind:
            raise self._error()
        self._next += 1
        return self._tokens[self._next - 1].text

    def _error(self, back: int = 0) -> errors.GraphError:
        at = self._next - back
        position = self._tokens[at].at if at < len(self._tokens) else len(self._text)
        return errors.bad_request(
            f"Invalid filter clause: syntax error at position {position} in '{self._text[:200]}'."
        )


def _moment(text: str) -> int:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise errors.bad_request(f"The literal '{text}' is not a valid DateTimeOffset.") from error
