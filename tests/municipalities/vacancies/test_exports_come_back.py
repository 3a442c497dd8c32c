"""What goes to the ministry is read again by our own importer, cell by cell the same, and does not
depend on where and when it is made (A-33).

No spreadsheet program opens these files here: LibreOffice is not installed on the machines that run
the tests. That nothing in them is a formula is looked up in the workbook's own XML instead.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.exports import csv_bytes, xlsx_bytes
from municipalities.vacancies.imports import FILLED_BY_SYSTEM, entries_of
from municipalities.vacancies.models import MinistryExport
from talentpool.conventions.months import first_of_month
from talentpool.files.sheets import read_sheets
from tests.municipalities.vacancies.form_file import DEFINITION
from tests.municipalities.vacancies.made_elsewhere import digests
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

MONTH = first_of_month(timezone.localdate())
ROOT = Path(__file__).resolve().parents[3]
TEXTS = [
    {"issues": '一行目\n「引用"符」,コンマ;区切り', "note": "'引用' と 1=1"},
    {"note": "''二重の印' =", "duties": "末尾に空白のない\n\n複数の行"},
    {
        "position_title": "髙﨑①㈱",
        "pay_max": "30000",
        "close_type": "2",
        "url": "https://a.jp/?b=1",
    },
]


@pytest.fixture
def batch(db: None) -> MinistryExport:
    editor = make_editor()
    for texts in TEXTS:
        make_vacancy("published", by=editor, **texts)
    return services.freeze_month(MONTH, by=make_coordinator(), early=True)


def test_the_months_own_files_are_read_back_equal(batch: MinistryExport, tmp_path: Path) -> None:
    """What `ministry_export` writes, as the page offers it: CSV, CP932, and the workbook: no
    problem in any cell, and every value that a town fills in as it was frozen."""
    kinds = [word for kind in ("csv", "xlsx", "cp932") for word in ("--format", kind)]
    call_command("ministry_export", f"{MONTH:%Y-%m}", "--out", str(tmp_path), *kinds)
    stem = batch.file_name.removesuffix(".csv")
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files == {
        f"{stem}.csv": bytes(batch.content),
        f"{stem}-sjis.csv": csv_bytes(batch.rows, DEFINITION, "cp932"),
        f"{stem}.xlsx": xlsx_bytes(batch.rows, DEFINITION),
    }
    for name, content in files.items():
        town = {key: batch.rows[0][key] for key in ("lg_code", "municipality_name")}
        entries = list(entries_of(read_sheets(content), DEFINITION, town))
        assert [entry.problems for entry in entries] == [[]] * len(TEXTS), name
        for entry, row in zip(entries, batch.rows, strict=True):
            own = {key: text for key, text in row.items() if text and key not in FILLED_BY_SYSTEM}
            read = {key: text for key, text in entry.values.items() if key not in FILLED_BY_SYSTEM}
            assert read == own, name
            assert entry.vacancy_no == row["vacancy_no"]


def test_nothing_in_the_workbook_is_a_formula_or_a_number(batch: MinistryExport) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(batch.rows, DEFINITION))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<f " not in sheet
    assert sheet.count(b"<c ") == sheet.count(b't="s"') + sheet.count(b't="inlineStr"')


def test_the_bytes_do_not_depend_on_clock_zone_language_or_process(batch: MinistryExport) -> None:
    """Made here and now, and in another process in another year, zone and language, whose sets have
    another order; what openpyxl writes by itself differs, so the other clock is felt."""
    environ = {
        **os.environ,
        "TZ": "America/St_Johns",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4711",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.municipalities.vacancies.made_elsewhere", "1900000000"],
        input=json.dumps(batch.rows),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environ,
    )
    assert done.returncode == 0, done.stderr
    there, here = json.loads(done.stdout), digests(batch.rows)
    assert there.pop("untamed") != here.pop("untamed")
    assert there == here


@pytest.mark.parametrize("text", ["=1", "'=1", "''＋1", "'-1"])
def test_what_would_not_come_back_equal_cannot_be_written_in_a_vacancy(text: str) -> None:
    """The apostrophe before a formula is a mark of files for people; the ministry's has none."""
    with pytest.raises(ValueError, match="文字から始めて"):
        DEFINITION.by_identifier["note"].canonical(text)
