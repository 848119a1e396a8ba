"""FACTS.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parents[2] / "emulator" / "google" / "FACTS.md"


def test_every_fact_is_shown_by_a_test_that_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", FACTS.read_text()))
    sources = [path.read_text() for path in HERE.glob("test_*.py")]
    written = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}
    assert len(named) > 100
    assert named - written == set()
