"""State that a provider alone understands, kept typed by its class so that the core need not know it."""

from __future__ import annotations

from typing import TypeVar

SectionT = TypeVar("SectionT")


def section_of(sections: dict[type[object], object], kind: type[SectionT]) -> SectionT:
    """The one instance of `kind` in `sections`, made at first use."""
    section = sections.get(kind)
    if not isinstance(section, kind):
        section = sections[kind] = kind()
    return section
