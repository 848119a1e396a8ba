"""Every ink is at least 4.5:1 on every ground that it stands on, in both themes (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\);", TOKENS))
GROUNDS = ["paper", "surface", "raised", "hover", "accent-soft"]
STANDS_ON = {
    "ink": [*GROUNDS, "ok-soft", "warn-soft", "bad-soft"],
    "ink-2": GROUNDS,
    "ink-3": GROUNDS,
    "accent": [*GROUNDS, "ok-soft", "warn-soft", "bad-soft"],
    "ok": ["paper", "surface", "ok-soft"],
    "warn": ["paper", "surface", "warn-soft"],
    "bad": ["paper", "surface", "raised", "bad-soft"],
    "accent-ink": ["accent", "accent-strong"],
    "bad-ink": ["bad"],
}


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), [(ink, ground) for ink, grounds in STANDS_ON.items() for ground in grounds])
def test_ink_can_be_read_on_its_ground(ink: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[ink].split(", ")[theme], PAIRS[ground].split(", ")[theme]) >= 4.5
