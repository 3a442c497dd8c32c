"""Reads a spreadsheet in a process of its own: `python -m talentpool.files.sheet_reader`.

The file, .xlsx or CSV, comes on standard input. Lines go out, a word and JSON: `sheet` and its
name, `rows`, their number and a few hundred of them, last either `end` or `refused` with words for
people. The process limits its own memory, time
and output before it looks at the file, so that a hostile one costs a child and not a worker
(A-28). Imports nothing of Django.

What a file may hold is counted over all its sheets. A form of 10,000 rows and 62 columns, every
cell another text, has 620,000 cells and 5 million tags, and passes.
"""

import io
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from talentpool.conventions.cells import UnreadableFileError, csv_rows
from talentpool.files.child import limit_this_process

MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_SHEETS = 200
MOST_CELLS = 1_500_000  # that hold something
MOST_CHARACTERS = 20_000_000
LONGEST_CELL = 32_767  # as in Excel itself
MOST_TAGS = 6_000_000  # of all parts; calamine takes up to 0.3 µs for one
ROWS_A_LINE = 500
CHARACTERS_A_LINE = 500_000
LONGEST_NAME = 31  # of a sheet that is named to people, as in Excel itself
PIECE = 1024 * 1024
LOCAL_HEADER = 30

SPLIT = "ファイルを分けて、1つずつ取り込んでください。"
PASTE = "要る行と列だけを新しいファイルに貼り付けて、保存し直してください。"
TOO_MANY_ROWS = f"行が多すぎます({MOST_ROWS:,}行まで。空の行と見出しも数えます)。{SPLIT}"
TOO_MANY_COLUMNS = f"列が多すぎます({MOST_COLUMNS}列まで)。{PASTE}"
TOO_MANY_SHEETS = f"シートが多すぎます({MOST_SHEETS}枚まで)。{SPLIT}"
TOO_MANY_CELLS = f"値の入ったセルが多すぎます(全部で{MOST_CELLS:,}個まで)。{SPLIT}"
TOO_MANY_CHARACTERS = f"文字が多すぎます(全部で{MOST_CHARACTERS:,}文字まで)。{SPLIT}"
TOO_MANY_TAGS = f"セルや書式の部品が多すぎます(全部で{MOST_TAGS:,}個まで)。{PASTE}"
NOT_WHAT_IT_SAYS = "ファイルが壊れています。Excelで開き、.xlsxかCSVで保存し直してください。"
ENDLESS = "区切りのない文字が1MBより長く続いています。"
NUL = "見えない制御文字(NUL)が入っています。値を入れ直してください。"
NO_CELL_SO_LONG = f"1つのセルに入る文字は{LONGEST_CELL:,}文字までです。短くしてください。"


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)


def letters(column: int) -> str:
    """The name of a column counted from 1: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class Out:
    """Writes sheets and rows as JSON lines, and counts. Raises UnreadableFileError at a cap."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.rows = self.cells = self.characters = 0
        self.sheet = ""
        self.row = 0
        self.waiting: list[Sequence[str]] = []
        self.waiting_characters = 0

    def begin(self, sheet: str) -> None:
        self.flush()
        self.sheet, self.row = sheet, 0
        self.say("sheet", sheet)

    def add(self, row: list[str]) -> None:
        self.rows += 1
        self.row += 1
        if self.rows > MOST_ROWS:
            raise UnreadableFileError(TOO_MANY_ROWS)
        while row and not row[-1]:
            row.pop()
        if len(row) > MOST_COLUMNS:
            raise UnreadableFileError(TOO_MANY_COLUMNS)
        lengths = list(map(len, row))
        size = sum(lengths)
        if "\0" in "".join(row):
            self.refuse_cell(["\0" in cell for cell in row], NUL)
        if size > LONGEST_CELL and max(lengths) > LONGEST_CELL:
            self.refuse_cell([length > LONGEST_CELL for length in lengths], NO_CELL_SO_LONG)
        self.cells += len(row) - lengths.count(0)
        self.characters += size
        if self.cells > MOST_CELLS:
            raise UnreadableFileError(TOO_MANY_CELLS)
        if self.characters > MOST_CHARACTERS:
            raise UnreadableFileError(TOO_MANY_CHARACTERS)
        self.waiting.append(row)
        self.waiting_characters += size
        if len(self.waiting) == ROWS_A_LINE or self.waiting_characters > CHARACTERS_A_LINE:
            self.flush()

    def refuse_cell(self, wrong: list[bool], words: str) -> None:
        cell = f"{letters(wrong.index(True) + 1)}{self.row}"
        sheet = f"シート「{self.sheet[:LONGEST_NAME]}」の" if self.sheet else ""
        raise UnreadableFileError(f"{sheet}{cell}を読めません。{words}")

    def flush(self) -> None:
        if self.waiting:
            self.say(f"rows {len(self.waiting)}", self.waiting)
            self.waiting, self.waiting_characters = [], 0

    def say(self, word: str, content: object = None) -> None:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self.file.write(f"{word} {text}\n".encode())


def parse(line: bytes, *, only_count: bool = False) -> tuple[str, Any]:
    """The word of a line of `Out` and what it says; with `only_count` of rows how many they are,
    which costs nothing."""
    word, _, text = line.partition(b" ")
    if word == b"rows":
        count, _, text = text.partition(b" ")
        if only_count:
            return "rows", int(count)
    return word.decode(), json.loads(text)


def check_parts(data: bytes) -> None:
    """Unpack every part in pieces and count its tags, before a reader builds anything from them.

    Raises UnreadableFileError when there are too many or a part is not as long as it says.
    """
    tags = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            size = 0
            for piece in _unpacked(data, entry):
                size += len(piece)
                found = piece.count(b"<")
                tags += found
                if size > entry.file_size:
                    raise UnreadableFileError(NOT_WHAT_IT_SAYS)
                if tags > MOST_TAGS:
                    raise UnreadableFileError(TOO_MANY_TAGS)
                if not found and len(piece) == PIECE and entry.filename.endswith(".xml"):
                    raise UnreadableFileError(ENDLESS + NO_CELL_SO_LONG)
            if size != entry.file_size:
                raise UnreadableFileError(NOT_WHAT_IT_SAYS)


def _unpacked(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part as its stream has them: zipfile would stop at the length that it says."""
    at = entry.header_offset
    name, extra = struct.unpack_from("<HH", data, at + LOCAL_HEADER - 4)
    start = at + LOCAL_HEADER + name + extra
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        for place in range(0, len(packed), PIECE):
            yield bytes(packed[place : place + PIECE])
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        rest: Any = packed
        while not stream.eof:
            piece = stream.decompress(rest, PIECE)
            rest = stream.unconsumed_tail
            if not piece and not rest:
                break
            yield piece
    else:
        raise UnreadableFileError(NOT_WHAT_IT_SAYS)


def read_workbook(data: bytes, out: Out) -> None:
    """The rows of an .xlsx file, from each sheet's first row and column on."""
    check_parts(data)
    from python_calamine import load_workbook

    book = load_workbook(io.BytesIO(data))
    if len(book.sheet_names) > MOST_SHEETS:
        raise UnreadableFileError(TOO_MANY_SHEETS)
    for name in book.sheet_names:
        out.begin(name)
        sheet = book.get_sheet_by_name(name)
        if sheet.end is None:
            continue
        if out.rows + sheet.end[0] >= MOST_ROWS:
            raise UnreadableFileError(TOO_MANY_ROWS)
        if sheet.end[1] >= MOST_COLUMNS:
            raise UnreadableFileError(TOO_MANY_COLUMNS)
        before = [""] * (sheet.start[1] if sheet.start else 0)
        for row in sheet.iter_rows():
            out.add(before + [cell_text(value) for value in row])


def read_table(data: bytes, out: Out) -> None:
    """The rows of a CSV file: one sheet without a name."""
    out.begin("")
    for row in csv_rows(data, longest=LONGEST_CELL):
        out.add(row)


def answer(data: bytes, file: BinaryIO) -> None:
    """Write what is in a file, or why it is refused."""
    out = Out(file)
    try:
        (read_workbook if data.startswith(b"PK") else read_table)(data, out)
    except UnreadableFileError as error:
        out.say("refused", str(error))
    else:
        out.flush()
        out.say("end")
    file.flush()


def main() -> int:
    limit_this_process()
    answer(sys.stdin.buffer.read(), sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
