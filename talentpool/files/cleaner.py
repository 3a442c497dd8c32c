"""Reads an upload again in a child: `python -m talentpool.files.cleaner KIND [anonymous]`.

The file comes on standard input and goes out clean. Pictures are always painted anew, so that
nothing but the picture is left (A-31); a PDF is walked through for what runs or hides. With
`anonymous`, authors and other marks of people are taken out of documents too. Imports no Django.

A refusal is the word `refused:` and its key on standard error.
"""

import io
import re
import sys
import zipfile
from typing import Any

from talentpool.files.child import limit_this_process

MOST_PAGES = 500
MOST_OBJECTS = 50_000
JPEG_QUALITY = 90

# What a PDF must not do, by action and by key (ISO 32000-1: 12.6.4 actions, 7.11.4 embedded files).
RUNNING_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/Rendition",
        "/RichMediaExecute",
    }
)
HIDING_KEYS = frozenset({"/JS", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"})

_EMPTY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_EMPTY_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_EMPTY_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
_PROPERTIES = {
    "docProps/core.xml": _EMPTY_CORE,
    "docProps/app.xml": _EMPTY_APP,
    "docProps/custom.xml": _EMPTY_CUSTOM,
}
# Attributes and elements of Office documents that name a person or a place on a disk.
_NAMING = re.compile(
    rb'(\b(?:\w+:)?(?:author|initials|userId|providerId|displayName|userName|lastEdited))="[^"]*"'
)
_AUTHORS = re.compile(rb"(<(?:\w+:)?author[^>/]*>)[^<]*(</)")
_PLACE = re.compile(rb"<(?:\w+:)?absPath\b[^>]*/>")


class Refused(Exception):
    """The key of the reason."""


def clean_picture(data: bytes, format_name: str) -> bytes:
    """The picture painted on new paper: no EXIF, no text chunk, no thumbnail, no profile."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data), formats=[format_name]) as opened:
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        mode = "RGB" if format_name == "JPEG" else "RGBA"
        if upright.mode == "L":
            mode = "L"
        painted = Image.new(mode, upright.size)
        painted.paste(upright.convert(mode))
    out = io.BytesIO()
    extra: dict[str, Any] = {"quality": JPEG_QUALITY} if format_name == "JPEG" else {}
    painted.save(out, format_name, **extra)
    return out.getvalue()


def clean_pdf(data: bytes, *, anonymous: bool) -> bytes:
    """The same bytes when nothing in the PDF runs or hides; with `anonymous` written anew without
    its author, dates, XMP and the writers of notes."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise Refused("locked")
    if not 1 <= len(reader.pages) <= MOST_PAGES:
        raise Refused("pages")
    _walk(reader)
    return _without_author(reader) if anonymous else data


def _walk(reader: Any) -> None:
    """Every object of the file, those in compressed streams too."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    numbers = {number for table in reader.xref.values() for number in table}
    numbers |= set(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise Refused("large")
    waiting: list[Any] = [reader.trailer]
    for number in sorted(numbers):
        waiting.append(reader.get_object(IndirectObject(number, 0, reader)))
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            if str(item.get("/S")) in RUNNING_ACTIONS or HIDING_KEYS & {str(key) for key in item}:
                raise Refused("active")
            waiting.extend(dict.values(item))
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))


def _without_author(reader: Any) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for page in reader.pages:  # pages only: nothing of the catalogue comes along
        writer.add_page(page)
    writer.metadata = None
    for page in writer.pages:
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            page.pop(key, None)
        for note in page.get("/Annots", None) or []:
            entry = note.get_object()
            for key in ("/T", "/CreationDate", "/M", "/NM", "/Popup"):
                entry.pop(key, None)
    for item in writer._objects:
        if hasattr(item, "pop") and isinstance(item, dict):
            item.pop("/Metadata", None)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def clean_office(data: bytes, *, anonymous: bool) -> bytes:
    """The document as it is; with `anonymous` without author, company, editors and places."""
    if not anonymous:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, _without_names(entry.filename, source.read(entry)))
    return out.getvalue()


def _without_names(name: str, content: bytes) -> bytes:
    if name in _PROPERTIES:
        return _PROPERTIES[name]
    lower = name.lower()
    if lower.endswith((".jpg", ".jpeg")):
        return clean_picture(content, "JPEG")
    if lower.endswith(".png"):
        return clean_picture(content, "PNG")
    if lower.endswith(".xml"):
        content = _NAMING.sub(rb'\1=""', content)
        content = _AUTHORS.sub(rb"\1\2", content)
        content = _PLACE.sub(b"", content)
    return content


def clean(kind: str, data: bytes, *, anonymous: bool) -> bytes:
    """The upload as it may be kept. Raises Refused, or whatever the reader of the kind raises."""
    if kind in {"png", "jpg"}:
        return clean_picture(data, "PNG" if kind == "png" else "JPEG")
    if kind == "pdf":
        return clean_pdf(data, anonymous=anonymous)
    if kind in {"docx", "xlsx"}:
        return clean_office(data, anonymous=anonymous)
    return data


def main(kind: str, *flags: str) -> int:
    limit_this_process()
    data = sys.stdin.buffer.read()
    try:
        sys.stdout.buffer.write(clean(kind, data, anonymous="anonymous" in flags))
    except Refused as refusal:
        sys.stderr.write(f"refused:{refusal}")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
