"""The month's rows and the bytes of the file, without writing anything to the database."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from municipalities.vacancies.definition import Definition, convert
from municipalities.vacancies.difference import Changed, Row, difference, live
from municipalities.vacancies.models import FormVersion, MinistryExport, Vacancy
from talentpool.conventions.cells import Encoding, begins_like_formula, cp932_unencodable, write_csv
from talentpool.files.sheets import table_workbook


def last_submitted(month: date) -> MinistryExport | None:
    """The newest submitted batch of an earlier month: what 更新区分 is computed against."""
    newest: MinistryExport | None = (
        MinistryExport.objects.filter(month__lt=month, status=MinistryExport.Status.SUBMITTED)
        .order_by("-month", "-version")
        .first()
    )
    return newest


def batch_of(
    month: date,
    day: date,
    form: FormVersion,
    base: MinistryExport | None,
    *,
    hold_back: bool = False,
) -> tuple[list[Changed], dict[str, dict[str, str]]]:
    """The batch of `month` as it would be frozen on `day`, against `base`, and what of it cannot
    be written in the form (it does not fit, or begins like a formula): values by vacancy number
    and identifier.

    With `hold_back` such vacancies wait: what the ministry shows stays as it was last sent, what
    is new is not sent yet.

    What was sent and has not ended goes on (変更, then 継続), also when its first day has moved
    ahead: it is neither ended nor, when that day comes, new.
    """
    definition: Definition = form.definition
    previous: Sequence[Row] = base.rows if base else []
    shown = live(previous)
    sent = shown.keys()
    current = []
    leftovers = {}
    found = (
        Vacancy.objects.not_over_on(day)
        .filter(
            Q(open_date__isnull=True) | Q(open_date__lte=day) | Q(vacancy_no__in=sent),
            publish_ok=True,
        )
        .order_by("vacancy_no")
        .values_list("values", "form_version_id")
    )
    for values, version in found:
        number = values["vacancy_no"]
        row, unwritable = written_in(values, version, form)
        if unwritable:
            leftovers[number] = unwritable
            if hold_back:
                if number in sent:
                    current.append(row_of(shown[number], definition))
                continue
        current.append(row)
    gone = sent - {row["vacancy_no"] for row in current}
    return difference(previous, current, _closed(gone), month=f"{month:%Y-%m}"), leftovers


def _closed(numbers: Iterable[str]) -> list[str]:
    """Those whose recruiting ended by itself or by a decision: everything but what was withdrawn
    or may no longer be published."""
    return list(
        Vacancy.objects.filter(
            vacancy_no__in=list(numbers),
            publish_ok=True,
            status__in=[Vacancy.Status.PUBLISHED, Vacancy.Status.CLOSED],
        ).values_list("vacancy_no", flat=True)
    )


def written_in(
    values: Row, version: int, form: FormVersion
) -> tuple[dict[str, str], dict[str, str]]:
    """The row in the form of values that are in the form with the key `version`, and what cannot
    be written there (it does not fit, or begins like a formula), by identifier."""
    unwritable: dict[str, str] = {}
    if version != form.pk:
        values, unwritable = convert(values, form.definition)
    row = row_of(values, form.definition)
    return row, unwritable | {key: text for key, text in row.items() if begins_like_formula(text)}


def row_of(values: Row, definition: Definition) -> dict[str, str]:
    """A row with exactly the fields of the form, empty where there is no value."""
    row = {key: values.get(key, "") for key in definition.identifiers}
    row["form_version"] = definition.code
    return row


def table_of(rows: Iterable[Row], definition: Definition) -> list[list[str]]:
    """Headers and rows by vacancy number, the same for every kind of file."""
    ordered = sorted(rows, key=lambda row: row["vacancy_no"])
    table = [definition.headers]
    table += [[row.get(key, "") for key in definition.identifiers] for row in ordered]
    return table


def csv_bytes(
    rows: Iterable[Row], definition: Definition, encoding: Encoding = "utf-8-sig"
) -> bytes:
    """The file: UTF-8 with BOM or CP932, CRLF, every field quoted, rows by vacancy number.

    The same rows give the same bytes. Raises FormulaCellError when a cell begins like a formula,
    UnencodableError with every character that CP932 cannot hold.
    """
    return write_csv(table_of(rows, definition), for_people=False, encoding=encoding)


def unencodable_cells(rows: Iterable[Row], definition: Definition) -> list[tuple[str, str, str]]:
    """Vacancy number, header and character of everything that CP932 cannot hold, in the file's
    order."""
    table = table_of(rows, definition)
    number = definition.identifiers.index("vacancy_no")
    return [
        (line[number], header, character)
        for line in table[1:]
        for header, text in zip(table[0], line, strict=True)
        for _, character in cp932_unencodable(text)
    ]


def xlsx_bytes(rows: Iterable[Row], definition: Definition) -> bytes:
    """The same as a workbook of text cells; the same rows give the same bytes."""
    return table_workbook("募集情報", table_of(rows, definition))
