"""Spreadsheets in and out: guarded reading in a child process, workbooks with stable bytes.

Rooms above know what stands in them.
"""

import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, overload
from weakref import finalize

from talentpool.conventions.cells import UnreadableFileError, unguard_formula
from talentpool.files.child import ChildFailed, run_child_into
from talentpool.files.containers import MOST_ENTRIES, MOST_UNPACKED, ZipFault, check_zip
from talentpool.files.sheet_reader import PASTE, SPLIT, parse

# Imported where it is used: openpyxl takes as long to load as Django, in every web process, worker
# and command.
if TYPE_CHECKING:
    from openpyxl import Workbook

READER = "talentpool.files.sheet_reader"
READ_SECONDS = 90
MOST_BYTES = 20 * 1024 * 1024
MOST_MB = MOST_BYTES // 1024**2
REFUSED = "このファイルは読めません。Excel(.xlsx)かCSVで保存し直してください。"
TOO_LARGE = f"ファイルが大きすぎます({MOST_MB}MBまで)。{SPLIT}"
UNPACKED = MOST_UNPACKED // 1024**2
UNUSUAL = (
    "中身が通常の表ではないか、大きすぎます"
    f"(部品は{MOST_ENTRIES}個まで、開いたときに{UNPACKED}MBまで)。{PASTE}"
)
EXHAUSTED = f"読むための時間かメモリの上限を超えました。中身が通常の表ではありません。{PASTE}"
LOCKED = "パスワード付きのファイルです。パスワードを外してください。"
FAULT_WORDS = {"broken": REFUSED, "nested": REFUSED, "large": UNUSUAL, "locked": LOCKED}
FIXED_TIME = datetime(2000, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


class Answer:
    """What a child has written, in a file without a name that goes with this object."""

    def __init__(self) -> None:
        self.file: BinaryIO = TemporaryFile()  # noqa: SIM115 - closed with this object
        finalize(self, self.file.close)

    def line(self, place: int) -> bytes:
        self.file.seek(place)
        return self.file.readline()


class Rows(Sequence[list[str]]):
    """The rows of one sheet, read from the child's answer a few hundred at a time, so that a
    large file does not stand in memory as a whole.

    `places` are where the answer's lines begin and how many rows each has.
    """

    def __init__(self, answer: Answer, places: Sequence[tuple[int, int]]) -> None:
        self._answer = answer
        self._places = places
        self._starts = [0, *accumulate(count for _, count in places)]
        self._at, self._part = -1, list[list[str]]()

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> list[str]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[str]]: ...
    def __getitem__(self, index: int | slice) -> list[str] | list[list[str]]:
        numbers = range(len(self))[index]
        return self._row(numbers) if isinstance(numbers, int) else list(map(self._row, numbers))

    def __iter__(self) -> Iterator[list[str]]:
        for at in range(len(self._places)):
            yield from self._line(at)

    def _row(self, number: int) -> list[str]:
        at = bisect_right(self._starts, number) - 1
        return self._line(at)[number - self._starts[at]]

    def _line(self, at: int) -> list[list[str]]:
        if at != self._at:
            _, rows = parse(self._answer.line(self._places[at][0]))
            self._at, self._part = at, [[unguard_formula(cell) for cell in row] for row in rows]
        return self._part


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of a sheet; `rows[0][0]` is cell A1. A CSV file is one sheet without a name.
    Empty cells at the end of a row may be left out."""

    name: str
    rows: Sequence[list[str]]


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
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFileError(
            "古い形式(.xls)か、パスワード付きのファイルです。パスワードを外し、.xlsxで保存してください。"
        )
    elif b"\x00" in data[:4096]:
        raise UnreadableFileError(REFUSED)
    return _read_in_child(data)


def _read_in_child(data: bytes) -> list[Sheet]:
    """Read in a process that limits its own memory, time and output, and counts."""
    answer = Answer()
    try:
        run_child_into(answer.file, READER, data, seconds=READ_SECONDS)
    except ChildFailed as failure:
        raise UnreadableFileError(EXHAUSTED if failure.exhausted else REFUSED) from failure
    return sheets_of(answer)


def sheets_of(answer: Answer) -> list[Sheet]:
    """The sheets of an answer. Raises UnreadableFileError when it is a refusal or has no end."""
    sheets: list[tuple[str, list[tuple[int, int]]]] = []
    place, word, content = 0, "", None
    answer.file.seek(0)
    for line in answer.file:
        word, content = parse(line, only_count=True)
        if word == "sheet":
            sheets.append((content, []))
        elif word == "rows":
            sheets[-1][1].append((place, content))
        place += len(line)
    if word == "refused":
        raise UnreadableFileError(content)
    if word != "end":
        raise UnreadableFileError(REFUSED)
    return [Sheet(name, Rows(answer, places)) for name, places in sheets]


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
