"""People from Excel and CSV: each error at its cell, nothing before it is wanted, nobody twice."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from municipalities.registry.importing import ImportRefused
from municipalities.registry.models import Membership, Municipality, Prefecture
from talentpool.audit.models import Event
from talentpool.conventions.cells import UnreadableFileError, csv_line
from talentpool.files.sheets import read_sheets
from talentpool.outbox.models import Message
from talentpool.privacy import tombstones
from talentpool.rights.services import erase_person
from talentpool.specialists.models import Firm, PeopleImport, Specialist
from talentpool.specialists.people_sheet import COLUMNS, MOST_PEOPLE
from talentpool.specialists.services import entry, people_import
from talentpool.specialists.tasks import run_people_import, sweep_imports
from talentpool.users.services import create_account
from tests.factories import (
    make_code_lists,
    make_coordinator,
    make_member,
    make_specialist,
    make_town,
)
from tests.lock_order import watching

pytestmark = pytest.mark.django_db
HEADERS = [column.header for column in COLUMNS]
GOOD = {
    "氏名": "見本 花子",
    "フリガナ": "みほん はなこ",
    "区分": "兼業・副業",
    "拠点の市町": "江田島市",
    "メールアドレス": "Hanako@example.jp",
    "業務分野とレベル": "ネットワーク:3；SEC:L2",
    "1日あたりの報酬の希望": "３０，０００円",
    "働き方": "来庁と遠隔",
    "経験年数": "１２",
    "通称・旧姓": "見本 はな",
}


@pytest.fixture(autouse=True)
def lists(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make_code_lists()
    make_town()


def xlsx(*rows: dict[str, Any], title: bool = False) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "名簿"
    if title:
        sheet.append(["人材名簿"])
    sheet.append(HEADERS)
    for row in rows:
        sheet.append([row.get(header) for header in HEADERS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def checked(content: bytes) -> list[Any]:
    return people_import.check_people(content, None, lambda done, total: None)


def make_job(content: bytes) -> PeopleImport:
    job = people_import.start_people_import(
        file_name="名簿.xlsx", content=content, by=make_coordinator()
    )
    run_people_import(job.pk)
    job.refresh_from_db()
    return job


def test_a_file_is_checked_first_and_entered_when_wanted() -> None:
    job = make_job(xlsx(GOOD))
    assert (job.status, job.valid, job.invalid) == ("checked", 1, 0)
    assert not Specialist.objects.exists()
    people_import.PEOPLE.apply(job, mode="all", by=job.created_by)
    run_people_import(job.pk)
    run_people_import(job.pk)  # delivered twice
    person = Specialist.objects.get()
    assert (person.name, person.kana, person.status) == ("見本 花子", "ミホン　ハナコ", "applied")
    assert person.names == "見本 花子（通称・旧姓 見本 はな）"
    assert person.half_day_rate_yen == 15_000
    assert dict(person.skills.values_list("skill_id", "own_level")) == {"NW": 3, "SEC": 2}
    assert person.user is None
    assert not Specialist.objects.registered().exists()
    assert Message.objects.filter(payload__to="hanako@example.jp").count() == 1
    job.refresh_from_db()
    assert (job.status, job.written, job.content) == ("applied", 1, None)


@pytest.mark.parametrize(
    ("change", "cell", "words"),
    [
        ({"氏名": None}, "A3", "入れてください"),
        ({"フリガナ": "漢字"}, "B3", "カタカナ"),
        ({"区分": "社員"}, "C3", "兼業・副業"),
        ({"区分": "地場ベンダ等"}, "O3", "法人番号を入れて"),
        ({"事業者の法人番号": "7000020340006"}, "O3", "まだ登録されていません"),
        ({"事業者の法人番号": "7000020340007"}, "O3", "13桁"),
        ({"拠点の市町": "江田島"}, "D3", "市か町"),
        ({"拠点の市町": "千代田区"}, "D3", "市か町"),
        ({"メールアドレス": "hanako"}, "E3", "形が正しくありません"),
        ({"業務分野とレベル": "SEC:2;料理:3"}, "G3", "2つ目の業務分野"),
        ({"業務分野とレベル": "ネットワーク"}, "G3", "ネットワーク:3"),
        ({"1日あたりの報酬の希望": "応相談"}, "H3", ""),
        ({"経験年数": "61"}, "L3", "60"),
    ],
)
def test_each_error_is_said_at_its_cell(change: dict[str, Any], cell: str, words: str) -> None:
    rows = checked(xlsx({**GOOD, **change}, title=True))
    [problem] = rows[0].problems
    assert (problem.sheet, problem.cell) == ("名簿", cell)
    assert words in problem.message


@pytest.mark.parametrize("typed", ["東京都府中市", "東京都 府中市", "132063", "１３２０６３"])
def test_who_lives_outside_the_prefecture_is_named_with_it_or_by_code(typed: str) -> None:
    """府中市 alone is the prefecture's own: there are two."""
    tokyo = Prefecture.objects.create(code="130001", name="東京都", kana="とうきょうと")
    outside = Municipality.objects.create(
        code="132063", prefecture=tokyo, name="府中市", kana="ふちゅうし"
    )
    own = make_town("342084")
    rows = checked(xlsx({**GOOD, "拠点の市町": typed}, {**GOOD, "拠点の市町": "府中市"}))
    assert [row.values["base"] for row in rows] == [outside.pk, own.pk]
    assert (own.name_anywhere, outside.name_anywhere) == ("府中市", "東京都府中市")


def test_a_firms_people_come_with_its_number_and_wait_for_its_agreement() -> None:
    firm = Firm.objects.create(name="見本システム", corporate_number="7000020340006")
    number = {"事業者の法人番号": "7000020340006"}
    [wrong] = checked(xlsx({**GOOD, **number}))
    assert [problem.header for problem in wrong.problems] == ["事業者の法人番号"]
    job = make_job(xlsx({**GOOD, **number, "区分": "地場ベンダ等"}))
    people_import.PEOPLE.apply(job, mode="all", by=job.created_by)
    run_people_import(job.pk)
    person = Specialist.objects.get()
    assert (person.kind, person.firm, person.firm_agreed_at) == ("firm", firm, None)
    assert Specialist.objects.without_firm().get() == person


def test_nobody_is_entered_twice() -> None:
    twin = make_specialist(name="見本　花子", kana="ﾐﾎﾝﾊﾅｺ")
    asked = make_specialist(user=None, status="under_review")
    entry.send_claim(asked, "asked@example.jp", by=make_coordinator())
    other = {**GOOD, "氏名": "見本 太郎", "フリガナ": "ミホン タロウ"}
    third = {**GOOD, "氏名": "見本 三郎", "フリガナ": "ミホン サブロウ"}
    more = {"メールアドレス": "Asked@example.jp", "経験年数": "3", "自治体での経験年数": "4"}
    rows = checked(xlsx(GOOD, other, {**third, **more}))
    assert "プールにいます" in rows[0].problems[0].message
    wrong = {problem.header for problem in rows[2].problems}
    assert wrong == {"メールアドレス", "自治体での経験年数"}
    assert twin.pool_number not in str([row.problems for row in rows])  # nobody logs that view
    assert [problem.header for problem in rows[1].problems] == ["メールアドレス"]


def test_a_draft_that_was_never_sent_in_is_neither_told_nor_in_the_way() -> None:
    make_specialist(name="見本　花子", kana="ﾐﾎﾝﾊﾅｺ", status="draft", submitted_at=None)
    (row,) = checked(xlsx(GOOD))
    assert row.problems == []


@pytest.mark.parametrize(
    ("address", "name"), [("hanako@example.jp", "別の 名前"), ("", "見本　花子")]
)
def test_who_was_erased_does_not_come_back_by_a_file(address: str, name: str) -> None:
    """B-05: by address, or by name with reading; the prefecture reads why."""
    tombstones.bury([address] if address else [], name=name, kana="ミホン ハナコ")
    (row,) = checked(xlsx(GOOD))
    assert [problem.message for problem in row.problems] == [tombstones.WHY_NOT]
    job = make_job(xlsx(GOOD))
    assert (job.valid, job.invalid) == (0, 1)


def test_what_is_to_be_mended_can_be_taken_along_as_a_file() -> None:
    job = make_job(xlsx({**GOOD, "経験年数": "61"}))
    client = Client()
    client.force_login(job.created_by)
    url = reverse("admin:specialists_specialist_import_problems", args=[job.pk])
    assert (
        url
        in client.get(
            reverse("admin:specialists_specialist_import", args=[job.pk])
        ).content.decode()
    )
    answer = client.get(url)
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == '"シート","セル","項目","値","直し方"'
    assert len(lines) == 2
    assert '"L2","経験年数","61"' in lines[1]


def test_with_errors_all_or_the_good_ones() -> None:
    other = {**GOOD, "氏名": "見本 太郎", "フリガナ": "ミホン タロウ", "メールアドレス": None}
    job = make_job(xlsx({**GOOD, "区分": "?"}, other))
    assert (job.valid, job.invalid, job.problem_count) == (1, 1, 1)
    with pytest.raises(ImportRefused):
        people_import.PEOPLE.apply(job, mode="all", by=job.created_by)
    people_import.PEOPLE.apply(job, mode="valid", by=job.created_by)
    run_people_import(job.pk)
    assert [person.name for person in Specialist.objects.all()] == ["見本 太郎"]


def test_an_import_whose_worker_was_lost_is_taken_up_again() -> None:
    job = people_import.start_people_import(
        file_name="名簿.xlsx", content=xlsx(GOOD), by=make_coordinator()
    )
    assert sweep_imports() == 0  # it may still be waiting for its turn
    PeopleImport.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    assert sweep_imports() == 1
    asked = Message.objects.get(key__startswith=f"people-import:{job.pk}:again:")
    assert asked.payload == {"name": "specialists.run_people_import", "args": [job.pk]}
    run_people_import(job.pk)
    assert sweep_imports() == 0
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "specialists.sweep_imports" in planned


@pytest.mark.parametrize("end", ["apply", "discard"])
def test_what_was_typed_of_people_does_not_outlive_the_file(end: str) -> None:
    """Also what could not be taken in: until the end it is there to be mended, then its place."""
    other = {**GOOD, "氏名": "見本 太郎", "フリガナ": "ミホン タロウ", "メールアドレス": None}
    bad = {**GOOD, "フリガナ": "鵺花子", "メールアドレス": "nue@", "業務分野とレベル": "鵺:1"}
    job = make_job(xlsx(bad, other))
    assert "鵺" in str(job.problems)
    if end == "apply":
        people_import.PEOPLE.apply(job, mode="valid", by=job.created_by)
        run_people_import(job.pk)
    else:
        people_import.PEOPLE.discard(job, by=job.created_by)
    job.refresh_from_db()
    assert (job.content, job.problem_file, job.problem_count) == (None, None, 3)
    assert not re.search("鵺|nue|花子", str(job.problems))
    assert [problem["cell"] for problem in job.problems] == ["B2", "E2", "G2"]


def test_a_file_does_not_outlive_an_erasure() -> None:
    """Who was erased may stand in it; whoever brought the file is told what to do."""
    job = make_job(xlsx(GOOD, {**GOOD, "区分": "?"}))
    assert job.content is not None
    assert "hanako" in str(job.problems)
    person = make_specialist()
    with watching() as order:  # a worker may hold the file's row and wait for the chain
        erase_person(person.pk, by=job.created_by)
    assert order.found == []
    job.refresh_from_db()
    assert job.status == "discarded"
    assert job.file_name == people_import.NAMELESS  # it may name somebody too
    assert not job.content
    assert not job.problem_file
    assert "hanako" not in str(job.problems)
    client = Client()
    client.force_login(job.created_by)
    page = client.get(reverse("admin:specialists_specialist_import", args=[job.pk]))
    assert "もう一度、ファイルを送ってください" in page.content.decode()


def erased_after_the_check(job: PeopleImport, person: Specialist) -> Any:
    """What a worker does, with the erasure of somebody just when the rows have been looked at."""

    def check(content: bytes, job: PeopleImport | None, note: Any) -> list[Any]:
        rows = people_import.check_people(content, job, note)
        erase_person(person.pk, by=None)
        return rows

    return replace(people_import.PEOPLE, check=check)


def test_an_address_that_was_taken_since_the_check_is_told_by_its_row() -> None:
    job = make_job(xlsx(GOOD))
    people_import.PEOPLE.apply(job, mode="all", by=job.created_by)

    def check(content: bytes, job: PeopleImport | None, note: Any) -> list[Any]:
        rows = people_import.check_people(content, job, note)
        create_account(email="hanako@example.jp", name="別人", kind="specialist", by=None)
        return rows

    replace(people_import.PEOPLE, check=check).run(job.pk)
    job.refresh_from_db()
    assert job.status == "checked"
    assert job.message.startswith("2行目：このメールアドレスには、すでに利用者がいます。")
    assert not Specialist.objects.exists()


@pytest.mark.parametrize("step", ["checking", "applying"])
def test_an_erasure_stops_a_file_that_a_worker_is_at(step: str) -> None:
    """Nobody comes back by it, not even by an address that only the erased account knew, and
    nothing of the file stays."""
    person = make_specialist(name="別の 名前", kana="ベツノ ナマエ")
    EmailAddress.objects.create(user=person.user, email="hanako@example.jp", verified=True)
    job = people_import.start_people_import(
        file_name="名簿.xlsx", content=xlsx(GOOD, {**GOOD, "区分": "?"}), by=make_coordinator()
    )
    if step == "applying":
        run_people_import(job.pk)
        job.refresh_from_db()
        assert (job.valid, job.invalid) == (1, 1)  # the pool does not know the address
        people_import.PEOPLE.apply(job, mode="valid", by=job.created_by)
    erased_after_the_check(job, person).run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.content, job.problem_file) == ("discarded", None, None)
    assert "hanako" not in str(job.problems)
    assert "だれも取り込んでいません" in job.message
    assert [one.pk for one in Specialist.objects.all()] == [person.pk]
    run_people_import(job.pk)  # delivered again
    assert Specialist.objects.count() == 1
    assert Event.objects.filter(action="discard_import").count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", "氏名だけ\n見本\n".encode(), b"\xd0\xcf\x11\xe0old"]
)
def test_what_is_no_such_table_is_refused_in_words(content: bytes) -> None:
    job = make_job(content)
    assert (job.status, job.content) == ("refused", None)
    assert job.message.endswith("。")
    with pytest.raises(UnreadableFileError):
        checked(content)


def test_the_template_has_the_headers_and_no_formula() -> None:
    [sheet] = read_sheets(people_import.template())
    assert sheet.rows[0] == HEADERS


def test_the_pages_are_the_prefectures() -> None:
    coordinator, auditor = make_coordinator(), make_member(Membership.Role.AUDITOR)
    client = Client()
    client.force_login(coordinator)
    page = reverse("admin:specialists_specialist_imports")
    sent = client.post(page, {"file": io.BytesIO(xlsx(GOOD))})
    job = PeopleImport.objects.get()
    assert sent["Location"] == reverse("admin:specialists_specialist_import", args=[job.pk])
    run_people_import(job.pk)
    client.post(sent["Location"], {"apply": "1", "mode": "all"})
    job.refresh_from_db()
    assert job.status == "applying"
    client.force_login(auditor)
    assert client.get(page).status_code == 200
    assert client.post(page, {"file": io.BytesIO(xlsx(GOOD))}).status_code == 404
    with pytest.raises(ImportRefused):
        people_import.start_people_import(file_name="x", content=b"x", by=auditor)


def test_a_list_of_too_many_people_is_refused_before_it_is_read_to_its_end() -> None:
    lines = [csv_line(HEADERS), *(csv_line([f"氏{n}"]) for n in range(MOST_PEOPLE + 1))]
    job = make_job("".join(lines).encode())
    assert (job.status, job.problem_count, job.content) == ("refused", 0, None)
    assert "2,000人まで" in job.message


def test_the_kind_of_before_is_read_and_not_offered() -> None:
    job = make_job(xlsx({**GOOD, "区分": "大学等・国のリスト"}))
    people_import.PEOPLE.apply(job, mode="all", by=job.created_by)
    run_people_import(job.pk)
    person = Specialist.objects.unsettled().get()  # waits until somebody looked
    assert person.kind == "other"
    person.delete()
    (old, wrong) = checked(
        xlsx({**GOOD, "区分": "大学等・国のリスト"}, {**GOOD, "氏名": "見本 次", "区分": "王様"})
    )
    assert [problem.value for problem in old.problems if problem.header == "区分"] == []
    said = next(problem.message for problem in wrong.problems if problem.value == "王様")
    assert "国の人材リスト" in said
    assert "大学等・国のリスト" not in said
