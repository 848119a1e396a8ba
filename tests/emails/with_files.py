"""A message with a picture, a PDF, a text, an empty file, two that could run, and a last one without a name."""

from __future__ import annotations

from base64 import b64decode
from email.message import EmailMessage
from typing import Final

#: A red pixel.
PNG: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 41>>stream
BT /F 24 Tf 60 100 Td (Gate C is here) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def _make() -> bytes:
    message = EmailMessage()
    message["From"] = "Ines Moreau <ines@atelier-lyon.example>"
    message["To"] = "alice@northwind.example"
    message["Subject"] = "Everything for the fair"
    message["Message-ID"] = "<files@atelier-lyon.example>"
    message.set_content("All of it.")
    add = message.add_attachment
    add(b64decode(PNG), maintype="image", subtype="png", filename="gate.png")
    add(PDF, maintype="application", subtype="pdf", filename="plan.pdf")
    add("Tables\n<b>not bold</b>\n", filename="notes.txt")
    add(b"", maintype="application", subtype="octet-stream", filename="empty.bin")
    add(
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", maintype="image", subtype="svg+xml", filename="x.svg"
    )
    add(b"<script>x()</script>", maintype="text", subtype="html", filename="PLAN.pdf")
    add(b"no name", maintype="application", subtype="pdf")
    return message.as_bytes()


WITH_FILES: Final = _make()
