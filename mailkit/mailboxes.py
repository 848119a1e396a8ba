"""Lists of addresses taken apart (RFC 5322, section 3.4), as mail has them: rarely quite by the rules.

One pass over tokens, each of a bounded length, so that the time is linear whatever comes. An address is taken only
where it stands as one word; it is never put together from pieces, so damage can lose one but never make one up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from mailkit.addresses import InvalidAddress, normalise

MOST = 10_000
#: Elements that are looked at, addresses or not; and words in one of them.
MOST_ELEMENTS = 20_000
MOST_WORDS = 100
#: In one name without quotes.
MOST_COMMAS = 5
#: In characters: 10,000 of the longest addresses there are in practice.
LONGEST = 1_000_000

_TOKEN = re.compile(
    r"""
      (?P<encoded> =\?[^?\s]{1,80}\?[bBqQ]\?[^?\s]{0,1000}\?= )
    | (?P<quoted>  " (?: [^"\\] | \\. ){0,1000} " )
    | (?P<comment> \( [^()]{0,1000} \) )
    | (?P<angle>   < [^<>]{0,1000} > )
    | (?P<open>    < )
    | (?P<mark>    [,;] (?: \s* [,;] )* )
    | (?P<colon>   : )
    | (?P<text>    (?: [^"(<,;:=\\] | \\. )+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
# Nothing is given back: blanks fit the name and what is around it, and a header of blanks would be tried in all ways.
_SIMPLE = re.compile(r'\s*+(?:"([^"\\@<>]*+)"\s*+|([^"\\@<>,;:()]*+))<([^<>@\s,;:()"]+@[^<>@\s,;:()"]+)>\s*+')
_BARE = re.compile(r"""\s*([^<>@\s,;:()"'=/]+@[^<>@\s,;:()"'=/]+)\s*""")
_ESCAPE = re.compile(r"\\(.)")
_COMMENT = re.compile(r"\([^()]*\)")
_ROUTE = re.compile(r"(?:@[^\s,:@<>]+,?)+:")
_UNCLOSED = re.compile(r"[^<>,;]{0,1000}")
_NO_WORD = re.compile(r"""[<>(),;:"\\\s]""")
_AROUND = re.compile(r"\s*([@.])\s*")


@dataclass(slots=True)
class _Element:
    """What has been read since the last comma."""

    phrase: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)

    def add(self, kind: str | None, token: str) -> None:
        if kind == "quoted" and not (">" in token and "<" in token and "," in token):
            self.phrase.append(_ESCAPE.sub(r"\1", token[1:-1]))
        elif kind == "comment":
            self.comments.append(token[1:-1])
        elif kind == "angle":
            self.angles.append(token[1:-1])
        else:
            self.phrase.append(token)


def split(value: str) -> Iterator[tuple[str, str]]:
    """The (name as written, normalised address) pairs of ``value``, at most 10,000; either may be empty, never both.

    The name is not decoded yet; where the address is empty, it is the whole text of what should have been one.
    """
    if simple := _simple(value):
        yield simple
        return
    for count, pair in enumerate(_pairs(value[:LONGEST])):
        if count >= MOST:
            return
        yield pair


def address(text: str) -> str:
    """``text`` normalised if it is an address and nothing else, with the quotes that some programs leave around it;
    otherwise an empty text."""
    bare = text.strip().strip("'\"").rstrip(".")
    if "@" not in bare or _NO_WORD.search(bare):
        return ""
    try:
        return normalise(bare)
    except InvalidAddress:
        return ""


def _simple(value: str) -> tuple[str, str] | None:
    """The one address that most headers have, without looking at each token."""
    if match := _BARE.fullmatch(value):
        found = address(match[1])
        return ("", found) if found else None
    if match := _SIMPLE.fullmatch(value):
        found = address(match[3])
        return (match[1] or (match[2] or "").rstrip(), found) if found else None
    return None


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    waiting: list[str] = []
    for element in islice(_elements(value), MOST_ELEMENTS):
        pairs = list(_read(element))
        if not pairs:
            continue
        name, found = pairs[0]
        if not found and not element.angles and "@" not in name:
            # Half of a name with a comma in it, or somebody without an address: what comes next will tell.
            waiting.append(name)
            if len(waiting) > MOST_COMMAS:
                yield waiting.pop(0), ""
            continue
        if waiting and element.angles:
            pairs[0] = ", ".join(filter(None, [*waiting, name])), found
        else:
            yield from ((name, "") for name in waiting)
        waiting = []
        yield from pairs
    yield from ((name, "") for name in waiting)


def _elements(value: str) -> Iterator[_Element]:
    element = _Element()
    # A group ends with a semicolon, or has nothing in it at all.
    last_end, last_word = value.rfind(";"), len(value.rstrip())
    position = 0
    while match := _TOKEN.match(value, position):
        position = match.end()
        kind, token = match.lastgroup, match.group()
        if kind == "mark":
            yield element
            element = _Element()
        elif kind == "colon" and (position <= last_end or position >= last_word) and _begins_group(element):
            element = _Element()
        elif kind == "open":
            position = _unclosed(element, value, position)
        else:
            element.add(kind, token)
    yield element


def _begins_group(element: _Element) -> bool:
    """Whether a colon ends the name of a group, rather than standing in somebody's name."""
    return not element.angles and len(element.phrase) < 20 and "@" not in "".join(element.phrase)


def _unclosed(element: _Element, value: str, position: int) -> int:
    """After a ``<`` that no ``>`` closes before the next ``<``: its content up to there, or to the next comma."""
    match = _UNCLOSED.match(value, position)
    content = match.group() if match else ""
    follows = value[position + len(content) : position + len(content) + 1]
    if follows == "<":
        element.phrase.append(content)
    else:
        element.angles.append(content)
    return position + len(content)


def _read(element: _Element) -> Iterator[tuple[str, str]]:
    """The pairs of one element: one as a rule."""
    phrase = "".join(element.phrase).strip()
    if not any(map(str.strip, element.angles)):
        yield from _without_brackets(phrase, element.comments)
        return
    name = phrase or (element.comments[0] if element.comments else "")
    for index, content in enumerate(element.angles):
        yield from _bracketed(name if not index else "", content)


def _bracketed(name: str, content: str) -> Iterator[tuple[str, str]]:
    bare = _bare(content)
    found = address(bare) or address(_AROUND.sub(r"\1", bare))
    if found:
        yield name, found
        return
    several = [each for each in map(address, re.split(r"[\s,;]+", bare)[:MOST_WORDS]) if each]
    if len(several) > 1 or (several and not name):
        yield name, several[0]
        yield from (("", each) for each in several[1:])
    elif bare or name:
        yield f"{name} <{bare}>".strip() if bare else name, ""


def _bare(content: str) -> str:
    """Without comments, a route, and what a copied link begins with."""
    bare = _ROUTE.sub("", _COMMENT.sub(" ", content).strip(), count=1)
    return bare[7:] if bare[:7].lower() == "mailto:" else bare


def _without_brackets(phrase: str, comments: list[str]) -> Iterator[tuple[str, str]]:
    """``addr@host (Name)``, ``Name addr@host``, two addresses with a space between, or no address at all."""
    if found := address(phrase):
        yield (comments[0] if comments else ""), found
        return
    words = phrase.split()
    found_at = {index: address(word) for index, word in enumerate(words[:MOST_WORDS]) if "@" in word}
    if len(words) == len(found_at) > 1 and all(found_at.values()):
        yield from (("", each) for each in found_at.values())
    elif len(found_at) == 1 and _is_beside_name(words, *found_at.items()):
        (index, found) = next(iter(found_at.items()))
        yield " ".join(words[:index] + words[index + 1 :]), found
    elif phrase:
        yield phrase, ""


def _is_beside_name(words: list[str], found_at: tuple[int, str]) -> bool:
    """Whether an address stands before or after a name, and is not the end of a longer one: ``CN=Ann Ray/O=A@a``."""
    index, found = found_at
    return bool(found) and index in {0, len(words) - 1} and not any(mark in words[index] for mark in "/=!%")
