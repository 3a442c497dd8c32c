"""The forms of vacancies as spreadsheets: templates with notes and drop-downs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from municipalities.vacancies.definition import Definition, FieldSpec
from talentpool.conventions.cells import guard_formula, write_csv
from talentpool.files.sheets import new_book, style_header, text_cell, workbook_bytes

# Imported where it is used: openpyxl takes as long to load as Django, in every web process, worker
# and command.
if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.comments import Comment

# Text of the single sheet: field, what to enter, and how.
SINGLE_HEADERS = ("番号", "項目名", "必須", "記入欄", "書き方")
CHOICES_SHEET = "選択肢"
NUMBER = "vacancy_no"
LAST_ROW = 10_001  # of the rows template: drop-downs for as many vacancies as a file may hold
NUMBER_NOTE = "今ある下書きを直すときだけ入れます。空けると、新しい募集になります。"


def rows_template(definition: Definition) -> bytes:
    """One vacancy a row: headers with notes, and drop-downs for the fields to choose from."""
    from openpyxl.utils import get_column_letter

    book, sheet = new_book("募集情報")
    specs = [spec for spec in definition.fields if spec.section != "system"]
    text_cell(sheet.cell(1, 1), definition.by_identifier[NUMBER].header)
    sheet.cell(1, 1).comment = _note(NUMBER_NOTE)
    choices = _choices(book, specs)
    for column, spec in enumerate(specs, start=2):
        cell = sheet.cell(1, column)
        text_cell(cell, spec.header)
        cell.comment = _note(how_to_fill(spec))
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = "@"
        if spec.identifier in choices:
            _drop_down(sheet, f"{letter}2:{letter}{LAST_ROW}", choices[spec.identifier])
    style_header(sheet, 1)
    return workbook_bytes(book)


def csv_template(definition: Definition) -> bytes:
    """The headers of `rows_template` as a CSV file, for programs that write one."""
    specs = [spec for spec in definition.fields if spec.section != "system"]
    header = [definition.by_identifier[NUMBER].header, *(spec.header for spec in specs)]
    return write_csv([header], for_people=True)


def single_template(definition: Definition, values: dict[str, str] | None = None) -> bytes:
    """One vacancy a sheet, a field a row, as people fill in forms of the state.

    `values` are canonical; labels of codes stand beside their codes. The number comes first, so
    that a sheet that was handed out comes back into its draft.
    """
    from openpyxl.styles import Alignment

    book, sheet = new_book("募集情報")
    for column, header in enumerate(SINGLE_HEADERS, start=1):
        text_cell(sheet.cell(1, column), header)
    specs = [
        replace(definition.by_identifier[NUMBER], requirement="optional", note=NUMBER_NOTE),
        *(spec for spec in definition.fields if spec.section != "system"),
    ]
    choices = _choices(book, specs)
    must = {"required": "必須", "conditional": "条件により必須", "optional": "任意"}
    for number, spec in enumerate(specs, start=2):
        value = (values or {}).get(spec.identifier, "")
        if spec.kind == "code" and value:
            value = f"{value} {(spec.allowed or {}).get(value, '')}".strip()
        value = guard_formula(value)
        cells = (str(number - 1), spec.header, must[spec.requirement], value, how_to_fill(spec))
        for column, text in enumerate(cells, start=1):
            text_cell(sheet.cell(number, column), text)
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
        if spec.identifier in choices:
            _drop_down(sheet, f"D{number}", choices[spec.identifier])
    for letter, width in zip("ABCDE", (6, 24, 14, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    style_header(sheet, 1)
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


def _note(text: str) -> "Comment":
    from openpyxl.comments import Comment

    return Comment(text or "自由に書けます。", "様式", width=320, height=120)


def _choices(book: "Workbook", specs: Sequence[FieldSpec]) -> dict[str, str]:
    """Write the lists of the drop-downs to a sheet of their own; returns their ranges."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(CHOICES_SHEET)
    ranges = {}
    coded = [spec for spec in specs if spec.kind == "code" and spec.allowed]
    for column, spec in enumerate(coded, start=1):
        allowed = spec.allowed or {}
        text_cell(sheet.cell(1, column), spec.header)
        for number, (code, label) in enumerate(allowed.items(), start=2):
            text_cell(sheet.cell(number, column), f"{code} {label}")
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
