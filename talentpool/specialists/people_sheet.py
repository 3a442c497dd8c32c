"""From the rows of a sheet to people, with every problem named by its cell (A-32)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from municipalities.registry.problems import Problem
from talentpool.conventions import amounts, corporate_number, folding
from talentpool.conventions.cells import UnreadableFileError
from talentpool.conventions.numbers import number_in
from talentpool.files.sheet_reader import SPLIT
from talentpool.files.sheets import Sheet
from talentpool.specialists.models import PayWish, Specialist

HEADER_ROWS = 5  # a title may stand above the headers
LEAST_HEADERS = 3
MOST_PEOPLE = 2000
MOST_YEARS = 60
TOO_MANY = f"1回に取り込めるのは{MOST_PEOPLE:,}人までです。{SPLIT}"
KINDS = {label: value for value, label in Specialist.Kind.choices}
# Files that were made before the two were told apart: who comes by the old word waits until a
# coordinator has looked which it is.
OLD_KIND = "academic_or_other"
KINDS_OF_BEFORE = {"大学等・国のリスト": OLD_KIND}
FIRM = Specialist.Kind.FIRM.label
REMOTES = {label: value for value, label in Specialist.Remote.choices}


@dataclass(frozen=True, slots=True)
class Lists:
    """What texts may name: municipalities (`anywhere_by_words`), skills by name and code, the key
    of firms by corporate number."""

    towns: dict[str, str]
    skills: dict[str, str]
    firms: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """`read` turns the text of a cell into a value, or raises ValueError with words for people."""

    name: str
    header: str
    note: str
    read: Callable[[str, Lists], Any]
    required: bool = False


@dataclass(slots=True)
class Row:
    """One person of the file."""

    sheet: str
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _text(most: int) -> Callable[[str, Lists], str]:
    def read(text: str, lists: Lists) -> str:
        tidy = folding.tidy_text(text)
        if len(tidy) > most:
            raise ValueError(f"{most}文字までで入れてください。")
        return tidy

    return read


def _kana(text: str, lists: Lists) -> str:
    kana = folding.to_katakana(text)
    if not folding.is_katakana(kana):
        raise ValueError("カタカナかひらがなで入れてください。")
    return kana


def _one_of(
    known: Mapping[str, str], before: Mapping[str, str] | None = None
) -> Callable[[str, Lists], str]:
    """Reads one of the `known` words; those of `before` are understood and not offered."""

    def read(text: str, lists: Lists) -> str:
        value = {**(before or {}), **known}.get(text.strip())
        if value is None:
            raise ValueError("次のどれかを入れてください：" + "、".join(known))
        return value

    return read


def _town(text: str, lists: Lists) -> str:
    code = lists.towns.get("".join(text.split())) or lists.towns.get(folding.tidy_digits(text))
    if code is None:
        raise ValueError(
            "市町の名前を、市か町まで入れてください。県外は県名から入れるか、団体コードを入れます。"
            "例：江田島市、岡山県笠岡市、332054"
        )
    return code


def _firm(text: str, lists: Lists) -> int:
    number = folding.tidy_digits(text)
    if not corporate_number.is_valid(number):
        raise ValueError("13桁の法人番号を入れてください。数字に間違いがあります。")
    if number not in lists.firms:
        raise ValueError("この法人番号の事業者は、まだ登録されていません。先に登録してください。")
    return lists.firms[number]


def _email(text: str, lists: Lists) -> str:
    address = folding.tidy_code(text).lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError("メールアドレスの形が正しくありません。") from error
    return address


def _number(least: int, most: int) -> Callable[[str, Lists], int]:
    def read(text: str, lists: Lists) -> int:
        digits = folding.tidy_digits(text)
        number = number_in(digits)
        if not least <= number <= most or (number == 0 and digits != "0"):
            raise ValueError(f"{least}から{most}までの数字で入れてください。")
        return number

    return read


def _yen(text: str, lists: Lists) -> int:
    yen = amounts.parse_yen(text)
    if not 2 <= yen <= PayWish.MOST_YEN:  # half of it is the rate of a half-day
        raise ValueError("2円から1,000万円までで入れてください。")
    return yen


def _skills(text: str, lists: Lists) -> dict[str, int]:
    found: dict[str, int] = {}
    parts = folding.tidy_text(text).replace("；", ";").replace("：", ":").split(";")
    for number, part in enumerate(parts, start=1):
        if not part.strip():
            continue
        name, _, level = part.partition(":")
        code = lists.skills.get(name.strip())
        digits = folding.tidy_digits(level).upper().removeprefix("L")
        if code is None:
            raise ValueError(f"{number}つ目の業務分野は、一覧にありません。")  # not what was typed
        if digits not in {"1", "2", "3", "4"}:
            raise ValueError("「ネットワーク:3;セキュリティ:2」のように書いてください。")
        found[code] = int(digits)
    return found


COLUMNS: Sequence[Column] = (
    Column("name", "氏名", "必ず入れます", _text(80), required=True),
    Column("kana", "フリガナ", "カタカナかひらがな", _kana, required=True),
    Column("kind", "区分", "、".join(KINDS), _one_of(KINDS, KINDS_OF_BEFORE), required=True),
    Column(
        "base",
        "拠点の市町",
        "例：江田島市。県外は「岡山県笠岡市」のように県名から",
        _town,
        required=True,
    ),
    Column("email", "メールアドレス", "入れると、引き継ぎの案内を送ります", _email),
    Column("employer", "勤務先", "80文字まで", _text(80)),
    Column("skills", "業務分野とレベル", "例：ネットワーク:3;セキュリティ:2", _skills),
    Column("day", "1日あたりの報酬の希望", "例：30,000", _yen),
    Column("remote", "働き方", "、".join(REMOTES), _one_of(REMOTES)),
    Column("radius_km", "来庁できる距離(km)", "0から500", _number(0, 500)),
    Column("max_towns", "受け持てる市町の数", "1から10", _number(1, 10)),
    Column("years", "経験年数", "0から60", _number(0, MOST_YEARS)),
    Column("municipal_years", "自治体での経験年数", "0から60", _number(0, MOST_YEARS)),
    Column("strengths", "得意なこと", "お名前や会社名は書きません", _text(300)),
    Column("firm", "事業者の法人番号", f"区分が「{FIRM}」のとき必ず入れます", _firm),
    Column("known_as", "通称・旧姓", "仕事で使う名前が、氏名と違うときだけ", _text(80)),
)
HEADERS = {folding.tidy_code(column.header): column for column in COLUMNS}


def rows_of(sheets: Sequence[Sheet], lists: Lists) -> list[Row]:
    """All people of a file. Raises UnreadableFileError when no sheet has the headers, or there are
    too many."""
    rows: list[Row] = []
    found = False
    for sheet in sheets:
        place = _header_row(sheet)
        if place is not None:
            found = True
            for row in _table(sheet, place, lists):
                if len(rows) == MOST_PEOPLE:
                    raise UnreadableFileError(TOO_MANY)
                rows.append(row)
    if not found:
        raise UnreadableFileError(
            "人材の表が見つかりません。ひな形の見出しを変えずに使ってください。"
        )
    return rows


def _header_row(sheet: Sheet) -> int | None:
    for number, cells in enumerate(sheet.rows[:HEADER_ROWS]):
        if sum(folding.tidy_code(cell) in HEADERS for cell in cells) >= LEAST_HEADERS:
            return number
    return None


def _table(sheet: Sheet, header_row: int, lists: Lists) -> Iterator[Row]:
    from openpyxl.utils import get_column_letter  # slow to load

    places: dict[str, str] = {}
    columns: list[tuple[int, Column]] = []
    strange: list[Problem] = []
    for index, cell in enumerate(sheet.rows[header_row]):
        letter = get_column_letter(index + 1)
        column = HEADERS.get(folding.tidy_code(cell))
        if column is not None and column.name not in places:
            places[column.name] = letter
            columns.append((index, column))
        elif cell.strip():
            words = "ひな形にない見出しか、同じ見出しです。見出しを直すか、列を消してください。"
            strange.append(Problem(sheet.name, f"{letter}{header_row + 1}", cell, cell, words))
    for number, cells in enumerate(islice(sheet.rows, header_row + 1, None), start=header_row + 2):
        if any(cell.strip() for cell in cells):
            row = _row(sheet.name, number, cells, columns, places, lists)
            row.problems[:0] = strange
            strange = []  # what is wrong with the headers is wrong once
            yield row


def _row(
    sheet: str,
    number: int,
    cells: list[str],
    columns: list[tuple[int, Column]],
    places: dict[str, str],
    lists: Lists,
) -> Row:
    row = Row(sheet, number)
    for index, column in columns:
        text = cells[index] if index < len(cells) else ""
        if not text.strip():
            continue
        try:
            row.values[column.name] = column.read(text, lists)
        except ValueError as error:
            cell = f"{places[column.name]}{number}"
            row.problems.append(Problem(sheet, cell, column.header, text, str(error)))
    wrong = {problem.header for problem in row.problems}
    column_of_firm = next(column.header for column in COLUMNS if column.name == "firm")
    for column in COLUMNS:
        if column.required and not row.values.get(column.name) and column.header not in wrong:
            letter = places.get(column.name)
            words = "入れてください。" if letter else "この項目の列がありません。"
            cell = f"{letter}{number}" if letter else ""
            row.problems.append(Problem(sheet, cell, column.header, "", words))
    if row.values.get("municipal_years", 0) > row.values.get("years", MOST_YEARS):
        header = next(column.header for column in COLUMNS if column.name == "municipal_years")
        cell, typed = f"{places['municipal_years']}{number}", str(row.values["municipal_years"])
        words = "経験年数より長くはできません。"
        row.problems.append(Problem(sheet, cell, header, typed, words))
    if "kind" in row.values and column_of_firm not in wrong:
        words = _why_not_firm(row)
        letter = places.get("firm")
        if words:
            cell = f"{letter}{number}" if letter else ""
            row.problems.append(Problem(sheet, cell, column_of_firm, "", words))
    return row


def _why_not_firm(row: Row) -> str:
    """A firm's people have one, the others none; empty when it is right."""
    is_member, has_firm = row.values["kind"] == "firm", "firm" in row.values
    if is_member and not has_firm:
        return f"区分が「{FIRM}」の人には、事業者の法人番号を入れてください。"
    if has_firm and not is_member:
        return f"事業者の法人番号は、区分が「{FIRM}」の人だけに入れます。"
    return ""
