"""What is said: the conversations in words/*.txt, read once.

A file holds scripts. `== Subject` begins one, `== kind | Subject` one of a kind; `from:` names a fixed
sender; a line with `> them` or `> us` begins a turn, where `+ name.pdf` attaches a file and `ics` sends an
invitation. A script without turns is a single message. Texts use the choices of grammar.py and the slots of
slots.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a script. `ours` says that the team writes it."""

    ours: bool
    text: str
    files: tuple[str, ...] = ()
    invitation: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A subject and its turns; `sender` is a name and an address where they are always the same."""

    subject: str
    turns: tuple[Turn, ...]
    kind: str = ""
    sender: tuple[str, str] = ("", "")


@cache
def scripts(name: str, kind: str = "") -> tuple[Script, ...]:
    """The scripts of words/<name>.txt, of one kind or all of them."""
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    found = [_script(block) for block in f"\n{text}".split("\n== ") if block.strip()]
    return tuple(script for script in found if kind in {"", script.kind})


def _script(block: str) -> Script:
    title, _, rest = block.partition("\n")
    kind, _, subject = title.rpartition(" | ")
    sender = ""
    if rest.startswith("from:"):
        line, _, rest = rest.partition("\n")
        sender = line.removeprefix("from:").strip()
    head, *turns = f"\n{rest}".split("\n> ")
    told = tuple(_turn(turn) for turn in turns) or (Turn(ours=False, text=head.strip()),)
    return Script(subject.strip(), told, kind.strip(), parseaddr(sender))


def _turn(text: str) -> Turn:
    line, _, body = text.partition("\n")
    who, *files = [part.strip() for part in line.split("+")]
    side, *marks = who.split()
    return Turn(ours=side == "us", text=body.strip(), files=tuple(files), invitation="ics" in marks)
