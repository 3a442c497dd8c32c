"""Files made in code, byte by byte where it matters: good ones and hostile ones."""

import io
import random
import struct
import zipfile
import zlib
from typing import Any

from openpyxl import Workbook
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCM_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(*, author: str = "", **root: Any) -> bytes:
    """A page; `root` are entries of the catalogue (OpenAction=…)."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if author:
        writer.add_metadata({"/Author": author, "/Creator": author})
        xmp = DecodedStreamObject()
        xmp.set_data(f"<x:xmpmeta><dc:creator>{author}</dc:creator></x:xmpmeta>".encode())
        writer._root_object[NameObject("/Metadata")] = writer._add_object(xmp)
    for key, value in root.items():
        writer._root_object[NameObject(f"/{key}")] = value
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_action(kind: str, **more: Any) -> DictionaryObject:
    entries = {"/S": NameObject(f"/{kind}")}
    entries |= {f"/{key}": TextStringObject(value) for key, value in more.items()}
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def pdf_with_attachment() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment("hidden.txt", b"x")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_locked() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_packed_script() -> bytes:
    """The script stands in a compressed object stream: no search over the bytes finds it."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/OpenAction 3 0 R>>"
    pages = b"<</Type/Pages/Kids[4 0 R]/Count 1>>"
    action = b"<</S/JavaScript/JS(app.alert(1))>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    numbers, places, body = [1, 2, 3, 4], [], b""
    for item in (catalogue, pages, action, page):
        places.append(len(body))
        body += item + b" "
    first = " ".join(f"{n} {p}" for n, p in zip(numbers, places, strict=True)).encode() + b" "
    packed = zlib.compress(first + body)
    head = b"%PDF-1.5\n"
    stream = (
        (
            b"5 0 obj<</Type/ObjStm/N 4/First %d/Length %d/Filter/FlateDecode>>stream\n"
            % (len(first), len(packed))
        )
        + packed
        + b"\nendstream endobj\n"
    )
    place_of_table = len(head) + len(stream)
    rows = b"".join(
        [
            bytes([0, 0, 0, 0]),
            *(bytes([2, 0, 5, index]) for index in range(4)),
            bytes([1, 0, len(head), 0]),
            bytes([1]) + place_of_table.to_bytes(2, "big") + bytes([0]),
        ]
    )
    table = (
        (b"6 0 obj<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Length %d>>stream\n" % len(rows))
        + rows
        + b"\nendstream endobj\n"
    )
    return head + stream + table + b"startxref\n%d\n%%%%EOF\n" % place_of_table


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*, text: str = "", mode: str = "RGB") -> bytes:
    info = PngImagePlugin.PngInfo()
    if text:
        info.add_text("Author", text)
        info.add_itxt("XML:com.adobe.xmp", f"<x>{text}</x>")
    out = io.BytesIO()
    Image.new(mode, (20, 10)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """Says that it is huge; the body is one packed line of nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpg(*, text: str = "") -> bytes:
    image = Image.new("RGB", (20, 10))
    exif = Image.Exif()
    if text:
        exif[0x013B] = text  # Artist
        exif.get_ifd(0x8825)[1] = "N"  # GPSLatitudeRef
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=text.encode())
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


def archive(parts: dict[str, bytes], *, links: frozenset[str] = frozenset()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                info.external_attr = 0o120777 << 16
            file.writestr(info, content)
    return out.getvalue()


def docx_parts(*, main: str = WORD_MAIN, author: str = "", relations: str = "") -> dict[str, bytes]:
    said = f'<w:ins w:author="{author}" w:initials="{author}"/>' if author else ""
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{CONTENT_TYPES}"><Override '
        f'PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{said}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}'
        "</Relationships>",
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{core}" xmlns:dc="http://purl.org/dc/'
        f'elements/1.1/"><dc:creator>{author}</dc:creator></cp:coreProperties>',
        "docProps/app.xml": f"<Properties><Company>{author}</Company></Properties>",
    }
    return {name: text.encode() for name, text in parts.items()}


def docx(**how: Any) -> bytes:
    return archive(docx_parts(**how))


def relation(kind: str, target: str) -> str:
    return f'<Relationship Id="x" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'


def xlsx(*, author: str = "") -> bytes:
    book = Workbook()
    book.properties.creator = author
    book.properties.lastModifiedBy = author
    book.worksheets[0]["A1"] = "見本"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def flagged(data: bytes) -> bytes:
    """The same container with each entry said to be locked by a password."""
    out = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = out.find(mark)
        while start >= 0:
            out[start + place] |= 1
            start = out.find(mark, start + 4)
    return bytes(out)


def overlapping(size: int) -> bytes:
    """Many entries of the directory that point at the same bytes."""
    inner = archive({"word/document.xml": random.Random(7).randbytes(size)})
    start = inner.find(b"PK\x01\x02")
    end = inner.find(b"PK\x05\x06")
    entry, entries = inner[start:end], b""
    for number in range(60):
        name = f"word/documen{number:02}.xml".encode()[:17]
        entries += entry[:46] + name.ljust(17, b"x") + entry[46 + 17 :]
    directory = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 60, 60, len(entries), start, 0)
    return inner[:start] + entries + directory
