"""The grammar of `q`, as https://support.google.com/mail/answer/7190 shows it by examples.

Terms stand side by side for AND; OR (or `|`) binds closer than that; `-` negates; parentheses group; braces
are an OR of what is in them; an operator before a group holds for every term of the group. Nothing is a
syntax error: Gmail reads on over stray signs, and so does this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OPERATORS = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "deliveredto", "list", "filename", "rfc822msgid"),
        *("label", "in", "is", "has", "category"),
        *("after", "before", "newer", "older", "newer_than", "older_than"),
        *("larger", "smaller", "size"),
    }
)
MAX_DEPTH = 50
_TOKEN = re.compile(
    rf"(?P<operator>(?:{'|'.join(sorted(OPERATORS, key=len, reverse=True))}):)|(?P<sign>[-+](?=\S))"
    r'|(?P<bracket>[(){}])|"(?P<phrase>[^"]*)"?|(?P<word>[^\s(){}"]+)',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """`operator` is "" for plain text; a `phrase` was in quotes."""

    operator: str
    value: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node = Term | And | Or | Not


def parse(text: str) -> Node:
    """An empty query is And(()), which everything fits."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [(str(found.lastgroup), found[found.lastgroup or 0]) for found in _TOKEN.finditer(text)]
        self._at = 0
        self._depth = 0

    def query(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._tokens):
            parts.extend(self._units("", closing=""))
            self._at += 1  # A bracket that closes nothing.
        return _joined(And, parts)

    def _units(self, operator: str, closing: str) -> list[Node]:
        """What stands side by side up to a closing bracket, which is left to the caller."""
        units: list[Node] = []
        alternative = False
        while self._at < len(self._tokens) and not self._closes():
            if self._skip("OR", "|"):
                alternative = bool(units)
                continue
            if self._skip("AND"):
                continue
            unit = self._unit(operator)
            if unit is None:
                continue
            units.append(_joined(Or, [units.pop(), unit]) if alternative else unit)
            alternative = False
        return units

    def _unit(self, operator: str) -> Node | None:
        kind, text = self._tokens[self._at]
        negated = False
        while kind == "sign":
            negated ^= text == "-"
            self._at += 1
            kind, text = self._tokens[self._at]
        if kind == "operator":
            operator = text[:-1].lower()
            self._at += 1
        if self._at == len(self._tokens) or self._closes():
            return None
        kind, text = self._tokens[self._at]
        self._at += 1
        found = self._group(text, operator) if kind == "bracket" else Term(operator, text, phrase=kind == "phrase")
        return Not(found) if negated and found is not None else found

    def _group(self, opening: str, operator: str) -> Node | None:
        if opening in ")}" or self._depth >= MAX_DEPTH:
            return None
        self._depth += 1
        units = self._units(operator, closing=")" if opening == "(" else "}")
        self._depth -= 1
        self._at += 1
        return _joined(And if opening == "(" else Or, units) if units else None

    def _closes(self) -> bool:
        kind, text = self._tokens[self._at]
        return kind == "bracket" and text in ")}"

    def _skip(self, *words: str) -> bool:
        found = self._tokens[self._at] in {("word", word) for word in words}
        self._at += found
        return found


def _joined(kind: type[And | Or], parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) and kind is Or else (part,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
