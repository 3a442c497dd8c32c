"""What went to the ministry about one town's vacancies: read from the frozen rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from municipalities.vacancies.definition import Values
from municipalities.vacancies.difference import LABELS, Change, differing, live
from municipalities.vacancies.exports import written_in
from municipalities.vacancies.models import FormVersion, MinistryExport, Vacancy
from talentpool.pages.paging import PAGE_SIZE, Page, open_place, page_at

FIND = """
SELECT e.id, e.base_id, e.month, e.version, e.submitted_at, e.form_version_id, r.value
FROM vacancies_ministryexport AS e, jsonb_array_elements(e.rows) AS r
WHERE e.status = 'submitted' AND r.value->>'lg_code' = %s AND r.value->>'vacancy_no' = ANY (%s)
"""
NEWEST_FIRST = " ORDER BY e.month DESC, e.version DESC, r.value->>'vacancy_no' DESC"
OLDEST_FIRST = " ORDER BY e.month, e.version, r.value->>'vacancy_no'"
PLACE = " AND (e.month, e.version, r.value->>'vacancy_no') {} (%s::date, %s::integer, %s)"
COLUMNS = ("month", "version", "vacancy_no")


@dataclass(frozen=True, slots=True)
class Sent:
    """One row of a submitted batch."""

    export_id: int
    base_id: int | None
    month: date
    version: int
    submitted_at: datetime
    form_version_id: int
    row: dict[str, str]

    @property
    def form(self) -> FormVersion:
        """The version of the form that it was written in."""
        version: FormVersion = FormVersion.objects.get(pk=self.form_version_id)
        return version

    @property
    def change(self) -> Change:
        """更新区分."""
        return Change(self.row["change_type"])

    @property
    def word(self) -> str:
        """更新区分 in words."""
        return LABELS[self.change]


def sent_about(code: str, vacancy_no: str) -> list[Sent]:
    """What was submitted about one vacancy of the town `code`, the newest month first."""
    return _found(FIND + NEWEST_FIRST, [code, [vacancy_no]])


def sent_page(
    code: str, numbers: Sequence[str], params: Mapping[str, str], *, size: int = PAGE_SIZE
) -> Page[Sent]:
    """What was submitted about the vacancies of the town `code` with these numbers, the newest
    month first: the page that the cursor in `params` points at (see `keyset_page`)."""
    place = open_place(params.get("cursor", ""), COLUMNS)
    backwards = place is not None and place.backwards
    query, given = FIND, [code, list(numbers)]
    if place is not None:
        query += PLACE.format(">" if backwards else "<")
        given += place.values
    query += OLDEST_FIRST if backwards else NEWEST_FIRST
    found = _found(f"{query} LIMIT %s", [*given, size + 1])
    page = page_at(place, found, _place_of, names=COLUMNS, size=size)
    return sent_page(code, numbers, {}, size=size) if page is None else page


def _place_of(sent: Sent) -> tuple[str, str, str]:
    return sent.month.isoformat(), str(sent.version), sent.row["vacancy_no"]


def _found(query: str, given: Sequence[Any]) -> list[Sent]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [
            Sent(export, base, month, version, submitted_at, form, json.loads(row))
            for export, base, month, version, submitted_at, form, row in cursor.fetchall()
        ]


def last_of(history: list[Sent]) -> Sent | None:
    """The row of the batch that the next one is compared with: the newest that was submitted. None
    when the vacancy is not in it: it had ended before, or a correction no longer had it."""
    newest = (
        MinistryExport.objects.filter(status=MinistryExport.Status.SUBMITTED)
        .order_by("-month", "-version")
        .values_list("pk", flat=True)
        .first()
    )
    return history[0] if history and history[0].export_id == newest else None


def before_each(history: list[Sent]) -> list[tuple[Sent, tuple[str, ...]]]:
    """Each sent row of one vacancy with the identifiers that differ from the batch it was
    compared with."""
    by_export = {sent.export_id: sent.row for sent in history}
    return [
        (
            sent,
            differing(by_export[sent.base_id], sent.row)
            if sent.change is Change.CHANGED and sent.base_id in by_export
            else (),
        )
        for sent in history
    ]


def since(vacancy: Vacancy, last: Sent | None, today: date) -> tuple[Change | None, Values, Values]:
    """What the next batch, which is written in the form in force on the day, would say of the
    vacancy as it is now: the kind of change, None when
    nothing is sent about it, and the values before and after."""
    shown = live([last.row]) if last is not None else {}
    before = shown.get(vacancy.vacancy_no)
    goes_on = vacancy.is_open_on(today) or (before is not None and vacancy.is_not_over_on(today))
    if not (goes_on and vacancy.publish_ok):
        if before is None:
            return None, {}, {}
        over = vacancy.publish_ok and vacancy.status != Vacancy.Status.WITHDRAWN
        return (Change.CLOSED if over else Change.WITHDRAWN), {}, {}
    if before is None or last is None:
        return Change.NEW, {}, {}
    form: FormVersion = FormVersion.objects.in_force_on(today) or last.form
    now, _ = written_in(vacancy.values, vacancy.form_version_id, form)
    return (Change.CHANGED if differing(before, now) else Change.CONTINUED), before, now
