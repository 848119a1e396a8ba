"""What holds for every template: it can be read, it is short, and the content policy lets it be (S6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string

ROOT = settings.BASE_DIR / "templates"
PAGES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
INLINE = re.compile(r"""\sstyle=["']|\son[a-z]+=["']|<style|javascript:|hx-on|hx-vals=["']js""")
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")")
#: Mail programs know no style sheets but those that a mail brings along.
MAIL = re.compile(r"(^|/)(mail|email)/")


def source(name: str) -> str:
    return Path(ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_template_is_understood(name: str) -> None:
    engines["django"].get_template(name)


def test_templates_are_short() -> None:
    assert [name for name in PAGES if len(source(name).splitlines()) > 200] == []


def test_no_template_brings_inline_script_or_style() -> None:
    ours = [name for name in PAGES if not MAIL.search(name)]
    assert [name for name in ours if INLINE.search(source(name)) or SCRIPT.search(source(name))] == []


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_a_page_for_what_broke_needs_nothing_that_may_be_broken(name: str) -> None:
    assert "Back to the start" in render_to_string(name)
