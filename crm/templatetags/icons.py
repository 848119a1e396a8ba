"""Heroicons, each drawn once: a list shows the same few by the hundred, and the library parses XML for each."""

from __future__ import annotations

from functools import lru_cache

from django import template
from heroicons.templatetags import heroicons

register = template.Library()


@register.simple_tag
def heroicon_micro(name: str, *, size: int = 16, **attributes: object) -> str:
    """For lines of text: 16 pixels."""
    return _drawn("micro", name, size, tuple(attributes.items()))


@register.simple_tag
def heroicon_mini(name: str, *, size: int = 20, **attributes: object) -> str:
    """For buttons and tags: 20 pixels."""
    return _drawn("mini", name, size, tuple(attributes.items()))


@register.simple_tag
def heroicon_outline(name: str, *, size: int = 24, **attributes: object) -> str:
    """For navigation and headings: 24 pixels."""
    return _drawn("outline", name, size, tuple(attributes.items()))


@lru_cache(maxsize=1024)
def _drawn(style: str, name: str, size: int, attributes: tuple[tuple[str, object], ...]) -> str:
    draw = getattr(heroicons, f"heroicon_{style}")
    return str(draw(name, size=size, **dict(attributes)))
