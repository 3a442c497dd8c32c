"""Files in and out: guarded reading in a child process, templates, workbooks with stable bytes."""

import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from municipalities.vacancies.definition import Definition, FieldSpec
from talentpool.conventions.cells import UnreadableFileError, read_csv

# Imported where it is used: openpyxl takes as long to load as Django, in every web process, worker
# and command.
if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.comments import Comment

PROJECT = Path(__file__).resolve().parents[2]
READ_SECONDS = 90
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 200
MOST_RATIO = 100
ARCHIVES = (".zip", ".xlsx", ".xlsm", ".jar", ".gz", ".7z", ".rar", ".bz2", ".xz")
REFUSED = "このファイルは読めません。Excel(.xlsx)かCSVで保存し直してください。"
TOO_LARGE = "ファイルが大きすぎるか、中身が通常の表ではありません。行を分けて保存し直してください。"

# Text of the single sheet: field, what to enter, and how.
SINGLE_HEADERS = ("番号", "項目名", "必須", "記入欄", "書き方")
SINGLE_VALUE_COLUMN = 4
CHOICES_SHEET = "選択肢"
FIXED_TIME = datetime(2000, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of a sheet; `rows[0][0]` is cell A1. A CSV file is one sheet without a name."""

    name: str
    rows: list[list[str]]


# --- In -------------------------------------------------------------------------------------------
def read_sheets(data: bytes) -> list[Sheet]:
    """The sheets of an .xlsx or .csv file.

    Raises UnreadableFileError with Japanese words for everything that is not such a file, is too
    large, or breaks the reader: whatever its own exception was (A-32).
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFileError(TOO_LARGE)
    if not data.strip(b"\x00 \r\n\t"):
        raise UnreadableFileError("ファイルが空です。")
    if data.startswith(b"PK"):
        _check_zip(data)
        return list(_read_in_child(data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFileError(
            "古い形式(.xls)か、パスワード付きのファイルです。パスワードを外し、.xlsxで保存してください。"
        )
    if b"\x00" in data[:4096]:
        raise UnreadableFileError(REFUSED)
    return [Sheet("", read_csv(data))]


def _check_zip(data: bytes) -> None:
    """Refuse what would unpack to too much, before anything is unpacked (A-28)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFileError(REFUSED) from error
    if len(entries) > MOST_ENTRIES:
        raise UnreadableFileError(TOO_LARGE)
    for entry in entries:
        if entry.filename.lower().endswith(ARCHIVES) or stat.S_ISLNK(entry.external_attr >> 16):
            raise UnreadableFileError(REFUSED)
        if entry.flag_bits & 1:
            raise UnreadableFileError("パスワード付きのファイルです。パスワードを外してください。")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if unpacked > MOST_UNPACKED or unpacked / packed > MOST_RATIO:
        raise UnreadableFileError(TOO_LARGE)


def _read_in_child(data: bytes) -> Iterator[Sheet]:
    """Read with calamine in a process that limits its own memory and time.

    `subprocess`, because a Celery pool process may not use multiprocessing.
    """
    command = [sys.executable, "-m", "municipalities.vacancies.sheet_reader"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            command, input=data, capture_output=True, timeout=READ_SECONDS, check=False, cwd=PROJECT
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(TOO_LARGE) from error
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines or lines[-1] != b'{"end": true}':
        large = b"too large" in done.stderr or b"too many" in done.stderr or done.returncode < 0
        raise UnreadableFileError(TOO_LARGE if large else REFUSED)
    name = ""
    rows: list[list[str]] = []
    for line in lines[:-1]:
        part: dict[str, Any] = json.loads(line)
        if "sheet" in part:
            if name:
                yield Sheet(name, rows)
            name, rows = part["sheet"], []
        else:
            rows += part["rows"]
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


def _new_book(title: str) -> tuple["Workbook", Any]:
    """A workbook with one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    return book, sheet


def table_workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """A sheet of text cells with a header row: nothing in it is a number or a formula."""
    book, sheet = _new_book(title)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            _text(sheet.cell(number, column), text)
    _style_header(sheet, 1)
    return workbook_bytes(book)


def rows_template(definition: Definition) -> bytes:
    """One vacancy a row: headers with notes, and drop-downs for the fields to choose from."""
    from openpyxl.utils import get_column_letter

    book, sheet = _new_book("募集情報")
    specs = [spec for spec in definition.fields if spec.section != "system"]
    _text(sheet.cell(1, 1), "募集管理番号")
    sheet.cell(1, 1).comment = _note(
        "今ある下書きを直すときだけ入れます。空けると、新しい募集になります。"
    )
    choices = _choices(book, specs)
    for column, spec in enumerate(specs, start=2):
        cell = sheet.cell(1, column)
        _text(cell, spec.header)
        cell.comment = _note(how_to_fill(spec))
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = "@"
        if spec.identifier in choices:
            _drop_down(sheet, f"{letter}2:{letter}1001", choices[spec.identifier])
    _style_header(sheet, 1)
    return workbook_bytes(book)


def single_template(definition: Definition, values: dict[str, str] | None = None) -> bytes:
    """One vacancy a sheet, a field a row, as people fill in forms of the state.

    `values` are canonical; labels of codes stand beside their codes.
    """
    from openpyxl.styles import Alignment

    book, sheet = _new_book("募集情報")
    for column, header in enumerate(SINGLE_HEADERS, start=1):
        _text(sheet.cell(1, column), header)
    specs = [spec for spec in definition.fields if spec.section != "system"]
    choices = _choices(book, specs)
    must = {"required": "必須", "conditional": "条件により必須", "optional": "任意"}
    for number, spec in enumerate(specs, start=2):
        value = (values or {}).get(spec.identifier, "")
        if spec.kind == "code" and value:
            value = f"{value} {(spec.allowed or {}).get(value, '')}".strip()
        cells = (str(number - 1), spec.header, must[spec.requirement], value, how_to_fill(spec))
        for column, text in enumerate(cells, start=1):
            _text(sheet.cell(number, column), text)
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
        if spec.identifier in choices:
            _drop_down(sheet, f"D{number}", choices[spec.identifier])
    for letter, width in zip("ABCDE", (6, 24, 14, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    _style_header(sheet, 1)
    return workbook_bytes(book)


def how_to_fill(spec: FieldSpec) -> str:
    """One line on what may stand in a field."""
    parts = [spec.note]
    if spec.kind == "codes":
        parts.append("複数は;で区切ります")
    if spec.allowed and spec.kind != "code":
        parts.append("、".join(f"{code} {label}" for code, label in spec.allowed.items()))
    if spec.kind == "date":
        parts.append("例：2027-04-01、令和9年4月1日")
    if spec.max_length and spec.kind in {"text", "str"}:
        parts.append(f"{spec.max_length}文字まで")
    return "。".join(filter(None, parts))


def _text(cell: Any, text: str) -> None:
    cell.value = text
    cell.data_type = "s"  # also what begins with "=": text, never a formula
    cell.number_format = "@"


def _note(text: str) -> "Comment":
    from openpyxl.comments import Comment

    return Comment(text or "自由に書けます。", "様式", width=320, height=120)


def _style_header(sheet: Any, row: int) -> None:
    from openpyxl.styles import Font, PatternFill

    for cell in sheet[row]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9E6FF")
    sheet.freeze_panes = "A2"


def _choices(book: "Workbook", specs: Sequence[FieldSpec]) -> dict[str, str]:
    """Write the lists of the drop-downs to a sheet of their own; returns their ranges."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(CHOICES_SHEET)
    ranges = {}
    coded = [spec for spec in specs if spec.kind == "code" and spec.allowed]
    for column, spec in enumerate(coded, start=1):
        allowed = spec.allowed or {}
        _text(sheet.cell(1, column), spec.header)
        for number, (code, label) in enumerate(allowed.items(), start=2):
            _text(sheet.cell(number, column), f"{code} {label}")
        letter = get_column_letter(column)
        ranges[spec.identifier] = f"'{CHOICES_SHEET}'!${letter}$2:${letter}${len(allowed) + 1}"
    return ranges


def _drop_down(sheet: Any, where: str, choices: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    validation = DataValidation(type="list", formula1=choices, allow_blank=True)
    validation.error = "一覧から選んでください。"
    validation.errorTitle = "選択肢にない値"
    sheet.add_data_validation(validation)
    validation.add(where)
