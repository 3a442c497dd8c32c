"""Contracts and planned procurements from files: every problem by cell, dry run, one mechanism."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from municipalities.registry.deal_files import COLUMNS, DEALS, MOST_ROWS, template
from municipalities.registry.importing import ImportRefused, NotAllowedNow
from municipalities.registry.models import DealImport, PlannedProcurement, VendorContract
from talentpool.audit.models import Event
from talentpool.conventions.cells import write_csv
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db
NUMBER = "8999900000001"
OTHER = "7123456789012"
TOWN = "342157"


@pytest.fixture(autouse=True)
def _code_lists(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make.make_code_lists()


@pytest.fixture
def editor() -> User:
    return make.make_editor(TOWN)


def headers(kind: str, *, any_town: bool = False) -> list[str]:
    names = [column.header for column in COLUMNS[kind]]
    return ["団体コード", *names] if any_town else names


def procurement(**values: str) -> list[str]:
    given = {
        "件名": "庁内網の更改",
        "業務分野": "ネットワーク",
        "準備を始める日": "令和9年4月1日",
        "公告・募集の予定日": "2027-09-01",
        "決定の予定日": "2027-12-01",
        "事業者1の法人番号": "8999-9000-00001",
        "事業者1": "甲社",
    } | values
    return [given.get(header, "") for header in headers("procurements")]


def csv(kind: str, *rows: Sequence[str], any_town: bool = False) -> bytes:
    return write_csv([headers(kind, any_town=any_town), *rows], for_people=True)


def checked(content: bytes, by: User, kind: str = "procurements", town: str | None = TOWN) -> Any:
    job = DEALS.start(file_name="a.csv", content=content, by=by, kind=kind, municipality_id=town)
    DEALS.run(job.pk)
    job.refresh_from_db()
    return job


def test_from_the_template_to_the_rows(editor: User) -> None:
    book = load_workbook(io.BytesIO(template("procurements", any_town=False)))
    sheet = book.worksheets[0]
    for column, value in enumerate(procurement(), start=1):
        sheet.cell(2, column).value = value
    filled = io.BytesIO()
    book.save(filled)
    client = Client()
    client.force_login(editor)
    file = SimpleUploadedFile("../予定.xlsx", filled.getvalue())
    sent = {"kind": "procurements", "file": file}
    answer = client.post(reverse("town:deal_import_list"), sent)
    job = DealImport.objects.get()
    address = reverse("town:deal_import", args=[job.pk])
    assert answer["Location"] == address
    assert (job.file_name, job.municipality_id) == ("予定.xlsx", TOWN)
    assert "確認中" in client.get(address).content.decode()

    DEALS.run(job.pk)
    assert "問題のない行は1行" in client.get(address).content.decode()
    assert not PlannedProcurement.objects.exists()
    client.post(address, {"apply": "1", "mode": "all"})
    DEALS.run(job.pk)
    DEALS.run(job.pk)  # delivered twice
    row = PlannedProcurement.objects.get()
    assert (row.municipality_id, row.subject, row.skill_id) == (TOWN, "庁内網の更改", "NW")
    assert (row.prepared_from, row.announced_on, row.decided_on) == (
        date(2027, 4, 1),
        date(2027, 9, 1),
        date(2027, 12, 1),
    )
    assert list(row.parties.values_list("corporate_number", "name")) == [(NUMBER, "甲社")]
    assert row.updated_by == editor
    job.refresh_from_db()
    assert (job.status, job.written, job.content) == ("applied", 1, None)
    assert Message.objects.filter(key__startswith=f"watch:town:{TOWN}").count() == 1
    actions = Event.objects.values_list("action", flat=True)
    assert {"start_import", "apply_import", "finish_import", "save_procurement"} <= set(actions)


WRONG = [
    ({"件名": ""}, "A2", "入れてください"),
    ({"件名": "長" * 121}, "A2", "120文字まで"),
    ({"業務分野": "農業"}, "B2", "業務分野のコードか名前"),
    ({"準備を始める日": "2月30日"}, "C2", ""),
    ({"決定の予定日": "2027-02-30"}, "E2", ""),
    ({"事業者1の法人番号": "8999900000002"}, "F2", "検査数字"),
    ({"決定の予定日": "2027-03-01"}, "2行目", "始めの日より後"),
    ({"公告・募集の予定日": "2028-01-01"}, "2行目", "準備の始めから決定まで"),
    ({"事業者1": ""}, "2行目", "両方"),
    ({"事業者2の法人番号": NUMBER, "事業者2": "甲"}, "2行目", "同じ事業者が2回"),
]


@pytest.mark.parametrize(("values", "cell", "words"), WRONG)
def test_each_problem_names_its_cell(
    editor: User, values: dict[str, str], cell: str, words: str
) -> None:
    job = checked(csv("procurements", procurement(**values)), editor)
    assert (job.status, job.valid, job.invalid) == ("checked", 0, 1)
    (problem,) = job.problems
    assert problem["cell"] == cell
    assert words in problem["message"]
    with pytest.raises(ImportRefused):
        DEALS.apply(job, mode="valid", by=editor)


def test_what_is_there_or_twice_in_the_file_is_told(editor: User) -> None:
    first = checked(csv("procurements", procurement()), editor)
    DEALS.apply(first, mode="all", by=editor)
    DEALS.run(first.pk)
    other = procurement(件名="別の調達")
    job = checked(csv("procurements", procurement(), other, other), editor)
    assert (job.valid, job.invalid) == (1, 2)
    words = [problem["message"] for problem in job.problems]
    assert ["もう入っています" in words[0], "ほかの行にもあります" in words[1]] == [True, True]
    with pytest.raises(ImportRefused, match="問題のある行"):
        DEALS.apply(job, mode="all", by=editor)
    DEALS.apply(job, mode="valid", by=editor)
    DEALS.run(job.pk)
    assert PlannedProcurement.objects.count() == 2
    with pytest.raises(NotAllowedNow):
        DEALS.discard(job, by=editor)


def test_what_somebody_entered_meanwhile_keeps_everything_out(editor: User) -> None:
    rows = [procurement(件名="一つ目"), procurement(件名="二つ目")]
    job = checked(csv("procurements", *rows), editor)
    DEALS.apply(job, mode="all", by=editor)
    job.refresh_from_db()
    second = checked(csv("procurements", rows[1]), editor)
    DEALS.apply(second, mode="all", by=editor)
    DEALS.run(second.pk)
    DEALS.run(job.pk)
    job.refresh_from_db()
    assert PlannedProcurement.objects.count() == 1
    assert job.status == "applying" or job.written == 0


def test_contracts_of_any_town_by_the_prefecture() -> None:
    coordinator = make.make_coordinator()
    make.make_town("343099")
    row = ["保守", "甲社", NUMBER, "", "2026-04-01", "2028-03-31"]
    content = csv("contracts", ["343099", *row], ["131016", *row], any_town=True)
    client = Client()
    client.force_login(coordinator)
    sent = {"kind": "contracts", "file": SimpleUploadedFile("c.csv", content)}
    client.post(reverse("admin:registry_deal_import_list"), sent)
    job = DealImport.objects.get()
    assert job.municipality_id is None
    DEALS.run(job.pk)
    job.refresh_from_db()
    assert (job.valid, job.invalid) == (1, 1)
    assert job.problems[0]["cell"] == "A3"
    DEALS.apply(job, mode="valid", by=coordinator)
    DEALS.run(job.pk)
    contract = VendorContract.objects.get()
    assert (contract.municipality_id, contract.corporate_number) == ("343099", NUMBER)
    shown = client.get(reverse("admin:registry_deal_import", args=[job.pk])).content.decode()
    assert "契約を1行取り込みました" in shown
    problems = client.get(reverse("admin:registry_deal_import_problems", args=[job.pk]))
    assert "県内の市町の団体コード" in problems.getvalue().decode("utf-8-sig")
    # A town does not see the prefecture's import.
    town = Client()
    town.force_login(make.make_editor("343099"))
    assert town.get(reverse("town:deal_import", args=[job.pk])).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"PK\x03\x04broken", "読めません"),
        (b"\xd0\xcf\x11\xe0old", "古い形式"),
        ("何か,別の,表\r\n1,2,3".encode(), "見出しが見つかりません"),
    ],
)
def test_other_files_are_refused_in_words(editor: User, content: bytes, words: str) -> None:
    job = checked(content, editor)
    assert job.status == "refused"
    assert words in job.message
    DEALS.discard(job, by=editor)
    job.refresh_from_db()
    assert (job.status, job.content) == ("discarded", None)


def test_strange_headers_are_told_once(editor: User) -> None:
    head = [*headers("procurements"), "予定価格"]
    content = write_csv([head, [*procurement(), "1"], [*procurement(件名="二")]], for_people=True)
    job = checked(content, editor)
    assert [problem["value"] for problem in job.problems] == ["予定価格"]


def test_a_file_of_too_many_rows_is_refused(editor: User) -> None:
    job = checked(csv("procurements", *[["件名だけ"]] * (MOST_ROWS + 1)), editor)
    assert (job.status, job.problem_count) == ("refused", 0)
    assert "5,000行まで" in job.message
