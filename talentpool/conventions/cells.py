"""Spreadsheet cells and CSV files, out and in.

Source: sources.md 7.5 and quality A-33. A cell that begins like a formula is marked in files for
people, the mark is taken off at import, so a file makes the round trip; in a file for the
ministry such a cell is an error. Files are written as UTF-8 with BOM (Excel reads UTF-8 without
it as CP932) or, when asked, CP932; lines end in CRLF and every field is quoted.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

Cell = str | int | Decimal | date | None
Encoding = Literal["utf-8-sig", "cp932"]

LONGEST_LINE = 1_000_000  # characters of a CSV file between two line ends
_FORMULA_STARTS = "=+\\-@\t\r\0＝＋－＠"
_FORMULA = re.compile(f"[{_FORMULA_STARTS}]")
# A text that already carries apostrophes gets one more, or taking one off would change it.
_TO_GUARD = re.compile(f"'*[{_FORMULA_STARTS}]")
_GUARDED = re.compile(f"''*[{_FORMULA_STARTS}]")
# What Python's cp932 makes of bytes that belong to no character.
_NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


class Unencodable(NamedTuple):
    """One character that CP932 cannot carry: its row and column, counted from 1, and where in
    the cell it stands, counted from 0."""

    row: int
    column: int
    position: int
    character: str


class UnencodableError(ValueError):
    """Cells hold characters that CP932 cannot carry; `found` lists all of them."""

    def __init__(self, found: list[Unencodable]) -> None:
        self.found = found
        characters = "".join(dict.fromkeys(item.character for item in found))
        super().__init__(f"Shift_JIS(CP932)で表せない文字があります：{characters}")


class FormulaCellError(ValueError):
    """Cells of an exact file begin like a formula; `found` lists rows and columns from 1."""

    def __init__(self, found: list[tuple[int, int]]) -> None:
        self.found = found
        row, column = found[0]
        super().__init__(f"{row}行目{column}列目の値が、数式として扱われる文字で始まっています。")


class UnreadableFileError(ValueError):
    """A file that is no CSV we can read; str() is the Japanese message."""


def begins_like_formula(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula (= + - @, Tab, CR, NUL, ＝＋－＠)."""
    return _FORMULA.match(text) is not None


def guard_formula(text: str) -> str:
    """Put an apostrophe before a text that begins like a formula: for files that people open."""
    return "'" + text if _TO_GUARD.match(text) else text


def unguard_formula(text: str) -> str:
    """Take off the apostrophe of `guard_formula`; any other text stays as it is."""
    return text[1:] if _GUARDED.match(text) else text


def _survives_cp932(character: str) -> bool:
    try:
        return character.encode("cp932").decode("cp932") == character
    except UnicodeError:
        return False


def cp932_unencodable(text: str) -> list[tuple[int, str]]:
    """Return position (from 0) and character of all that CP932 would lose or change.

    Characters that can be written but come back as others (〜 − ‖) are among them.
    """
    return [(i, character) for i, character in enumerate(text) if not _survives_cp932(character)]


def _cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def write_csv(
    rows: Iterable[Iterable[Cell]], *, for_people: bool, encoding: Encoding = "utf-8-sig"
) -> bytes:
    """Return the bytes of a CSV file; the first row is the header.

    With `for_people`, text that begins like a formula is guarded; without (the ministry's file)
    it raises FormulaCellError. Numbers, also negative ones, are written as they are, dates as
    ISO, None as an empty field. CP932 raises UnencodableError with every lost character before
    anything is written, never a silent "?".
    """
    table: list[list[str]] = []
    formulas: list[tuple[int, int]] = []
    lost: list[Unencodable] = []
    for row_number, row in enumerate(rows, start=1):
        line: list[str] = []
        for column, cell in enumerate(row, start=1):
            text = _cell_text(cell)
            if isinstance(cell, str) and begins_like_formula(text) and not for_people:
                formulas.append((row_number, column))
            if encoding == "cp932":
                lost += [
                    Unencodable(row_number, column, i, character)
                    for i, character in cp932_unencodable(text)
                ]
            line.append(guard_formula(text) if isinstance(cell, str) and for_people else text)
        table.append(line)
    if formulas:
        raise FormulaCellError(formulas)
    if lost:
        raise UnencodableError(lost)
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(table)
    return out.getvalue().encode(encoding)


def csv_line(texts: Iterable[str]) -> str:
    """Return one line of a CSV file for people: guarded, every field quoted, with its CRLF."""
    cells = (guard_formula(text).replace('"', '""') for text in texts)
    return '"' + '","'.join(cells) + '"\r\n'


def sniff_encoding(data: bytes) -> Encoding | Literal["utf-8"]:
    """Return the encoding of a CSV file: UTF-8 with or without BOM, or CP932.

    Raises UnreadableFileError when it is none of them.
    """
    if data.startswith(codecs.BOM_UTF8):
        candidates: tuple[Encoding | Literal["utf-8"], ...] = ("utf-8-sig",)
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ()
    else:
        candidates = ("utf-8", "cp932")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp932" or not _NOT_CP932.search(text):
            return encoding
    raise UnreadableFileError(
        "文字コードが分かりません。UTF-8 または Shift_JIS の CSV で保存し直してください。"
    )


def decode_text(data: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without BOM) or CP932.

    Raises UnreadableFileError when it is neither.
    """
    return data.decode(sniff_encoding(data))


def csv_rows(data: bytes, *, longest: int = 131_072) -> Iterator[list[str]]:
    """The rows of a CSV file as text, one after the other, as they stand there.

    Raises UnreadableFileError with a Japanese message that names the line; a field of more than
    `longest` characters is one reason, a line of more than `LONGEST_LINE` another.
    """
    csv.field_size_limit(longest)
    reader = csv.reader(_lines(decode_text(data)), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        if "field limit" in str(error):
            raise UnreadableFileError(
                f"{reader.line_num}行目に、長すぎる欄があります(1つの欄は{longest:,}文字まで)。"
                '引用符(")が閉じているか、区切りと改行があるかを確認してください。'
            ) from error
        raise UnreadableFileError(
            f'{reader.line_num}行目をCSVとして読めません。引用符(")の対応を確認してください。'
        ) from error


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends; a line without end would become millions of fields
    before anybody counts them."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise UnreadableFileError(
                f"{number}行目が長すぎます(1行は{LONGEST_LINE:,}文字まで)。"
                "行ごとに改行があるかを確認してください。"
            )
        yield line


def read_csv(data: bytes) -> list[list[str]]:
    """The rows of a CSV file of our own, with the marks of `guard_formula` taken off.

    What comes in from outside is read by `files.sheets`, in a process with limits. Raises
    UnreadableFileError as `csv_rows` does.
    """
    return [[unguard_formula(cell) for cell in row] for row in csv_rows(data)]
