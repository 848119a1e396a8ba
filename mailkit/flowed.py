"""Text whose lines flow (RFC 3676): written with soft breaks, read as paragraphs."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool = False) -> str:
    """``text`` with soft line breaks joined; ``delete_space`` is the parameter DelSp.

    A line that ends with a space goes on in the next one of the same quote depth; ``-- `` ends nothing softly.
    """
    paragraphs: list[str] = []
    pending: list[str] = []
    depth = 0
    for line in text.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        content = line[level:].removeprefix(" ")
        if pending and (level != depth or content == "-- "):
            paragraphs.append(_line(depth, pending))
            pending = []
        depth = level
        if content.endswith(" ") and content != "-- ":
            pending.append(content[:-1] if delete_space else content)
        else:
            paragraphs.append(_line(depth, [*pending, content]))
            pending = []
    if pending:
        paragraphs.append(_line(depth, pending))
    return "\n".join(paragraphs)


def _line(depth: int, pieces: list[str]) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth else text
