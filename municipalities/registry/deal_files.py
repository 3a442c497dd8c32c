"""Contracts and planned procurements from a file: template, reading, every problem by cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from municipalities.registry.deals import DealRefused, Party, save_contract, save_procurement
from municipalities.registry.importing import Importer, ImportRefused, Progress
from municipalities.registry.models import (
    DealImport,
    Municipality,
    PlannedProcurement,
    VendorContract,
)
from municipalities.registry.problems import Problem
from talentpool.conventions import corporate_number, era
from talentpool.conventions.cells import UnreadableFileError
from talentpool.conventions.folding import tidy_code, tidy_digits, tidy_text
from talentpool.conventions.numbers import number_in
from talentpool.files.sheet_reader import SPLIT
from talentpool.files.sheets import (
    Sheet,
    new_book,
    read_sheets,
    style_header,
    text_cell,
    workbook_bytes,
)
from talentpool.vocabulary.models import Skill

HEADER_ROWS = 5  # a title may stand above the headers
LEAST_HEADERS = 3
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(20_000, 80_000)  # 1954 to 2119, as days since the epoch
MOST_ROWS = 5_000
TOO_MANY = f"1回に取り込めるのは{MOST_ROWS:,}行までです。{SPLIT}"
PARTIES = 3
NOTED_EACH = 200  # rows between two notes of progress
Kind = DealImport.Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its header, what it holds, and how to fill it."""

    name: str
    header: str
    kind: str
    required: bool = True
    most: int = 0
    note: str = ""


TOWN = Column("town", "団体コード", "town", note="6桁。例：342157")
SKILL = Column("skill", "業務分野", "skill", required=False, note="コードか名前。例：NW")
DATE_NOTE = "例：2027-04-01、令和9年4月1日"
COLUMNS: dict[str, tuple[Column, ...]] = {
    Kind.PROCUREMENTS: (
        Column("subject", "件名", "text", most=120),
        SKILL,
        Column("prepared_from", "準備を始める日", "date", note=DATE_NOTE),
        Column("announced_on", "公告・募集の予定日", "date", required=False, note=DATE_NOTE),
        Column("decided_on", "決定の予定日", "date", note=DATE_NOTE),
        *(
            column
            for number in range(1, PARTIES + 1)
            for column in (
                Column(f"number_{number}", f"事業者{number}の法人番号", "number", required=False),
                Column(f"name_{number}", f"事業者{number}", "text", required=False, most=80),
            )
        ),
        Column("note", "メモ", "text", required=False, most=300, note="金額は書かない"),
    ),
    Kind.CONTRACTS: (
        Column("subject", "件名", "text", most=120),
        Column("vendor_name", "契約者", "text", most=80),
        Column("corporate_number", "法人番号", "number", note="13桁"),
        SKILL,
        Column("starts", "開始日", "date", note=DATE_NOTE),
        Column("ends", "終了日", "date", note=DATE_NOTE),
    ),
}


def columns_of(kind: str, *, any_town: bool) -> tuple[Column, ...]:
    """The columns of a file; the prefecture's file names the town of each row."""
    return (TOWN, *COLUMNS[kind]) if any_town else COLUMNS[kind]


def template(kind: str, *, any_town: bool) -> bytes:
    """An empty file of a kind: headers with notes, cells as text."""
    from openpyxl.comments import Comment
    from openpyxl.utils import get_column_letter

    book, sheet = new_book(Kind(kind).label)
    for number, column in enumerate(columns_of(kind, any_town=any_town), start=1):
        cell = sheet.cell(1, number)
        text_cell(cell, column.header)
        must = "必須" if column.required else "任意"
        cell.comment = Comment("。".join(filter(None, [must, column.note])), "様式")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = "@"
    style_header(sheet, 1)
    return workbook_bytes(book)


@dataclass(slots=True)
class DealEntry:
    """One row of the file: clean values by column, and its problems."""

    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Cells:
    """Turns the text of a cell into a value; raises ValueError with what to write instead."""

    def __init__(self) -> None:
        skills = Skill.objects.values_list("code", "name")
        self.skills = {tidy_code(word): code for code, name in skills for word in (code, name)}
        self.towns = set(Municipality.objects.in_prefecture().values_list("code", flat=True))

    def value(self, column: Column, text: str) -> Any:
        read = getattr(self, f"_{column.kind}")
        return read(column, text)

    @staticmethod
    def _text(column: Column, text: str) -> str:
        words = tidy_text(text)
        if len(words) > column.most:
            raise ValueError(f"{column.most}文字までで書いてください(いま{len(words)}文字)。")
        return words

    @staticmethod
    def _date(column: Column, text: str) -> date:
        typed = text.strip()
        if number_in(typed) in SERIALS:
            return EXCEL_EPOCH + timedelta(days=number_in(typed))
        return era.parse_date(typed)

    @staticmethod
    def _number(column: Column, text: str) -> str:
        number = tidy_digits(text).replace("-", "")
        if not corporate_number.is_valid(number):
            raise ValueError("法人番号(13桁)の検査数字が合いません。番号を確かめてください。")
        return number

    def _skill(self, column: Column, text: str) -> str:
        code = self.skills.get(tidy_code(text))
        if code is None:
            raise ValueError("業務分野のコードか名前を書いてください。")
        return code

    def _town(self, column: Column, text: str) -> str:
        code = tidy_digits(text)
        if code not in self.towns:
            raise ValueError("県内の市町の団体コード(6桁)を書いてください。")
        return code


def check(content: bytes, job: DealImport, progress: Progress) -> list[DealEntry]:
    """All rows of a file with their problems. Writes nothing. Raises UnreadableFileError."""
    columns = columns_of(job.kind, any_town=job.municipality_id is None)
    by_header = {tidy_code(column.header): column for column in columns}
    cells = _Cells()
    entries: list[DealEntry] = []
    found = False
    for sheet in read_sheets(content):
        top = _header_row(sheet, by_header)
        if top is not None:
            found = True
            for entry in _rows(sheet, top, columns, by_header, cells):
                if len(entries) == MOST_ROWS:
                    raise UnreadableFileError(TOO_MANY)
                entries.append(entry)
    if not found:
        raise UnreadableFileError("見出しが見つかりません。ひな形の見出しを変えないでください。")
    _check_together(entries, job)
    progress(len(entries), len(entries))
    return entries


def _header_row(sheet: Sheet, by_header: dict[str, Column]) -> int | None:
    for number, row in enumerate(sheet.rows[:HEADER_ROWS]):
        if sum(tidy_code(cell) in by_header for cell in row) >= LEAST_HEADERS:
            return number
    return None


def _rows(
    sheet: Sheet,
    top: int,
    columns: Sequence[Column],
    by_header: dict[str, Column],
    cells: _Cells,
) -> Iterator[DealEntry]:
    from openpyxl.utils import get_column_letter  # slow to load

    places: dict[str, int] = {}
    strange: list[Problem] = []
    for index, header in enumerate(sheet.rows[top]):
        column = by_header.get(tidy_code(header))
        if column is not None and column.name not in places:
            places[column.name] = index
        elif header.strip():
            cell = f"{get_column_letter(index + 1)}{top + 1}"
            words = "様式にない見出しか、2つ目の見出しです。列を消してください。"
            strange.append(Problem(sheet.name, cell, header, header, words))
    for number, row in enumerate(islice(sheet.rows, top + 1, None), start=top + 2):
        if not any(cell.strip() for cell in row):
            continue
        entry = DealEntry(sheet.name, number, problems=strange)
        strange = []
        for column in columns:
            place = places.get(column.name)
            text = row[place].strip() if place is not None and place < len(row) else ""
            address = f"{get_column_letter(place + 1)}{number}" if place is not None else ""
            message = ""
            if text:
                try:
                    entry.values[column.name] = cells.value(column, text)
                except ValueError as error:
                    message = str(error)
            elif column.required:
                message = "入れてください。" if address else "この項目の列がありません。"
            if message:
                entry.problems.append(
                    Problem(sheet.name, address, column.header, text[:200], message)
                )
        yield entry


def _check_together(entries: Sequence[DealEntry], job: DealImport) -> None:
    """What several cells, rows, or the rows that are there, say together."""
    seen: set[tuple[Any, ...]] = set()
    for entry in entries:
        values = entry.values
        if entry.problems:
            continue
        start, end = _term(values)
        announced = values.get("announced_on")
        if end < start:
            _add(entry, "期間", end, "始めの日より後の日にしてください。")
        elif announced and not start <= announced <= end:
            _add(
                entry,
                "公告・募集の予定日",
                announced,
                "準備の始めから決定までの日にしてください。",
            )
        for number in range(1, PARTIES + 1):
            given = [values.get(f"{part}_{number}") for part in ("number", "name")]
            if any(given) and not all(given):
                _add(
                    entry,
                    f"事業者{number}",
                    given[0] or given[1],
                    "法人番号と名前の両方を書いてください。",
                )
        numbers = [values[f"number_{n}"] for n in range(1, PARTIES + 1) if f"number_{n}" in values]
        if len(numbers) != len(set(numbers)):
            _add(entry, "事業者", numbers[0], "同じ事業者が2回入っています。")
        key = (_town_of(entry, job), values["subject"], values.get("corporate_number"), end)
        if key in seen:
            _add(entry, "件名", values["subject"], "同じものが、ほかの行にもあります。")
        seen.add(key)
        if not entry.problems and _is_there(entry, job):
            _add(entry, "件名", values["subject"], "もう入っています。画面で直してください。")


def _term(values: dict[str, Any]) -> tuple[date, date]:
    start = values.get("prepared_from") or values["starts"]
    return start, values.get("decided_on") or values["ends"]


def _add(entry: DealEntry, header: str, value: object, message: str) -> None:
    place = f"{entry.row}行目"
    entry.problems.append(Problem(entry.sheet, place, header, str(value), message))


def _town_of(entry: DealEntry, job: DealImport) -> str:
    return str(job.municipality_id or entry.values["town"])


def _is_there(entry: DealEntry, job: DealImport) -> bool:
    values, town = entry.values, _town_of(entry, job)
    if job.kind == Kind.PROCUREMENTS:
        return PlannedProcurement.objects.filter(
            municipality_id=town, subject=values["subject"], decided_on=values["decided_on"]
        ).exists()
    return VendorContract.objects.filter(
        municipality_id=town,
        corporate_number=values["corporate_number"],
        subject=values["subject"],
        starts__lte=values["ends"],
        ends__gte=values["starts"],
    ).exists()


def write(entries: list[DealEntry], job: DealImport, progress: Progress) -> int:
    """Write entries, which have no problems; returns how many. All or nothing. Raises
    ImportRefused when somebody entered the same meanwhile."""
    for number, entry in enumerate(entries):
        if number % NOTED_EACH == 0:
            progress(number, len(entries))
        try:
            _write(entry, job)
        except DealRefused as refusal:
            raise ImportRefused(f"{entry.row}行目：{refusal}") from refusal
    return len(entries)


def _write(entry: DealEntry, job: DealImport) -> None:
    values, town = entry.values, _town_of(entry, job)
    if job.kind == Kind.CONTRACTS:
        contract = VendorContract(
            municipality_id=town,
            skill_id=values.get("skill"),
            **{
                name: values[name]
                for name in ("subject", "vendor_name", "corporate_number", "starts", "ends")
            },
        )
        save_contract(contract, by=job.created_by)
        return
    procurement = PlannedProcurement(
        municipality_id=town,
        subject=values["subject"],
        skill_id=values.get("skill"),
        prepared_from=values["prepared_from"],
        announced_on=values.get("announced_on"),
        decided_on=values["decided_on"],
        note=values.get("note", ""),
    )
    parties = [
        Party(values[f"number_{number}"], values[f"name_{number}"])
        for number in range(1, PARTIES + 1)
        if f"number_{number}" in values
    ]
    save_procurement(procurement, parties, by=job.created_by)


DEALS: Importer[DealImport, DealEntry] = Importer(
    model=DealImport,
    prefix="deals",
    task="registry.run_deal_import",
    noun="行",
    check=check,
    write=write,
)
