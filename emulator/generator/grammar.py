"""Text with choices: `[Thanks|Many thanks], the {day} works.` becomes one of its sentences."""

from __future__ import annotations

import re
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def choose(template: str, dice: Random) -> str:
    """Take one of each `[a|b]`, the inner ones first, as they nest."""
    while "[" in template:
        template, found = _CHOICE.subn(lambda match: dice.choice(match[1].split("|")), template)
        if not found:
            raise ValueError(f"an unpaired bracket in {template[:60]!r}")
    return template
