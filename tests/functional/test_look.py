"""Every page, in both themes and at both widths: no serious fault of access, nothing that scrolls sideways."""

from __future__ import annotations

import pytest

from tests.conftest import Northwind
from tests.functional.conftest import HEIGHTS, NARROW, WIDE, OpenPage, faults, keep, overflow
from tests.functional.pages import PAGES, Look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("look", PAGES, ids=str)
def test_a_page_is_usable_by_everybody(look: Look, northwind: Northwind, open_page: OpenPage) -> None:
    page = open_page(look.who(northwind))
    page.goto(look.path(northwind))
    for theme, last in (("light", WIDE), ("dark", NARROW)):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        for width in sorted(HEIGHTS, key=lambda width: width == last):
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            keep(page, f"{look.name}-{theme}-{width}")
            assert overflow(page) == []
        # What axe looks at takes a second: once in each theme, and once at each width, are enough.
        assert faults(page) == []
