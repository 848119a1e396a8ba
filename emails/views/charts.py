"""A small chart of columns, as the numbers that an SVG is drawn with: a page may not compute, nor style in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Of the drawing, in its own units.
HEIGHT: Final = 100
WIDTH: Final = 1000
#: Of the room that a column has, what it fills.
FILLED: Final = 0.72


@dataclass(frozen=True)
class Column:
    """Two numbers, one upon the other; places and sizes are in the units of the drawing."""

    name: str
    below: int
    above: int
    x: float
    width: float
    below_y: float
    below_height: float
    above_y: float
    above_height: float


@dataclass(frozen=True)
class Chart:
    """``top`` is the number that the height stands for."""

    columns: Sequence[Column]
    top: int
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT


def chart(columns: Sequence[tuple[str, int, int]]) -> Chart | None:
    """A chart of (name, number below, number above); None where there is no number at all."""
    top = max((below + above for _, below, above in columns), default=0)
    if not top:
        return None
    room = WIDTH / len(columns)
    return Chart(
        columns=[_column(number * room, room, top, column) for number, column in enumerate(columns)],
        top=top,
        first=columns[0][0],
        last=columns[-1][0],
    )


def _column(left: float, room: float, top: int, numbers: tuple[str, int, int]) -> Column:
    name, below, above = numbers
    below_height, above_height = (round(HEIGHT * number / top, 2) for number in (below, above))
    below_y = round(HEIGHT - below_height, 2)
    return Column(
        name=name,
        below=below,
        above=above,
        x=round(left + room * (1 - FILLED) / 2, 2),
        width=round(room * FILLED, 2),
        below_y=below_y,
        below_height=below_height,
        above_y=round(below_y - above_height, 2),
        above_height=above_height,
    )
