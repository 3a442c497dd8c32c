"""Sheets in and out without a database: hostile files, exact addresses, stable bytes."""

import io
import random
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from municipalities.vacancies.definition import Definition, FieldSpec
from municipalities.vacancies.imports import Entry, entries_of
from municipalities.vacancies.spreadsheets import rows_template, single_template
from talentpool.conventions.cells import UnreadableFileError, write_csv
from talentpool.files.sheets import read_sheets, table_workbook
from tests.municipalities.vacancies.form_file import DEFINITION, KNOWN, read_here
from tests.municipalities.vacancies.objects import COMPLETE

SPECS = [spec for spec in DEFINITION.fields if spec.section != "system"]


def xlsx(*sheets: list[list[Any]], names: tuple[str, ...] = ("Sheet1", "Sheet2")) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in zip(names, sheets, strict=False):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    return [
        [spec.header for spec in SPECS],
        *([row.get(s.identifier) for s in SPECS] for row in rows),
    ]


def read(data: bytes) -> list[Entry]:
    return list(entries_of(read_sheets(data), DEFINITION, KNOWN))


# --- Forms go round -------------------------------------------------------------------------------
def test_a_row_comes_back_as_it_was() -> None:
    (entry,) = read(xlsx(table(COMPLETE)))
    assert entry.problems == []
    assert entry.values == COMPLETE | KNOWN


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
def test_csv_in_each_encoding(encoding: str) -> None:
    rows = [["" if cell is None else str(cell) for cell in row] for row in table(COMPLETE)]
    data = write_csv(rows, for_people=True).decode("utf-8-sig").encode(encoding)
    (entry,) = read(data)
    assert (entry.problems, entry.values) == ([], COMPLETE | KNOWN)


def test_the_single_sheet_comes_back_as_it_was() -> None:
    """Form → file → form is equal."""
    (entry,) = read(single_template(DEFINITION, dict(COMPLETE)))
    assert (entry.problems, entry.values) == ([], COMPLETE | KNOWN)


LETTERS = "あア漢髙ＡA1 　-=+@＝'、。;)ー・\n\t\""
PLAIN = {
    "month": ["2026-11"],
    "lg_code": ["342041"],
    "lg_codes": ["342041", "342041;342157"],
    "url": ["https://example.lg.jp/a?b=1"],
    "tel": ["082-513-2222"],
    "mail": ["joho@example.lg.jp"],
    "date": ["2027-04-01", "2028-02-29"],
}


def any_value(spec: FieldSpec, chance: random.Random) -> str:
    """Something that may stand in the field, in its canonical form; "" is nothing."""
    codes = list(spec.allowed or {})
    if spec.kind in PLAIN:
        raw = chance.choice(PLAIN[spec.kind])
    elif spec.kind == "codes":
        raw = ";".join(chance.sample(codes, k=chance.randint(1, min(3, len(codes)))))
    elif spec.kind in {"code", "code_text"}:
        raw = chance.choice(codes) + (" 説明" if spec.kind == "code_text" else "")
    elif spec.kind in {"int", "decimal"}:
        low, high = int(spec.minimum or 0), int(spec.maximum or 999)
        raw = str(chance.randint(low, high)) + (
            ".5" if spec.kind == "decimal" and high > 99 else ""
        )
    else:
        raw = "".join(chance.choices(LETTERS, k=chance.randint(0, spec.max_length or 9)))
    try:
        return spec.canonical(raw)
    except ValueError:
        return ""


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_whatever_is_written_to_a_file_is_read_from_it(seed: int) -> None:
    """Form → file → form is equal, for a table of many and for the single sheet."""
    chance = random.Random(seed)
    specs = [spec for spec in SPECS if spec.section != "system" and spec.identifier not in KNOWN]
    given_rows = []
    for _ in range(12):
        typed = {
            spec.identifier: any_value(spec, chance) for spec in specs if chance.random() < 0.8
        }
        given_rows.append({key: value for key, value in typed.items() if value})
    csv_rows = [["" if cell is None else cell for cell in cells] for cells in table(*given_rows)]
    entries = read(write_csv(csv_rows, for_people=True))
    assert [entry.values for entry in entries] == [row | KNOWN for row in given_rows]
    (entry,) = read(single_template(DEFINITION, given_rows[0]))
    assert entry.values == given_rows[0] | KNOWN


def test_a_template_filled_in_by_hand() -> None:
    book = load_workbook(io.BytesIO(rows_template(DEFINITION)))
    sheet = book["募集情報"]
    for column, spec in enumerate(SPECS, start=2):
        assert sheet.cell(1, column).value == spec.header
        value: Any = COMPLETE.get(spec.identifier)
        if spec.kind == "date" and value:
            value = datetime.fromisoformat(value)
        if spec.kind == "code" and value:
            value = f"{value} {(spec.allowed or {})[value]}"
        sheet.cell(2, column).value = value
    out = io.BytesIO()
    book.save(out)
    (entry,) = read(out.getvalue())
    assert (entry.problems, entry.values) == ([], COMPLETE | KNOWN)


def test_templates_have_drop_downs_and_notes() -> None:
    sheet = load_workbook(io.BytesIO(rows_template(DEFINITION)))["募集情報"]
    coded = [spec for spec in SPECS if spec.kind == "code"]
    assert len(sheet.data_validations.dataValidation) == len(coded)
    assert all(sheet.cell(1, column).comment for column in range(1, len(SPECS) + 2))


def test_workbooks_have_the_same_bytes_each_time() -> None:
    assert single_template(DEFINITION) == single_template(DEFINITION)
    first = table_workbook("募集情報", [["甲"], ["=1+1"]])
    assert first == table_workbook("募集情報", [["甲"], ["=1+1"]])
    cell = load_workbook(io.BytesIO(first)).active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


# --- Every problem at its cell --------------------------------------------------------------------
BROKEN: dict[str, str] = {
    "str": "＠1+1",
    "text": "＝1+1",
    "int": "十二",
    "decimal": "2.55",
    "date": "2027-02-30",
    "code": "zz",
    "codes": "NW;zz",
    "code_text": "9 その他",
    "lg_codes": "342158",
    "url": "http://example.jp",
    "tel": "1234",
    "mail": "joho@",
}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.identifier)
def test_a_mutated_cell_is_the_one_that_is_named(spec: FieldSpec) -> None:
    """A-32: exactly this cell, with its value, whatever stands in the others."""
    wrong = "a" * 300 + "b" if spec.kind in {"str"} else BROKEN[spec.kind]
    rows = table(COMPLETE, COMPLETE | {spec.identifier: wrong}, COMPLETE)
    good, entry, last = read_here(xlsx(rows))
    column = [s.identifier for s in SPECS].index(spec.identifier)
    from openpyxl.utils import get_column_letter

    assert (good.problems, last.problems) == ([], [])
    named = {(p.sheet, p.cell, p.header, p.value) for p in entry.problems}
    assert named == {("Sheet1", f"{get_column_letter(column + 1)}3", spec.header, wrong)}


def test_many_mutations_are_all_found_at_once() -> None:
    chance = random.Random(7)
    rows = [dict(COMPLETE) for _ in range(60)]
    expected = set()
    for number, row in enumerate(rows, start=2):
        for spec in chance.sample(SPECS, 2):
            if spec.kind in {"text"}:
                continue
            row[spec.identifier] = BROKEN[spec.kind]
            expected.add((number, spec.header))
    found = {
        (int("".join(filter(str.isdigit, p.cell))), p.header)
        for entry in read(xlsx(table(*rows)))
        for p in entry.problems
        if p.value  # what a broken cell makes necessary elsewhere is said beside it
    }
    assert expected <= found


def test_what_is_missing_is_named_with_its_empty_cell() -> None:
    values = {key: value for key, value in COMPLETE.items() if key not in {"dept", "pay_min"}}
    (entry,) = read(xlsx(table(values)))
    assert {p.header for p in entry.problems} == {"担当部署", "報酬額下限(円)"}
    assert all(p.cell.endswith("2") for p in entry.problems)


def test_a_missing_column_is_named() -> None:
    rows = table(COMPLETE)
    column = rows[0].index("担当部署")
    (entry,) = read(xlsx([row[:column] + row[column + 1 :] for row in rows]))
    assert [(p.header, p.cell) for p in entry.problems] == [("担当部署", "")]
    assert "列がありません" in entry.problems[0].message


def test_strange_and_double_headers_are_named_once() -> None:
    rows = table(COMPLETE, COMPLETE)
    rows[0] += ["ひみつの列", "担当部署"]
    first, second = read(xlsx(rows))
    assert [p.value for p in first.problems] == ["ひみつの列", "担当部署"]
    assert second.problems == []


def test_a_contradiction_points_at_the_cell_to_mend() -> None:
    (entry,) = read(xlsx(table(COMPLETE | {"pay_max": "1"})))
    (problem,) = entry.problems
    assert (problem.header, problem.value) == ("報酬額上限(円)", "1")
    assert problem.cell


READ_ALIKE = [
    ("start_date", date(2027, 4, 1)),
    ("start_date", datetime(2027, 4, 1)),
    ("start_date", 46478),
    ("start_date", "令和9年4月1日"),
    ("start_date", "Ｒ９．４．１"),
    ("headcount", "１"),
    ("headcount", 1.0),
    ("pay_min", "20,000円"),
    ("work_fields", "セキュリティ、ネットワーク"),
    ("tel", "０８２３－４３－１１１１"),
    ("issues", "'" + COMPLETE["issues"] if COMPLETE["issues"][0] in "=+-@" else COMPLETE["issues"]),
]


@pytest.mark.parametrize(("identifier", "typed"), READ_ALIKE)
def test_what_people_type_is_read(identifier: str, typed: Any) -> None:
    """A-32, C-09."""
    (entry,) = read(xlsx(table(COMPLETE | {identifier: typed})))
    assert entry.problems == []
    assert entry.values[identifier] == COMPLETE[identifier]


def test_a_title_above_the_headers_and_empty_rows_do_not_matter() -> None:
    rows = [["募集情報の一覧"], [], *table(COMPLETE), [], *table(COMPLETE)[1:]]
    entries = read(xlsx(rows))
    assert [entry.row for entry in entries] == [4, 6]
    assert all(entry.problems == [] for entry in entries)


def test_several_sheets_with_one_vacancy_each() -> None:
    book = load_workbook(io.BytesIO(single_template(DEFINITION, dict(COMPLETE))))
    copy = book.copy_worksheet(book["募集情報"])
    copy.title = "二つ目"
    copy["D3"] = "zz"
    out = io.BytesIO()
    book.save(out)
    first, second = read(out.getvalue())
    assert (first.sheet, first.problems) == ("募集情報", [])
    assert [(p.sheet, p.cell, p.value) for p in second.problems] == [("二つ目", "D3", "zz")]


# --- Hostile and broken files (A-28, A-32) --------------------------------------------------------
def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A real workbook with one part replaced."""
    source, out = zipfile.ZipFile(io.BytesIO(xlsx(table(COMPLETE)))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.namelist():
            target.writestr(item, content if item == name else source.read(item))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
FAR = (
    HEAD
    + b'<row r="1"><c r="A1"><v>1</v></c></row>'
    + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(8))
    + b"]>"
    + HEAD
    + b'<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row></sheetData></worksheet>'
)
FILES = {
    "empty": b"",
    "blank": b" \r\n",
    "random bytes": random.Random(1).randbytes(5000),
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    "old xls": b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
    "zip of text": archive(**{"a.txt": b"x"}),
    "cut xlsx": xlsx(table(COMPLETE))[:2000],
    "nested archive": archive(**{"a.xlsx": b"PK"}),
    "bomb by ratio": archive(**{"xl/worksheets/sheet1.xml": b"0" * 50_000_000}),
    "many entries": archive(**{f"f{i}": b"" for i in range(300)}),
    "far cell": with_part(SHEET, FAR),
    "billion laughs": with_part(SHEET, LAUGHS),
    "broken xml": with_part(SHEET, HEAD + b"<row><c>"),
    "no workbook part": with_part("xl/workbook.xml", b""),
    "csv without the form": "名前,年齢\r\n山田,3\r\n".encode(),
    "csv with a broken quote": b'"a\r\nb,c\r\n',
    "xlsx without the form": xlsx([["名前", "年齢"], ["山田", 3]]),
    "too large": b"PK" + b"\x00" * (21 * 1024 * 1024),
    "utf-16": "募集役職名".encode("utf-16"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_in_words(name: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read(FILES[name])
    assert str(refused.value).endswith(("。", "）", ")"))
    assert not str(refused.value).isascii()


def test_the_reader_dies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that needs more memory than the child may take is refused; this process goes on."""
    cells = b"".join(
        b'<row r="%d"><c r="GR%d"><v>1</v></c></row>' % (n, n) for n in range(1, 19_000)
    )
    data = with_part(SHEET, HEAD + cells + b"</sheetData></worksheet>")
    (sheet,) = read_sheets(data)
    assert len(sheet.rows) == 18_999
    monkeypatch.setattr("talentpool.files.sheets.READ_SECONDS", 0.01)
    with pytest.raises(UnreadableFileError):
        read_sheets(data)


def test_the_definition_of_these_tests_is_the_shipped_one() -> None:
    assert isinstance(DEFINITION, Definition)
    assert len(DEFINITION.fields) == 62
