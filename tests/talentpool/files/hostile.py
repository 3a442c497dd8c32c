"""Spreadsheets that are made to do harm, each with the words of its refusal (A-28).

Made anew each time, the same each time. Floods are as heavy as 20 MB, 200 MB unpacked and a ratio
of 100 let them be, unless they are asked for by less.
"""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from typing import NamedTuple

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
START = (
    f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
PARTS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
ONE_CELL = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
MEGABYTE = 1024 * 1024
MOST = 20 * MEGABYTE - 1024  # of an upload
UNUSUAL = "通常の表ではない"
TAGS, EXHAUSTED = "部品が多すぎます", "上限を超えました"
CELL, ROWS, COLUMNS, CELLS = "32,767", "20,000行まで", "200列まで", "1,500,000個まで"
CHARACTERS, LINE = "20,000,000文字まで", "1行は1,000,000文字まで"


class Hostile(NamedTuple):
    """A file, and a word of what it is answered with."""

    make: Callable[[], bytes]
    words: str


def book(
    sheet: bytes = ONE_CELL,
    *,
    shared: bytes = b"",
    styles: bytes = b"",
    names: bytes = b"",
    padding: int = 0,
) -> bytes:
    """A workbook of one sheet with these parts; `padding` of noise keeps the ratio low."""
    open_sheets = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="s" sheetId="1" r:id="r1"/></sheets>'
    )
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": START.encode(),
        "xl/_rels/workbook.xml.rels": PARTS.encode(),
        "xl/workbook.xml": open_sheets.encode() + names + b"</workbook>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">'.encode()
        + sheet
        + b"</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'.encode() + shared + b"</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">'.encode() + styles + b"</styleSheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in parts.items():
            file.writestr(name, content)
        if padding:
            file.writestr("docProps/noise.bin", random.Random(28).randbytes(padding))
    return out.getvalue()


def rows(lines: bytes) -> bytes:
    return b"<sheetData>" + lines + b"</sheetData>"


def entries(count: int) -> bytes:
    """A zip of very many empty entries: the list of them is the bomb."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a", b"")
    whole = out.getvalue()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    listed = whole[start:end] * count
    last = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(listed), start, 0)
    return whole[:start] + listed + last


def longer_than_it_says() -> bytes:
    """A part that says it has ten bytes and unpacks to thirty million."""
    content = b"<a>" * 10_000_000
    data = bytearray(book(rows(content), padding=MEGABYTE))
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", data, at + 24, 10)
    return bytes(data)


def flood(unit: bytes, size: int, part: str, before: bytes = b"", after: bytes = b"") -> Hostile:
    """So many `unit` that they take `size` bytes, in one part of a workbook."""

    def make() -> bytes:
        content = before + unit * (size // len(unit)) + after
        return book(**{part: content}, padding=2 * MEGABYTE)  # type: ignore[arg-type]

    return Hostile(make, TAGS)


def small_floods() -> dict[str, Hostile]:
    """A little beyond six million tags, of the kinds that need few bytes for them."""
    return {
        "flood of shared strings": flood(b"<si><t>a</t></si>", 30_000_000, "shared"),
        "flood of formulas": flood(
            b"<c><f>A1</f><v>1</v></c>", 30_000_000, "sheet", b"<sheetData><row>"
        ),
        "deep XML": flood(b"<a>", 20_000_000, "sheet"),
    }


def floods(size: int = 190_000_000) -> dict[str, Hostile]:
    """Floods of all kinds, as large as the budget of a zip lets them be."""
    parts = {
        "shared strings": (b"<si><t>a</t></si>", "shared", b""),
        "styles": (b'<xf numFmtId="14"/>', "styles", b"<cellXfs>"),
        "merged cells": (b'<mergeCell ref="A1:B2"/>', "sheet", ONE_CELL + b"<mergeCells>"),
        "names": (
            b'<definedName name="a">s!$A$1</definedName>',
            "names",
            b"<definedNames>",
        ),
        "formulas": (b"<c><f>A1</f><v>1</v></c>", "sheet", b"<sheetData><row>"),
        "cells": (b"<c><v>1</v></c>", "sheet", b"<sheetData><row>"),
        "deep XML": (b"<a>", "sheet", b""),
    }
    return {
        f"flood of {name}": flood(unit, size, part, before)
        for name, (unit, part, before) in parts.items()
    }


def workbooks() -> dict[str, Hostile]:
    """Hostile .xlsx files that are no floods."""
    lines = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (n, n) for n in range(1, 20_002))
    dimension = b'<dimension ref="A1:XFD1048576"/>'
    endless = b'<row r="1"><c r="B1" t="inlineStr"><is><t>%s</t></is></c></row>'
    return {
        "too many rows": Hostile(
            lambda: book(rows(lines + b'<row r="20003"><c r="A20003"><v>1</v></c></row>')), ROWS
        ),
        "two far corners": Hostile(
            lambda: book(
                dimension
                + rows(
                    b'<row r="1"><c r="A1"><v>1</v></c></row>'
                    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                )
            ),
            EXHAUSTED,
        ),
        "a column far out": Hostile(
            lambda: book(rows(b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>')),
            COLUMNS,
        ),
        "a long cell": Hostile(lambda: book(rows(endless % (b"x" * 40_000))), "B1"),
        "an endless cell": Hostile(
            lambda: book(rows(endless % (b"x" * 150_000_000)), padding=2 * MEGABYTE), CELL
        ),
        "a part of 210 MB": Hostile(
            lambda: book(styles=b" " * 210_000_000, padding=3 * MEGABYTE), UNUSUAL
        ),
        "thirty million zeros": Hostile(lambda: book(styles=b"0" * 30_000_000), UNUSUAL),
        "a list of 400,000 entries": Hostile(lambda: entries(400_000), UNUSUAL),
        "longer than it says": Hostile(longer_than_it_says, "壊れています"),
    }


def tables() -> dict[str, Hostile]:
    """Hostile CSV files by name, of 20 MB each."""
    return {
        "one endless line": Hostile(lambda: b"a" * MOST, LINE),
        "one line of commas": Hostile(lambda: b"," * MOST, LINE),
        "nothing but quotes": Hostile(lambda: b'"' * MOST, LINE),
        "a quote that never ends": Hostile(lambda: b'"' + b"a,b\r\n" * (MOST // 5), CELL),
        "ten million rows": Hostile(lambda: b"a\n" * (MOST // 2), ROWS),
        "rows of nothing": Hostile(lambda: b"a\n" + b"\n" * (MOST - 2), ROWS),
        "too wide": Hostile(lambda: (b"," * 201 + b"a\n") * 1000, COLUMNS),
        "too many cells": Hostile(
            lambda: (b",".join([b"abcd"] * 200) + b"\n") * (MOST // 1000), CELLS
        ),
        "too many characters": Hostile(
            lambda: (b",".join([b"x" * 32_000] * 20) + b"\n") * (MOST // 640_020), CHARACTERS
        ),
        "a NUL far behind": Hostile(lambda: b"a,b\n" * 3000 + b"c\x00\n", "NUL"),
    }
