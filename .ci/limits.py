"""The house's hard limits on size that no linter knows: a file 500 lines, a function 60, a template 200."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE, FUNCTION, TEMPLATE = 500, 60, 200
ROOT = Path(__file__).resolve().parent.parent


def breaches() -> Iterator[str]:
    """One line for each limit that is passed."""
    for path in tracked("*.py"):
        source = path.read_text(encoding="utf-8")
        yield from too_long(path, source, FILE)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {length} lines of {FUNCTION}"
    for path in tracked("templates/*.html", "static/*.js", "static/*.css"):
        yield from too_long(path, path.read_text(encoding="utf-8"), TEMPLATE if path.suffix == ".html" else FILE)


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would take in, migrations left out."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],  # noqa: S607  # git is on PATH.
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listing if name and "/migrations/" not in name and (ROOT / name).exists()]


def too_long(path: Path, source: str, limit: int) -> Iterator[str]:
    """The breach, where a file has more lines than it may."""
    lines = source.count("\n")
    if lines > limit:
        yield f"{path.relative_to(ROOT)}: {lines} lines of {limit}"


if __name__ == "__main__":
    found = list(breaches())
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))
