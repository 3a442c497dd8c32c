"""From the text of sheets to values of vacancies, with every problem named by sheet and cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import islice

from municipalities.registry.problems import Problem
from municipalities.vacancies.definition import Definition, FieldSpec
from municipalities.vacancies.spreadsheets import CHOICES_SHEET
from talentpool.conventions.cells import UnreadableFileError
from talentpool.conventions.folding import tidy_code
from talentpool.conventions.numbers import number_in
from talentpool.files.sheets import Sheet

HEADER_ROWS = 5  # a title may stand above the headers
LEAST_HEADERS = 3
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(20_000, 80_000)  # 1954 to 2119, as days since the epoch
CACHED_LENGTH = 40
MOST_CACHED = 20_000  # texts: a file of a million different ones shall not stay in memory
NOTED_EACH = 200  # rows between two notes of progress
EMPTY = "自分の市町のものなら、この欄を空けてください。"
FILLED_BY_SYSTEM = frozenset(
    {
        "form_version",
        "submission_month",
        "change_type",
        "vacancy_no",
        "lg_code",
        "prefecture_name",
        "municipality_name",
        "updated_on",
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in a draft that a row of the file names: its values in the form of the file, and
    their version."""

    values: dict[str, str]
    version: int


@dataclass(slots=True)
class Entry:
    """One vacancy of the file: canonical values, the number it names, its problems.

    The values of a row that names a draft are those that will stand there: of columns that the
    file does not have, the draft's. `draft_version` is the version that they were taken from.
    """

    sheet: str
    row: int
    values: dict[str, str] = field(default_factory=dict)
    vacancy_no: str = ""
    number_cell: str = ""  # where the number stands, or its row
    draft_version: int | None = None
    problems: list[Problem] = field(default_factory=list)


class Checker:
    """Checks cells against a definition; equal short texts of a field are checked once."""

    def __init__(
        self,
        definition: Definition,
        known: dict[str, str],
        drafts: Callable[[], dict[str, Draft]] = dict,
    ) -> None:
        """`known` are values of the municipality, which a file may leave out; `drafts` reads its
        drafts by number, and is asked once, when a row names one."""
        self.definition = definition
        self.known = known
        self.drafts = cache(drafts)
        self._seen: dict[tuple[str, str], tuple[str, str]] = {}
        self._asked = [
            spec
            for spec in definition.fields
            if spec.requirement != "optional" and spec.identifier not in FILLED_BY_SYSTEM
        ]

    def cell(self, spec: FieldSpec, text: str) -> tuple[str, str]:
        """(canonical value, ""), or ("", message)."""
        key = (spec.identifier, text)
        found = self._seen.get(key)
        if found is None:
            try:
                found = (spec.canonical(self._date(spec, text)), "")
            except ValueError as error:
                found = ("", str(error))
            if len(text) <= CACHED_LENGTH:
                if len(self._seen) >= MOST_CACHED:
                    self._seen.clear()
                self._seen[key] = found
        return found

    @staticmethod
    def _date(spec: FieldSpec, text: str) -> str:
        """A date that lost its format in the sheet comes as the number of its day."""
        if spec.kind == "date" and number_in(text) in SERIALS:
            return (EXCEL_EPOCH + timedelta(days=number_in(text))).isoformat()
        return text

    def _take_draft(self, entry: Entry, number: str, address: Callable[[str], str]) -> None:
        """What stands in the draft stays where the file has no column for it."""
        entry.vacancy_no = number
        draft = self.drafts().get(number)
        if draft is None:
            return  # said by the service, which knows why
        entry.draft_version = draft.version
        entry.values |= {
            key: text
            for key, text in draft.values.items()
            if key not in FILLED_BY_SYSTEM and not address(key)
        }

    def _names_another(self, spec: FieldSpec, text: str) -> str:
        """What is wrong with a cell that the system fills and that says something else, as in a
        file of another town or of an older form; "" when nothing is."""
        named = tidy_code(text).upper()
        if spec.identifier == "form_version" and named != self.definition.code.upper():
            code = self.definition.code
            return f"今の様式版は「{code}」です。今のひな形に書き写してください。"
        town = self.known.get("municipality_name", "")
        own = self.known.get("lg_code", "")
        # A code without its check digit, or that lost a leading zero, is still the town's.
        if spec.identifier == "lg_code" and named.zfill(5) not in {own, own[:5]}:
            return f"{town}の団体コードは{own}です。ほかの市町の募集情報は取り込めません。{EMPTY}"
        if spec.identifier == "municipality_name" and tidy_code(town).upper() not in named:
            return f"{town}のファイルではありません。ほかの市町の募集情報は取り込めません。{EMPTY}"
        return ""

    def entry(
        self,
        sheet: str,
        row: int,
        texts: Sequence[tuple[FieldSpec, str]],
        address: Callable[[str], str],
    ) -> Entry:
        """Check the filled cells of one vacancy; `address` names the cell of a field, or ""."""
        entry = Entry(sheet, row, dict(self.known))
        entry.number_cell = address("vacancy_no") or (f"{row}行目" if row else "")
        number = next((text for spec, text in texts if spec.identifier == "vacancy_no"), "")
        if number:
            self._take_draft(entry, tidy_code(number).upper(), address)
        values, wrong = entry.values, set()
        for spec, text in texts:
            identifier = spec.identifier
            if identifier in FILLED_BY_SYSTEM:
                words = self._names_another(spec, text)
                if words:
                    cell = address(identifier)
                    entry.problems.append(Problem(sheet, cell, spec.header, text, words))
                continue
            value, message = self.cell(spec, text)
            if message:
                wrong.add(identifier)
                entry.problems.append(
                    Problem(sheet, address(identifier), spec.header, text, message)
                )
            elif value:
                values[identifier] = value
        for spec in self._asked:
            if spec.identifier in values or spec.identifier in wrong:
                continue
            if spec.is_required(values):
                cell = address(spec.identifier)
                words = "入れてください。" if cell else "この項目の列がありません。"
                entry.problems.append(
                    Problem(sheet, cell, spec.header, "", f"{spec.header}：{words}")
                )
        for identifier, message in self.definition.contradictions(values):
            if identifier not in wrong:
                header = self.definition.by_identifier[identifier].header
                value = values.get(identifier, "")
                entry.problems.append(Problem(sheet, address(identifier), header, value, message))
        return entry


def entries_of(
    sheets: Sequence[Sheet],
    definition: Definition,
    known: dict[str, str],
    *,
    drafts: Callable[[], dict[str, Draft]] = dict,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Entry]:
    """All vacancies of a file one by one, whichever of the two layouts its sheets have; `drafts` as
    in `Checker`.

    `progress` hears how many rows of how many are done. Raises UnreadableFileError when no sheet
    looks like either layout.
    """
    checker = Checker(definition, known, drafts)
    headers = {tidy_code(spec.header): spec for spec in definition.fields}
    plans: list[tuple[Sheet, Callable[[], Iterator[Entry]], int]] = []
    for sheet in sheets:
        if sheet.name == CHOICES_SHEET:
            continue
        single = _single_rows(sheet, headers)
        table = None if single else _header_row(sheet, headers)
        if single:
            plans.append(
                (sheet, lambda s=sheet, r=single: iter([_single(s, r, headers, checker)]), 1)  # type: ignore[misc]
            )
        elif table is not None:
            count = len(sheet.rows) - table - 1
            plans.append((sheet, lambda s=sheet, t=table: _table(s, t, headers, checker), count))  # type: ignore[misc]
    if not plans:
        raise UnreadableFileError(
            "募集情報の表が見つかりません。ひな形の見出しを変えずに使ってください。"
        )
    total = sum(count for _, _, count in plans)
    done = 0
    progress(0, total)
    for _, read, _ in plans:
        for entry in read():
            yield entry
            done += 1
            if done % NOTED_EACH == 0:
                progress(done, total)
    progress(total, total)


def _single_header(sheet: Sheet) -> list[str]:
    """The headers of a sheet that holds one vacancy, a field a row; a title may stand above them.
    Empty when there are none."""
    for row in sheet.rows[:HEADER_ROWS]:
        names = [tidy_code(cell) for cell in row]
        if "記入欄" in names and "項目名" in names:
            return names
    return []


def _single_rows(sheet: Sheet, headers: dict[str, FieldSpec]) -> list[tuple[int, FieldSpec]]:
    """Row numbers and fields of a sheet that holds one vacancy, a field a row; else nothing."""
    names = _single_header(sheet)
    if not names:
        return []
    name_column = names.index("項目名")
    found = []
    for number, row in enumerate(sheet.rows):
        spec = headers.get(tidy_code(_at(row, name_column)))
        if spec is not None:
            found.append((number, spec))
    return found


def _single(
    sheet: Sheet,
    rows: list[tuple[int, FieldSpec]],
    headers: dict[str, FieldSpec],
    checker: Checker,
) -> Entry:
    from openpyxl.utils import get_column_letter  # slow to load: see spreadsheets.py

    names = _single_header(sheet)
    column, name_column = names.index("記入欄"), names.index("項目名")
    letter, name_letter = (get_column_letter(place + 1) for place in (column, name_column))
    numbers: dict[str, int] = {}
    for number, spec in rows:
        numbers.setdefault(spec.identifier, number)
    texts = (
        (spec, _at(sheet.rows[number], column))
        for number, spec in rows
        if numbers[spec.identifier] == number
    )
    filled = [(spec, text) for spec, text in texts if text]
    entry = checker.entry(
        sheet.name,
        0,
        filled,
        lambda identifier: f"{letter}{numbers[identifier] + 1}" if identifier in numbers else "",
    )
    taken = set(numbers.values())
    strange = []
    for number, row in enumerate(sheet.rows):
        name = _at(row, name_column)
        if number in taken or not _at(row, column).strip() or tidy_code(name) == "項目名":
            continue
        known = headers.get(tidy_code(name))
        words = (
            f"同じ項目が{name_letter}{numbers[known.identifier] + 1}にもあります。"
            if known
            else "様式にない項目名です。項目名を直すか、記入欄を空けてください。"
        )
        strange.append(Problem(sheet.name, f"{name_letter}{number + 1}", name, name, words))
    entry.problems = strange + entry.problems
    return entry


def _header_row(sheet: Sheet, headers: dict[str, FieldSpec]) -> int | None:
    for number, row in enumerate(sheet.rows[:HEADER_ROWS]):
        if sum(tidy_code(cell) in headers for cell in row) >= LEAST_HEADERS:
            return number
    return None


def _table(
    sheet: Sheet, header_row: int, headers: dict[str, FieldSpec], checker: Checker
) -> Iterator[Entry]:
    from openpyxl.utils import get_column_letter  # slow to load: see spreadsheets.py

    columns: list[tuple[int, FieldSpec]] = []
    letters: dict[str, str] = {}
    strange: list[Problem] = []
    for column, cell in enumerate(sheet.rows[header_row]):
        letter = get_column_letter(column + 1)
        address = f"{letter}{header_row + 1}"
        spec = headers.get(tidy_code(cell))
        if spec is None and cell.strip():
            words = "様式にない見出しです。見出しを直すか、列を消してください。"
            strange.append(Problem(sheet.name, address, cell, cell, words))
        elif spec is not None and spec.identifier in letters:
            words = f"同じ見出しが{letters[spec.identifier]}列にもあります。"
            strange.append(Problem(sheet.name, address, cell, cell, words))
        elif spec is not None:
            letters[spec.identifier] = letter
            columns.append((column, spec))
    for number, row in enumerate(islice(sheet.rows, header_row + 1, None), start=header_row + 2):
        filled = [(spec, row[column]) for column, spec in columns if _at(row, column)]
        if not filled and not any(cell.strip() for cell in row):
            continue

        def address_of(identifier: str, number: int = number) -> str:
            letter = letters.get(identifier)
            return f"{letter}{number}" if letter else ""

        entry = checker.entry(sheet.name, number, filled, address_of)
        entry.problems = strange + entry.problems
        strange = []  # what is wrong with the headers is wrong once
        yield entry


def _at(row: list[str], column: int) -> str:
    return row[column] if column < len(row) else ""
