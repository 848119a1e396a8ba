"""The pages of the list, as people use them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

PAGE = "/settings/email/excluded/"
HTMX = {"HX-Request": "true", "HX-Target": "excluded"}


def words(page: Any) -> str:
    """What a page or fragment says."""
    text = page.content.decode() if hasattr(page, "content") else page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()).replace(" ,", ",").replace(" .", ".")


def values(page: Any) -> list[str]:
    """The entries of the list that a page shows."""
    return re.findall(r'aria-label="Remove ([^"]+)"', page.content.decode())


def seen(client: Client, text: str, **fields: Any) -> str:
    """The mark of the preview that a list gets while it is typed."""
    found = re.search(r'name="seen" value="(\w+)"', preview(client, text, **fields).content.decode())
    return found[1] if found else ""


def preview(client: Client, text: str, **fields: Any) -> Any:
    return client.post(f"{PAGE}preview/", {"text": text, **fields}, headers=HTMX)


def add(client: Client, text: str, **fields: Any) -> Any:
    """Types a list, sees the preview, and presses the button."""
    mark = seen(client, text)
    return client.post(f"{PAGE}add/", {"text": text, "seen": mark, "door": "settings", **fields}, headers=HTMX)


def undo(client: Client, page: Any) -> Any:
    """Presses the Undo that a page has."""
    found = re.search(r'name="id"\s+value="(\d+)"', page.content.decode())
    assert found, words(page)
    return client.post("/undo/", {"id": found[1], "next": PAGE}, follow=True)
