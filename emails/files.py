"""What a page makes of an attachment by its type: a picture of it, and whether it can be looked at in place. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from emails.models import Attachment

BYTES: Final = "application/octet-stream"
#: What a browser may show itself. Not SVG: that is a document, which can run.
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
#: What is shown as the text that it is. HTML is not: who wants to read it saves it.
TEXTS: Final = frozenset(
    f"text/{kind}" for kind in ("plain", "csv", "tab-separated-values", "markdown", "x-log", "calendar", "vcard")
) | {"application/json"}
#: By words in a type: icons of heroicons.
ICONS: Final = {
    "image/": "photo",
    "audio/": "musical-note",
    "video/": "film",
    "message/": "envelope",
    "spreadsheet": "table-cells",
    "excel": "table-cells",
    "csv": "table-cells",
    "presentation": "presentation-chart-bar",
    "powerpoint": "presentation-chart-bar",
    "zip": "archive-box",
    "compressed": "archive-box",
    "tar": "archive-box",
    "calendar": "calendar",
    "vcard": "identification",
    "pdf": "document-text",
    "word": "document-text",
    "text/": "document-text",
}


class Preview(StrEnum):
    """How an attachment can be looked at."""

    PICTURE = "picture"
    PDF = "pdf"
    TEXT = "text"


@dataclass(frozen=True)
class Line:
    """An attachment as a message lists it."""

    file: Attachment
    icon: str
    preview: Preview | None


def lines(attachments: list[Attachment]) -> list[Line]:
    """The attachments as a message lists them."""
    return [Line(one, icon_of(one), preview_of(one)) for one in attachments]


def preview_of(attachment: Attachment) -> Preview | None:
    """How it can be looked at, if it can: an empty one shows nothing."""
    kind = attachment.content_type.lower()
    if not attachment.size:
        return None
    if kind in PICTURES:
        return Preview.PICTURE
    if kind in TEXTS:
        return Preview.TEXT
    is_pdf = kind == "application/pdf" or (kind == BYTES and attachment.name.lower().endswith(".pdf"))
    return Preview.PDF if is_pdf else None


def icon_of(attachment: Attachment) -> str:
    """The name of an icon."""
    kind = attachment.content_type.lower()
    return next((icon for word, icon in ICONS.items() if word in kind), "document")
