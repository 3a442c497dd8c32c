"""A year of 23 towns through the database, read by somebody who only gets the files (issue 3)."""

import csv
import hashlib
import io
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import FormVersion, MinistryExport, Vacancy
from talentpool.conventions.months import add_months
from talentpool.embedded.sample import past
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    make_coordinator,
    make_editor,
    make_town,
)

pytestmark = pytest.mark.django_db
TOWNS = [f"34{number:04}" for number in range(2000, 2023)]
FIRST_MONTH = date(2026, 5, 1)


class Prefecture:
    """What happens to vacancies in a month, by chance; the sums are done by the portal."""

    def __init__(self) -> None:
        self.chance = random.Random(23)
        self.form = FormVersion.objects.get(code="proposed-1")
        self.by = make_editor(TOWNS[0])
        self.towns = [make_town(code) for code in TOWNS]
        self.made = 0

    def live(self, day: date) -> None:
        """Some are found, taken back, changed, kept in the prefecture; some are new."""
        now = timezone.now()
        for vacancy in Vacancy.objects.filter(status="published"):
            fate = self.chance.random()
            if fate < 0.10:
                vacancy.status, vacancy.outcome, vacancy.closed_at = "closed", "filled", now
            elif fate < 0.15:
                vacancy.status, vacancy.closed_at = "withdrawn", now
            elif fate < 0.20:
                self._write(vacancy, publish_ok="0")
            elif fate < 0.24:
                self._write(vacancy, publish_ok="1")
            elif fate < 0.45:
                self._write(vacancy, headcount=str(self.chance.randrange(1, 99)))
            vacancy.save()
        for town in self.towns:
            if self.chance.random() < 0.4:
                self._publish(town, day)

    def _write(self, vacancy: Vacancy, **values: str) -> None:
        today = timezone.localdate().isoformat()  # 最終更新日 alone is no change
        vacancy.write_values({**vacancy.values, "updated_on": today, **values})

    def _publish(self, town: Any, day: date) -> None:
        self.made += 1
        now = timezone.now()
        vacancy = Vacancy(
            vacancy_no=f"{town.code}-08-{self.made:03}",
            municipality=town,
            form_version=self.form,
            created_by=self.by,
            status="published",
            submitted_at=now,
            published_at=now,
        )
        dated = {"close_type": "1", "close_date": (day + timedelta(days=70)).isoformat()}
        vacancy.write_values(
            COMPLETE
            | {"open_date": day.isoformat(), "vacancy_no": vacancy.vacancy_no}
            | {"form_version": self.form.code, "lg_code": town.code}
            | {"municipality_name": town.name, "updated_on": day.isoformat()}
            | (dated if self.chance.random() < 0.3 else {})
        )
        vacancy.save()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_month(shown: dict[str, dict[str, str]], rows: list[dict[str, str]]) -> dict[str, int]:
    """What the ministry does with the file. Fails on a row that does not fit what it shows."""
    kinds: dict[str, int] = {}
    for row in rows:
        number, kind = row["募集管理番号"], row["更新区分"]
        kinds[kind] = kinds.get(kind, 0) + 1
        content = {k: v for k, v in row.items() if k not in {"提出年月", "更新区分", "最終更新日"}}
        assert (kind == "1") == (number not in shown), f"{number} is sent as {kind}"
        if kind in {"4", "5"}:
            assert content == shown.pop(number), f"{number} ended with other words"
            continue
        assert (kind == "3") == (shown.get(number) == content), f"{number} is sent as {kind}"
        shown[number] = content
    assert len({row["募集管理番号"] for row in rows}) == len(rows)
    return kinds


def check_ends(rows: list[dict[str, str]]) -> None:
    """What was taken back, or may no longer be shown, is sent as 取下げ, all else as 募集終了."""
    ended = {row["募集管理番号"]: row["更新区分"] for row in rows if row["更新区分"] in {"4", "5"}}
    for vacancy in Vacancy.objects.filter(vacancy_no__in=ended):
        taken_back = vacancy.status == Vacancy.Status.WITHDRAWN or not vacancy.publish_ok
        assert ended[vacancy.vacancy_no] == ("5" if taken_back else "4")


class Ministry:
    """A reader of the files, and the prefecture's way to it: each month once, some in a way of
    their own."""

    def __init__(self, by: Any) -> None:
        self.by = by
        self.shown: dict[str, dict[str, str]] = {}
        self.before: dict[str, dict[str, str]] = {}  # what it showed before the month
        self.total: dict[str, int] = {}

    def freeze(self, month: date, day: date, reason: str = "") -> MinistryExport:
        """What is open and publishable on the day, and no more, will be shown."""
        with past.on(day):
            export = services.freeze_month(month, by=self.by, reason=reason, early=True)
            open_now = Vacancy.objects.open_on(day).filter(publish_ok=True)
            live = {row["vacancy_no"] for row in export.rows if row["change_type"] in "123"}
            assert live == set(open_now.values_list("vacancy_no", flat=True))
            check_ends(rows_of(bytes(export.content)))
        return export

    def receive(self, export: MinistryExport, day: date) -> None:
        """Decide and submit on the day; a correction takes the place of what it corrects."""
        with past.on(day):
            export = services.approve_export(
                export, document_number="1", document_date=day, approver="課長", by=self.by
            )
            export = services.submit_export(export, by=self.by)
        submitted = MinistryExport.objects.filter(month=export.month, status="submitted")
        if submitted.count() > 1:
            self.shown = self.before
        self.before = dict(self.shown)
        for kind, count in read_month(self.shown, rows_of(bytes(export.content))).items():
            self.total[kind] = self.total.get(kind, 0) + count


def test_a_year_of_23_towns(tmp_path: Path) -> None:
    """No vacancy is sent twice as new or lost, every month is made again byte for byte; two months
    are frozen twice, one is never submitted, one is submitted late, and one corrected in the month
    after it."""
    ministry, prefecture = Ministry(make_coordinator()), Prefecture()
    late: MinistryExport | None = None
    for number in range(12):
        month = add_months(FIRST_MONTH, number)
        if late is not None:
            ministry.receive(late, month + timedelta(days=1))
            late = None
        with past.on(month + timedelta(days=4)):
            prefecture.live(timezone.localdate())
        if number == 10:  # the month before is corrected when this one has begun
            corrected = ministry.freeze(
                add_months(month, -1), month + timedelta(days=8), reason="入れ忘れ"
            )
            ministry.receive(corrected, month + timedelta(days=9))
            with past.on(month + timedelta(days=10)):
                prefecture.live(timezone.localdate())
        day = month + timedelta(days=18)
        export = ministry.freeze(month, day)
        if number in {3, 5, 7}:
            services.discard_export(export, by=ministry.by)
            if number == 5:
                continue  # never sent: the next month is compared with the one before
            export = ministry.freeze(month, day, reason="誤りを直した")
        if number == 8:
            late = export
            continue
        ministry.receive(export, day)
    assert prefecture.made > 80
    assert all(ministry.total[kind] > 10 for kind in "12345"), ministry.total
    assert services.verify_exports() == (15, None)
    for export in MinistryExport.objects.all():
        again = services.render(export)
        assert again == bytes(export.content)
        assert hashlib.sha256(again).hexdigest() == export.sha256
    for number in (0, 7):
        month = add_months(FIRST_MONTH, number)
        call_command("ministry_export", f"{month:%Y-%m}", "--out", tmp_path, verbosity=0)
        newest = MinistryExport.objects.filter(month=month).order_by("-version")[0]
        assert (tmp_path / newest.file_name).read_bytes() == bytes(newest.content)
