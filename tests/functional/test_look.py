"""Every page, in both themes and at both widths: no serious fault of access, nothing that scrolls sideways."""

from __future__ import annotations

import pytest

from tests.conftest import Northwind
from tests.functional.conftest import HEIGHTS, OpenPage, faults, keep, overflow
from tests.functional.pages import PAGES, Look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("look", PAGES, ids=str)
def test_a_page_is_usable_by_everybody(look: Look, northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(look.who(northwind))
    page.goto(look.path(northwind))
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        for width, height in HEIGHTS.items():
            page.set_viewport_size({"width": width, "height": height})
            keep(page, f"{look.name}-{theme}-{width}")
            assert overflow(page) == []
            assert faults(page) == []
