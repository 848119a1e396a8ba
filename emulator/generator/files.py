"""Attachments that open: small PDF, PNG, XLSX, DOCX and CSV files, and calendar invitations."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from xml.sax.saxutils import escape

_XMLNS = "http://schemas.openxmlformats.org"
_VARIANTS = 12
"""Kinds of content for each name, so that files can be shared instead of made anew."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Meeting:
    """What an invitation says. `people` are addresses, the organizer's first."""

    uid: str
    title: str
    start: datetime
    stamp: datetime
    place: str
    people: tuple[str, ...]


def make(name: str, dice: Random) -> File:
    """A file by its name's ending. Raises KeyError for an ending that nobody here can make."""
    stem, _, ending = name.rpartition(".")
    content_type, build = _KINDS[ending]
    return File(name, content_type, _content(build, stem, dice.randrange(_VARIANTS)))


@lru_cache(maxsize=1024)
def _content(build: Callable[[str, Random], bytes], stem: str, variant: int) -> bytes:
    return build(stem, Random(variant))  # noqa: S311  # Pictures and prices, not secrets.


def _rows(dice: Random) -> list[tuple[str, int, int]]:
    goods = ("Desk, oak", "Desk, ash", "Shelf 80", "Shelf 120", "Stool", "Lamp, wall", "Lamp, table", "Bench")
    return [(item, dice.randint(1, 60), dice.randint(20, 900)) for item in dice.sample(goods, dice.randint(3, 6))]


def pdf(title: str, dice: Random) -> bytes:
    """One A4 page in Helvetica (ISO 32000-1, with a true cross-reference table)."""
    lines = [title, "", *(f"{item:<24}{count:>6}  x {price:>6}.00" for item, count, price in _rows(dice))]
    shown = b"".join(b"(" + _pdf_text(line) + b") Tj T*\n" for line in lines)
    stream = b"BT /F1 12 Tf 60 780 Td 18 TL\n" + shown + b"ET"
    font = b"<< /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %s >>" % font,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + tail


def _pdf_text(line: str) -> bytes:
    data = line.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def png(_title: str, dice: Random, *, width: int = 160, height: int = 100) -> bytes:
    """A soft gradient with a darker bar, as an RGB picture (RFC 2083)."""
    start = [dice.randint(120, 240) for _ in range(3)]
    ramp = b"".join(bytes(max(0, each - step // 4) for each in start) for step in range(width + height))
    left = 3 * dice.randint(10, width - 40)
    dark = bytes(each // 2 for each in start) * 24
    rows = bytearray()
    for y in range(height):
        row = bytearray(ramp[3 * y : 3 * (y + width)])
        row[left : left + len(dark)] = dark
        rows += b"\0" + row
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def csv(_title: str, dice: Random) -> bytes:
    lines = ["item;quantity;price", *(f"{item};{count};{price}.00" for item, count, price in _rows(dice))]
    return "\r\n".join(lines).encode() + b"\r\n"


def xlsx(title: str, dice: Random) -> bytes:
    """The five parts that a workbook needs (ECMA-376), its texts inline."""
    rows: list[tuple[str | int, ...]] = [(title, "Quantity", "Price"), *_rows(dice)]
    cells = "".join(f"<row>{''.join(_cell(value) for value in row)}</row>" for row in rows)
    sheet = f'<worksheet xmlns="{_XMLNS}/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    book = (
        f'<workbook xmlns="{_XMLNS}/spreadsheetml/2006/main"'
        f' xmlns:r="{_XMLNS}/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return _package(
        {
            "[Content_Types].xml": _content_types(
                {"/xl/workbook.xml": f"{kind}.sheet.main+xml", "/xl/worksheets/sheet1.xml": f"{kind}.worksheet+xml"}
            ),
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def docx(title: str, dice: Random) -> bytes:
    """A heading and a few clauses (ECMA-376)."""
    clauses = [title, *(f"{number}. {item}: {count} pieces" for number, (item, count, _) in enumerate(_rows(dice), 1))]
    shown = "".join(f"<w:p><w:r><w:t>{escape(clause)}</w:t></w:r></w:p>" for clause in clauses)
    body = f'<w:document xmlns:w="{_XMLNS}/wordprocessingml/2006/main"><w:body>{shown}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _package(
        {
            "[Content_Types].xml": _content_types({"/word/document.xml": kind}),
            "_rels/.rels": _relation("officeDocument", "word/document.xml"),
            "word/document.xml": body,
        }
    )


def _content_types(kinds: dict[str, str]) -> str:
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{_XMLNS}/package/2006/content-types">{rels}{parts}</Types>'


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_XMLNS}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_XMLNS}/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
    )


def _package(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            # ZipInfo's own date, 1980, keeps the bytes the same on every run.
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}')
    return out.getvalue()


def invitation(meeting: Meeting) -> str:
    """iCalendar with METHOD:REQUEST (RFC 5546), an hour long."""
    organizer, *attendees = meeting.people
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Northwind//Calendar//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{meeting.uid}",
        f"DTSTAMP:{meeting.stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{meeting.start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{meeting.start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_calendar_text(meeting.title)}",
        f"LOCATION:{_calendar_text(meeting.place)}",
        f"ORGANIZER:mailto:{organizer}",
        *(f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{each}" for each in attendees),
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\n".join(lines) + "\n"


def _calendar_text(value: str) -> str:
    """RFC 5545 section 3.3.11."""
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


_KINDS: dict[str, tuple[str, Callable[[str, Random], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "png": ("image/png", png),
    "csv": ("text/csv", csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx),
}
