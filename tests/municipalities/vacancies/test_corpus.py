"""A corpus of 200 files: 100 that people really send and 100 broken ones, each with its verdict
(A-32). Every file is made here, the same each time; none may raise anything but a refusal."""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from municipalities.vacancies.definition import FieldSpec
from municipalities.vacancies.imports import Entry, entries_of
from municipalities.vacancies.spreadsheets import single_template
from talentpool.conventions import era
from talentpool.conventions.cells import UnreadableFileError
from talentpool.files.sheets import read_sheets
from tests.municipalities.vacancies.form_file import DEFINITION, KNOWN, read_here
from tests.municipalities.vacancies.objects import COMPLETE

SPECS = [spec for spec in DEFINITION.fields if spec.section != "system"]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
Row = dict[str, Any]


# --- Making files -----------------------------------------------------------------------------
def csv_file(
    *rows: Row, specs: list[FieldSpec] = SPECS, encoding: str = "utf-8-sig", **how: Any
) -> bytes:
    """A CSV file; `how` is passed to the writer, `above` are lines before the headers."""
    above, out = how.pop("above", []), io.StringIO(newline="")
    writer = csv.writer(out, **how)
    writer.writerows(above)
    writer.writerow([spec.header for spec in specs])
    for row in rows:
        writer.writerow([row.get(spec.identifier, "") for spec in specs])
    return out.getvalue().encode(encoding)


def xlsx_file(*rows: Row, specs: list[FieldSpec] = SPECS, at: int = 0) -> bytes:
    """A workbook with the table, `at` empty rows and columns before it."""
    book = Workbook()
    sheet = book.worksheets[0]
    for column, spec in enumerate(specs, start=at + 1):
        sheet.cell(at + 1, column).value = spec.header
        for number, row in enumerate(rows, start=at + 2):
            sheet.cell(number, column).value = row.get(spec.identifier)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_title(row: Row, *, notes: bool = False) -> bytes:
    """A workbook as an office makes it: a merged title above, perhaps a sheet of notes behind."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "令和8年度 募集情報の一覧"
    sheet.merge_cells("A1:F1")
    sheet.append([spec.header for spec in SPECS])
    sheet.append([row.get(spec.identifier) for spec in SPECS])
    if notes:
        book.create_sheet("メモ")["A1"] = "担当と相談すること"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def labels(row: Row) -> Row:
    """Codes as people pick them in a drop-down: with their labels."""
    shown = dict(row)
    for spec in SPECS:
        if spec.kind == "code" and row.get(spec.identifier):
            code = row[spec.identifier]
            shown[spec.identifier] = f"{code} {(spec.allowed or {})[code]}"
    return shown


def dates_as(row: Row, write: Any) -> Row:
    shown = dict(row)
    for spec in SPECS:
        if spec.kind == "date" and row.get(spec.identifier):
            shown[spec.identifier] = write(date.fromisoformat(row[spec.identifier]))
    return shown


def era_short(day: date) -> str:
    return f"R{day.year - 2018}.{day.month}.{day.day}"


WAYS_TO_WRITE_DATES = {
    "iso": date.isoformat,
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "era": era.format_wareki,
    "short era": era_short,
    "full width era": lambda day: era.format_wareki(day).translate(FULL_WIDTH),
    "western words": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "serial": lambda day: str((day - date(1899, 12, 30)).days),
    "both": lambda day: f"  {day.isoformat()}  ",
}
ENCODINGS = ["utf-8-sig", "utf-8", "cp932"]


def good_files() -> Iterator[tuple[str, bytes, int]]:
    """Name, file, how many vacancies are in it."""
    for encoding in ENCODINGS:
        for name, write in WAYS_TO_WRITE_DATES.items():
            yield (
                f"csv {encoding} {name}",
                csv_file(dates_as(COMPLETE, write), encoding=encoding),
                1,
            )
        yield f"csv {encoding} labels", csv_file(labels(COMPLETE), encoding=encoding), 1
        yield f"csv {encoding} lf", csv_file(COMPLETE, encoding=encoding, lineterminator="\n"), 1
        yield (
            f"csv {encoding} quoted",
            csv_file(COMPLETE, encoding=encoding, quoting=csv.QUOTE_ALL),
            1,
        )
        yield (
            f"csv {encoding} title",
            csv_file(COMPLETE, encoding=encoding, above=[["募集一覧"], []]),
            1,
        )
        padded = {key: f" {text}\u3000" for key, text in COMPLETE.items()}
        yield f"csv {encoding} padded", csv_file(padded, encoding=encoding), 1
        yield f"csv {encoding} empty rows after", csv_file(COMPLETE, {}, {}, encoding=encoding), 1
        yield f"csv {encoding} cr", csv_file(COMPLETE, encoding=encoding, lineterminator="\r"), 1
        yield f"csv {encoding} ten", csv_file(*[COMPLETE] * 10, encoding=encoding), 10
    chance = random.Random(32)
    for number in range(16):
        specs = chance.sample(SPECS, len(SPECS))
        yield f"csv columns in order {number}", csv_file(COMPLETE, specs=specs), 1
    needed = [spec for spec in SPECS if spec.identifier in COMPLETE]
    yield "csv without optional columns", csv_file(COMPLETE, specs=needed), 1
    yield "csv with empty lines", csv_file(COMPLETE, {}, COMPLETE), 2
    yield "csv with a line break in a cell", csv_file(COMPLETE | {"duties": "一\n二\r\n三"}), 1
    for spec in [spec for spec in SPECS if spec.kind in {"int", "decimal", "tel"}]:
        wide = COMPLETE | {
            spec.identifier: str(COMPLETE.get(spec.identifier, "1")).translate(FULL_WIDTH)
        }
        if spec.kind != "tel":
            yield f"csv full width {spec.identifier}", csv_file(wide), 1
    yield "csv full width telephone", csv_file(COMPLETE | {"tel": "０８２３ー４３－１１１１"}), 1
    for unit in ("円", " 円", ",円"):
        pay = COMPLETE | {"pay_min": f"20000{unit.strip(',')}", "pay_max": "30,000円"}
        yield f"csv amounts {unit}", csv_file(pay), 1
    for mark in ";、,／\n":
        yield f"csv several by {mark!r}", csv_file(COMPLETE | {"work_fields": f"NW{mark}SEC"}), 1
    for at in range(3):
        yield f"xlsx moved by {at}", xlsx_file(COMPLETE, at=at), 1
    yield "xlsx labels", xlsx_file(labels(COMPLETE)), 1
    yield "xlsx real dates", xlsx_file(dates_as(COMPLETE, lambda day: day)), 1
    yield (
        "xlsx real times",
        xlsx_file(dates_as(COMPLETE, lambda day: datetime(day.year, day.month, day.day))),
        1,
    )
    numbers = {"headcount": 1, "pay_min": 20000, "pay_max": 30000.0, "freq_min": 2, "freq_max": 4.0}
    yield "xlsx numbers", xlsx_file(COMPLETE | numbers), 1
    yield (
        "xlsx codes as numbers",
        xlsx_file(COMPLETE | {"remote": 1, "side_job": 1, "engagement_form": 10}),
        1,
    )
    yield "xlsx many", xlsx_file(*[COMPLETE] * 50), 50
    yield "xlsx with a merged title", with_title(COMPLETE), 1
    yield "xlsx with a sheet of notes", with_title(COMPLETE, notes=True), 1
    yield "sheet", single_template(DEFINITION, dict(COMPLETE)), 1
    filled = dates_as(COMPLETE, era.format_wareki)
    yield "sheet with eras", single_template(DEFINITION, filled), 1
    for number in range(4):
        note = "".join(chance.choices("髙﨑濵①㈱ⅣＡ〜ｱ ", k=40)) + "字"
        yield f"csv rare characters {number}", csv_file(COMPLETE | {"note": "例" + note}), 1


WRONG = {
    "str": ["x" * 300],
    "text": ["＝1+1"],
    "int": ["十二", "-1", "1.5"],
    "decimal": ["2.55", "約3"],
    "date": ["2027-02-30", "令和9年13月1日", "近日", "R0.4.1"],
    "code": ["zz", "99"],
    "codes": ["NW;zz"],
    "code_text": ["9 その他"],
    "lg_codes": ["342158"],
    "url": ["http://example.jp", "javascript:alert(1)"],
    "tel": ["1234"],
    "mail": ["joho@"],
}


def broken_cells() -> Iterator[tuple[FieldSpec, str]]:
    """One wrong cell for each file: 60 of them, over all fields."""
    pairs = [(spec, wrong) for spec in SPECS for wrong in WRONG[spec.kind]]
    yield from random.Random(7).sample(pairs, 60)


def archive(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


def unreadable_files() -> Iterator[tuple[str, bytes]]:
    """40 files that hold no table at all, or are made to do harm."""
    whole, chance = xlsx_file(COMPLETE), random.Random(28)
    for part in range(1, 9):
        yield f"xlsx cut at {part} of 9", whole[: len(whole) * part // 9]
    for number in range(6):
        spoilt = bytearray(whole)
        for _ in range(40):
            spoilt[chance.randrange(len(spoilt) // 2, len(spoilt))] = chance.randrange(256)
        yield f"xlsx spoilt in its directory {number}", bytes(spoilt[: -30 - number])
    for number in range(6):
        yield f"noise {number}", chance.randbytes(3000)
    for name, start in {
        "png": b"\x89PNG\r\n\x1a\n",
        "jpeg": b"\xff\xd8\xff\xe0",
        "pdf": b"%PDF-1.7\n\x00",
        "old excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "gzip": b"\x1f\x8b\x08\x00",
        "program": b"MZ\x90\x00",
        "elf": b"\x7fELF\x00",
    }.items():
        yield name, start + b"\x00" * 600
    yield "empty", b""
    yield "blank", b"\r\n\r\n   "
    yield "zeros", b"\x00" * 4000
    yield "utf-16", "募集役職名,業務内容".encode("utf-16")
    yield "utf-16 without mark", "募集役職名,業務内容".encode("utf-16-le")
    yield "euc", "募集役職名,業務内容,勤務場所\r\n補佐官,助言,役場\r\n".encode("euc-jp")[:37]
    yield "open quote", b'"' + "募集役職名,業務内容".encode()
    yield "another table", "名前,年齢\r\n山田,3\r\n".encode()
    yield "html as xls", b"<html><table><tr><td>1</td></tr></table></html>"
    yield "json", b'{"vacancies": []}'
    yield "nested archive", archive({"a.zip": b"PK"})
    yield "document", archive({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<Types/>"})
    yield "bomb", archive({"xl/worksheets/sheet1.xml": b"0" * 30_000_000})


def read(data: bytes) -> list[Entry]:
    return list(entries_of(read_sheets(data), DEFINITION, KNOWN))


GOOD, CELLS, UNREADABLE = list(good_files()), list(broken_cells()), list(unreadable_files())


def test_the_corpus_has_two_hundred_files() -> None:
    assert len(GOOD) >= 100
    assert len(CELLS) + len(UNREADABLE) >= 100


def test_what_people_send_is_read() -> None:
    """100 of 100: nothing is refused, and dates, numbers and codes become what was meant."""
    for name, data, count in GOOD:
        entries = read_here(data)
        assert [entry.problems for entry in entries] == [[]] * count, name
        for entry in entries:
            for identifier in ("start_date", "open_date", "remote", "engagement_form", "freq_max"):
                assert entry.values[identifier] == COMPLETE[identifier], (name, identifier)


def test_a_wrong_cell_is_named_exactly() -> None:
    """60 of 60: sheet, row, column, value, and what to write instead."""
    for spec, wrong in CELLS:
        good, bad = read_here(csv_file(COMPLETE, COMPLETE | {spec.identifier: wrong}))
        assert good.problems == []
        letter = get_column_letter(SPECS.index(spec) + 1)
        named = [(problem.cell, problem.header, problem.value) for problem in bad.problems]
        assert named == [(f"{letter}3", spec.header, wrong)], (spec.identifier, wrong)
        assert bad.problems[0].message.endswith(("。", ")")), bad.problems[0].message


@pytest.mark.parametrize("name", [name for name, _ in UNREADABLE])
def test_what_is_no_table_is_refused_in_words(name: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read(dict(UNREADABLE)[name])
    assert not str(refused.value).isascii()
