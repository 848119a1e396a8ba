"""What the words of a text are: the same for what is found and for what is looked for. Pure."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from contacts.names import fold

#: Between two texts whose words do not stand beside each other. Folding makes another letter of it, so that it is no
#: word itself, and what begins with it is none that a text has.
GAP: Final = "ø"
#: Of a word, in a pattern: its last letter was read, or comes yet.
_END, _TO_THE_END = r"(?!\S)", r"\S*"
#: A long text is looked through by the piece, with so much of the next.
_PIECE_LENGTH: Final = 400
_OVERLAP: Final = 100
_BESIDE: Final = f" {GAP} "
#: Between the sections of what `sections` answers.
SECTION: Final = "\x1f"
#: The sections' weights, in their order.
WEIGHTS: Final = "ABCD"


def words(text: str) -> str:
    """The words of a text, folded, a blank between two: letters and digits are words, all else is between them.

    ``Inès@Lyon.example`` becomes ``ines lyon example``. Where a script puts no blanks between words each letter is
    one, so that a word of several is looked for as a phrase.
    """
    if text.isascii():
        # Folding by Unicode's tables would change nothing else, and costs ten times as much.
        return text.encode().translate(_ASCII).decode()
    spaced = fold(text).translate(_LETTERS)
    return spaced if spaced.isascii() else _UNSPACED.sub(r" \g<0> ", spaced)


@dataclass(frozen=True, slots=True)
class Texts:
    """What of an email is searched. ``copied`` are those of the ``recipients`` that are in Cc."""

    subject: str = ""
    sender: Iterable[str] = ()
    recipients: Iterable[str] = ()
    copied: Iterable[str] = ()
    said: str = ""
    files: Sequence[str] = ()


def sections(texts: Texts, most: int) -> str:
    """An email's words as `vector` takes them: a section for each of `WEIGHTS`. Of ``said``, at most so many bytes.

    The words of those in Cc, and of the files' names, stand there a second time as `marked` writes them, so that
    ``cc:`` and ``filename:`` find them alone.
    """
    named = [*map(words, texts.recipients), *(marked(words(text)) for text in texts.copied)]
    rest = [_cut(words(texts.said), most), *map(words, texts.files), *(marked(words(text)) for text in texts.files)]
    return SECTION.join((words(texts.subject), apart(texts.sender), _BESIDE.join(named), _BESIDE.join(rest)))


def apart(texts: Iterable[str]) -> str:
    """The words of several texts, so that no phrase is found across two of them."""
    return _BESIDE.join(map(words, texts))


def marked(spaced: str) -> str:
    """The same words as they stand for those in Cc and for files."""
    return " ".join(f"{GAP}{word}" for word in spaced.split())


def vector(value: str) -> str:
    """SQL that makes the tsvector of what `sections` answers; ``value`` is SQL too."""
    parts = (
        f"setweight(to_tsvector('simple', '{GAP} ' || split_part({value}, E'\\x1f', {number})), '{weight}')"
        for number, weight in enumerate(WEIGHTS, start=1)
    )
    return f"ts_delete({' || '.join(parts)}, '{GAP}')"


def found_in(text: str, phrases: Iterable[tuple[tuple[str, ...], bool]]) -> list[tuple[int, int]]:
    """Where phrases occur in a text: places in their order, none in another.

    Each is its words, and whether the last of them is only the beginning of one.
    """
    spaced = words(text)
    there = [(wanted, begins) for wanted, begins in phrases if wanted and all(word in spaced for word in wanted)]
    if text.isascii():
        # Each letter stays in its place.
        spans = [match.span(1) for one in there for match in _pattern(*one).finditer(spaced)]
    else:
        places = list(_places(text)) if there else []
        spans = [span for wanted, begins in there for span in _windows(places, wanted, begins)]
    return _merged(sorted(spans))


def first_in(text: str, wanted: tuple[str, ...], *, begins: bool) -> int | None:
    """Where in a long text a phrase occurs first; quicker than `found_in`."""
    if text.isascii():
        match = _pattern(wanted, begins).search(words(text))
        return match.start() if match else None
    for start in range(0, len(text), _PIECE_LENGTH):
        piece = text[start : start + _PIECE_LENGTH + _OVERLAP]
        if f" {' '.join(wanted)}{'' if begins else ' '}" in f" {' '.join(words(piece).split())} ":
            spans = found_in(piece, [(wanted, begins)])
            if spans:
                return start + spans[0][0]
    return None


def _cut(spaced: str, most: int) -> str:
    # Of ASCII, letters are bytes.
    return spaced[:most] if spaced.isascii() else spaced.encode()[:most].decode(errors="ignore")


@lru_cache(maxsize=512)
def _pattern(wanted: tuple[str, ...], begins: bool) -> re.Pattern[str]:
    """Of what `words` makes of ASCII: where the phrase stands, in a group, each time that it does."""
    return re.compile(rf"(?<!\S)(?=({' +'.join(map(re.escape, wanted))}{_TO_THE_END if begins else _END}))")


def _windows(
    places: Sequence[tuple[str, int, int]], wanted: tuple[str, ...], begins: bool
) -> Iterator[tuple[int, int]]:
    for first in range(len(places) - len(wanted) + 1):
        window = places[first : first + len(wanted)]
        if _are([word for word, _, _ in window], wanted, begins):
            yield window[0][1], window[-1][2]


def _are(given: list[str], wanted: tuple[str, ...], begins: bool) -> bool:
    if begins:
        return given[:-1] == list(wanted[:-1]) and given[-1].startswith(wanted[-1])
    return given == list(wanted)


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a text, and where it stands."""
    for match in _PIECE.finditer(text):
        start, end = match.span()
        yield from ((word, start, end) for word in words(text[start:end]).split())


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class _Letters(dict[int, int]):
    """For `str.translate`: a letter, digit or mark remains, all else becomes a blank. Looks up each but once."""

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        self[code] = code if letter.isalnum() or unicodedata.category(letter).startswith("M") else 32
        return self[code]


def _marks() -> str:
    """All combining marks, as ranges of a character class: with its marks, a letter is one."""
    points = [point for point in range(sys.maxunicode // 8) if unicodedata.category(chr(point)).startswith("M")]
    runs = (list(run) for _, run in groupby(enumerate(points), lambda pair: pair[1] - pair[0]))
    return "".join(f"\\U{run[0][1]:08x}-\\U{run[-1][1]:08x}" for run in runs)


_ASCII: Final = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + b" " * 128
_MARKS: Final = _marks()
#: Han, Japanese, Thai, Lao, Burmese and Khmer.
_WITHOUT_BLANKS: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_LETTERS: Final = _Letters()
_UNSPACED: Final = re.compile(f"[{_WITHOUT_BLANKS}][{_MARKS}]*")
_PIECE: Final = re.compile(f"{_UNSPACED.pattern}|(?:(?![{_WITHOUT_BLANKS}_])[\\w{_MARKS}])+")
