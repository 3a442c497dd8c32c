"""Spreadsheets in and out: guarded reading in a child process, workbooks with stable bytes.

Rooms above know what stands in them.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from talentpool.conventions.cells import UnreadableFileError, read_csv, unguard_formula
from talentpool.files.child import ChildFailed, run_child
from talentpool.files.containers import ZipFault, check_zip

# Imported where it is used: openpyxl takes as long to load as Django, in every web process, worker
# and command.
if TYPE_CHECKING:
    from openpyxl import Workbook

READ_SECONDS = 90
MOST_BYTES = 20 * 1024 * 1024
REFUSED = "このファイルは読めません。Excel(.xlsx)かCSVで保存し直してください。"
TOO_LARGE = "ファイルが大きすぎるか、中身が通常の表ではありません。行を分けて保存し直してください。"
LOCKED = "パスワード付きのファイルです。パスワードを外してください。"
FAULT_WORDS = {"broken": REFUSED, "nested": REFUSED, "large": TOO_LARGE, "locked": LOCKED}
FIXED_TIME = datetime(2000, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of a sheet; `rows[0][0]` is cell A1. A CSV file is one sheet without a name."""

    name: str
    rows: list[list[str]]


# --- In -------------------------------------------------------------------------------------------
def read_sheets(data: bytes) -> list[Sheet]:
    """The sheets of an .xlsx or .csv file, with the marks of `guard_formula` taken off once.

    Raises UnreadableFileError with Japanese words for everything that is not such a file, is too
    large, or breaks the reader: whatever its own exception was (A-32).
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFileError(TOO_LARGE)
    if not data.strip(b"\x00 \r\n\t"):
        raise UnreadableFileError("ファイルが空です。")
    if data.startswith(b"PK"):
        try:
            check_zip(data)
        except ZipFault as fault:
            raise UnreadableFileError(FAULT_WORDS[fault.kind]) from fault
        return list(_read_in_child(data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFileError(
            "古い形式(.xls)か、パスワード付きのファイルです。パスワードを外し、.xlsxで保存してください。"
        )
    if b"\x00" in data[:4096]:
        raise UnreadableFileError(REFUSED)
    return [Sheet("", read_csv(data))]


def _read_in_child(data: bytes) -> Iterator[Sheet]:
    """Read with calamine in a process that limits its own memory and time."""
    try:
        lines = run_child("talentpool.files.sheet_reader", data, seconds=READ_SECONDS).splitlines()
    except ChildFailed as failure:
        said = failure.stderr
        large = failure.exhausted or b"too large" in said or b"too many" in said
        raise UnreadableFileError(TOO_LARGE if large else REFUSED) from failure
    if not lines or lines[-1] != b'{"end": true}':
        raise UnreadableFileError(REFUSED)
    name = ""
    rows: list[list[str]] = []
    for line in lines[:-1]:
        part: dict[str, Any] = json.loads(line)
        if "sheet" in part:
            if name:
                yield Sheet(name, rows)
            name, rows = part["sheet"], []
        else:
            rows += [[unguard_formula(cell) for cell in row] for row in part["rows"]]
    yield Sheet(name, rows)


# --- Out ------------------------------------------------------------------------------------------
def workbook_bytes(book: "Workbook") -> bytes:
    """The file of a workbook; the same workbook always gives the same bytes.

    Zip times and document properties are fixed, for openpyxl writes the clock into both.
    """
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z\g<3>", content)
            info = zipfile.ZipInfo(name, FIXED_TIME.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, content)
    return fixed.getvalue()


def new_book(title: str) -> tuple["Workbook", Any]:
    """A workbook with one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    return book, sheet


def table_workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """A sheet of text cells with a header row: nothing in it is a number or a formula."""
    book, sheet = new_book(title)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            text_cell(sheet.cell(number, column), text)
    style_header(sheet, 1)
    return workbook_bytes(book)


def text_cell(cell: Any, text: str) -> None:
    """Put text into a cell: never a number or a formula."""
    cell.value = text
    cell.data_type = "s"  # also what begins with "=": text, never a formula
    cell.number_format = "@"


def style_header(sheet: Any, row: int) -> None:
    """Make a row the header of its sheet."""
    from openpyxl.styles import Font, PatternFill

    for cell in sheet[row]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9E6FF")
    sheet.freeze_panes = "A2"
