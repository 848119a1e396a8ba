"""Text as the search reads it: whole words, without case; Chinese, Japanese and Korean signs one by one."""

from __future__ import annotations

import re
from functools import lru_cache

from emulator.rfc822 import decode

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")


def words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def addresses(header: str) -> list[str]:
    """The addresses in a header, in lower case, found cheaply."""
    return _ADDRESS.findall(header.lower()) if "@" in header else []


def header_words(header: str) -> list[str]:
    """The words of a header with encoded words decoded."""
    return words(decode(header))


@lru_cache(maxsize=4096)
def people_terms(header: str) -> frozenset[str]:
    """Every address and word of a header of people; the same people come again and again."""
    return frozenset((*addresses(header), *header_words(header)))


def contains(needle: list[str], hay: list[str]) -> bool:
    """Whether the words stand in the text one after the other."""
    return bool(needle) and f" {' '.join(needle)} " in f" {' '.join(hay)} "
