"""Vacancies from a file: dry run, report, apply, and what a worker may do twice."""

import io
import json
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError, VacanciesError
from municipalities.vacancies.models import Vacancy, VacancyImport
from municipalities.vacancies.services import imports as imports_service
from municipalities.vacancies.spreadsheets import single_template
from talentpool.audit.models import Event
from talentpool.conventions.cells import csv_line
from talentpool.files.sheets import table_workbook
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.form_file import DEFINITION
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    make_coordinator,
    make_editor,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

SPECS = [spec for spec in DEFINITION.fields if spec.section != "system"]


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def file_of(*rows: dict[str, str]) -> bytes:
    header = ["募集管理番号", *(spec.header for spec in SPECS)]
    cells = [
        [row.get("vacancy_no", ""), *(row.get(spec.identifier, "") for spec in SPECS)]
        for row in rows
    ]
    return table_workbook("募集情報", [header, *cells])


def make_import(*rows: dict[str, str], by: User | None = None) -> VacancyImport:
    """An import that a worker has checked."""
    job = services.start_import(
        make_town(), file_name="募集.xlsx", content=file_of(*rows), by=by or make_editor()
    )
    services.run_import(job.pk)
    return VacancyImport.objects.get(pk=job.pk)


def applied(job: VacancyImport, mode: str) -> VacancyImport:
    services.apply_import(job, mode=mode, by=job.created_by)
    services.run_import(job.pk)
    return VacancyImport.objects.get(pk=job.pk)


GOOD = dict(COMPLETE)
BAD = COMPLETE | {"tel": "1234", "headcount": "百"}


def test_the_dry_run_writes_nothing_and_says_all() -> None:
    job = make_import(GOOD, BAD)
    assert (job.status, job.valid, job.invalid, job.problem_count) == ("checked", 1, 1, 2)
    assert [(p["cell"], p["value"]) for p in job.problems] == [("R3", "百"), ("AY3", "1234")]
    assert Vacancy.objects.count() == 0


def test_a_worker_is_asked_once_for_each_step() -> None:
    job = make_import(GOOD)
    services.apply_import(job, mode="all", by=job.created_by)
    tasks = Message.objects.filter(kind="task").values_list("payload", flat=True)
    assert [task["args"] for task in tasks] == [[job.pk], [job.pk]]


def test_all_or_nothing_is_nothing_while_anything_is_wrong() -> None:
    job = make_import(GOOD, BAD)
    with pytest.raises(VacanciesError, match="問題のある募集"):
        services.apply_import(job, mode="all", by=job.created_by)
    assert Vacancy.objects.count() == 0


def test_valid_only_writes_what_is_right() -> None:
    job = applied(make_import(GOOD, BAD), "valid")
    vacancy = Vacancy.objects.get()
    assert (job.status, job.written, job.content) == ("applied", 1, None)
    assert {key: vacancy.values[key] for key in COMPLETE} == COMPLETE
    assert (vacancy.status, vacancy.municipality_id) == ("draft", "342157")


def test_a_task_that_runs_twice_writes_once() -> None:
    job = make_import(GOOD)
    services.apply_import(job, mode="all", by=job.created_by)
    services.run_import(job.pk)
    services.run_import(job.pk)
    assert Vacancy.objects.count() == 1


def test_a_numbered_row_is_written_into_its_draft() -> None:
    vacancy = make_vacancy()
    job = make_import(GOOD | {"vacancy_no": vacancy.vacancy_no, "dept": "企画課"})
    applied(job, "all")
    vacancy.refresh_from_db()
    assert (Vacancy.objects.count(), vacancy.values["dept"]) == (1, "企画課")
    assert vacancy.values["vacancy_no"] == vacancy.vacancy_no


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_only_an_own_draft_is_written_over(status: str) -> None:
    mine, theirs = make_vacancy(status), make_vacancy("draft", code="343021")
    for number in [mine.vacancy_no, theirs.vacancy_no, "342157-08-999"]:
        job = make_import(GOOD | {"vacancy_no": number})
        assert [p["header"] for p in job.problems] == ["募集管理番号"]


def test_a_number_stands_once_in_a_file() -> None:
    number = make_vacancy().vacancy_no
    job = make_import(GOOD | {"vacancy_no": number}, GOOD | {"vacancy_no": number})
    assert "ほかの行にも" in job.problems[0]["message"]


def test_a_file_cannot_choose_its_municipality() -> None:
    rows = [["全国地方公共団体コード", *(s.header for s in SPECS)]]
    rows += [["343021", *(COMPLETE.get(s.identifier, "") for s in SPECS)]]
    job = services.start_import(
        make_town(), file_name="x.xlsx", content=table_workbook("s", rows), by=make_editor()
    )
    services.run_import(job.pk)
    (problem,) = VacancyImport.objects.get().problems
    assert (problem["cell"], problem["value"]) == ("A2", "343021")
    with pytest.raises(VacanciesError, match="問題のある"):
        applied(job, "all")
    assert not Vacancy.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_in_words() -> None:
    job = services.start_import(
        make_town(), file_name="..\\..\\evil.xlsx", content=b"PK\x03\x04x", by=make_editor()
    )
    services.run_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.file_name) == ("refused", "evil.xlsx")
    assert "保存し直して" in job.message
    services.discard_import(job, by=job.created_by)
    assert VacancyImport.objects.get().content is None


def test_states_follow_their_order() -> None:
    job = applied(make_import(GOOD), "all")
    with pytest.raises(NotAllowedNowError):
        services.apply_import(job, mode="all", by=job.created_by)
    with pytest.raises(NotAllowedNowError):
        services.discard_import(job, by=job.created_by)


def test_an_import_that_nobody_finished_loses_its_file_after_a_week() -> None:
    job, young = make_import(GOOD), make_import(GOOD)
    VacancyImport.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=8))
    assert services.discard_old_imports() == 1
    job.refresh_from_db()
    young.refresh_from_db()
    assert (job.status, job.content) == ("discarded", None)
    assert young.status == "checked"


# --- Pages ----------------------------------------------------------------------------------------
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_over_the_pages() -> None:
    client = signed_in(make_editor())
    upload = SimpleUploadedFile("募集.xlsx", file_of(GOOD, BAD))
    answer = client.post("/town/vacancies/import/", {"file": upload})
    job = VacancyImport.objects.get()
    url = f"/town/vacancies/import/{job.pk}/"
    assert answer["Location"] == url
    assert "順番を待っているか" in client.get(url).content.decode()
    services.run_import(job.pk)
    page = client.get(url).content.decode()
    assert "AY3" in page
    assert client.post(url, {"apply": "1"}).status_code == 422
    client.post(url, {"apply": "1", "mode": "valid"})
    services.run_import(job.pk)
    assert "1件を下書きにしました" in client.get(url).content.decode()
    problems = client.get(f"{url}problems.csv").getvalue().decode("utf-8-sig")
    assert '"AY3"' in problems
    assert "募集.xlsx" in client.get("/town/vacancies/import/").content.decode()


def test_another_towns_import_does_not_exist() -> None:
    job = make_import(GOOD, BAD)
    client = signed_in(make_editor("343021"))
    url = f"/town/vacancies/import/{job.pk}/"
    assert client.get(url).status_code == 404
    assert client.get(f"{url}problems.csv").status_code == 404
    assert client.post(url, {"discard": "1"}).status_code == 404
    assert "募集.xlsx" not in client.get("/town/vacancies/import/").content.decode()


@pytest.mark.parametrize("kind", ["sheet", "rows"])
def test_templates_are_there_to_download(kind: str) -> None:
    answer = signed_in(make_editor()).get(f"/town/vacancies/template/{kind}.xlsx")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["募集情報", "選択肢"]


def test_the_template_for_csv_is_read_once_it_is_filled_in() -> None:
    client = signed_in(make_editor())
    page = client.get("/town/vacancies/import/").content.decode()
    assert "先頭の0が消えます" in page
    assert "/town/vacancies/template/rows.csv" in page
    empty = client.get("/town/vacancies/template/rows.csv").content.decode("utf-8-sig")
    line = csv_line(["", *(COMPLETE.get(spec.identifier, "") for spec in SPECS)])
    (entry,) = services.check_file((empty + line).encode("cp932"), make_town())
    assert entry.problems == []
    assert {key: entry.values[key] for key in COMPLETE} == COMPLETE


def test_a_vacancy_goes_out_as_a_sheet_and_comes_back_equal() -> None:
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    content = client.get(f"/town/vacancies/{vacancy.vacancy_no}/sheet.xlsx").content
    assert content == single_template(DEFINITION, vacancy.values)
    (entry,) = services.check_file(content, make_town())
    assert entry.problems == []
    assert {key: entry.values[key] for key in COMPLETE} == COMPLETE
    assert (entry.vacancy_no, entry.number_cell) == (vacancy.vacancy_no, "D2")
    services.write_entries([entry], make_town(), mode="all", by=vacancy.created_by)
    again = Vacancy.objects.get()
    assert again.values == vacancy.values


# --- The command ----------------------------------------------------------------------------------
def run(capsys: Any, path: Path, *args: str) -> str:
    by = User.objects.earliest("pk").email
    call_command("import_vacancies", str(path), "--municipality", "342157", "--by", by, *args)
    return str(capsys.readouterr().out)


def test_the_command_checks_and_writes(tmp_path: Path, capsys: Any) -> None:
    make_editor()
    path = tmp_path / "a.xlsx"
    path.write_bytes(file_of(GOOD, BAD))
    assert "募集情報!AY3" in run(capsys, path, "--dry-run")
    assert Vacancy.objects.count() == 0
    with pytest.raises(CommandError, match="nothing was written"):
        run(capsys, path)
    assert Vacancy.objects.count() == 0
    capsys.readouterr()
    result = json.loads(run(capsys, path, "--valid-only", "--json"))
    assert (result["vacancies"], result["written"], len(result["problems"])) == (2, 1, 2)
    assert Vacancy.objects.count() == 1


def test_the_dry_run_counts_what_the_law_makes_one_look_at(tmp_path: Path, capsys: Any) -> None:
    """Beside the problems; it keeps nothing from being taken in."""
    careful = GOOD | {"side_job": "0", "freq_max": "4"}
    job = make_import(GOOD, careful)
    assert (job.valid, job.cautions) == (2, 1)
    client = Client()
    client.force_login(job.created_by)
    page = client.get(reverse("town:import_detail", args=[job.pk])).content.decode()
    assert "確かめてほしい募集が1件あります" in page
    path = tmp_path / "a.xlsx"
    path.write_bytes(file_of(careful))
    assert "確かめてほしい募集: 1" in run(capsys, path, "--dry-run")


def test_the_command_refuses_in_one_line(tmp_path: Path, capsys: Any) -> None:
    make_editor()
    with pytest.raises(CommandError, match="cannot read"):
        run(capsys, tmp_path / "absent.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK")
    with pytest.raises(CommandError, match="保存し直して"):
        run(capsys, tmp_path / "b.xlsx")
    with pytest.raises(CommandError, match="no municipality"):
        call_command("import_vacancies", "x", "--municipality", "000000", "--by", "a@example.jp")


@pytest.mark.parametrize("make", [make_editor, make_coordinator])
def test_the_command_signs_with_the_account_it_is_given(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(file_of(GOOD))
    make_editor()
    by = make()
    args = ("import_vacancies", str(path), "--municipality", "342157")
    for email in ["nobody@example.jp", make_editor("343021").email]:
        with pytest.raises(CommandError, match="no account"):
            call_command(*args, "--by", email)
    call_command(*args, "--by", by.email)
    assert Vacancy.objects.get().created_by == by


def test_the_command_writes_in_nobodys_name_without_an_account(tmp_path: Path, capsys: Any) -> None:
    """The command line of the issue; drafts of an earlier file are written over the same way."""
    make_editor()
    path = tmp_path / "a.xlsx"
    path.write_bytes(file_of(GOOD))
    args = ["import_vacancies", str(path), "--municipality", "342157"]
    call_command(*args, "--json")
    assert json.loads(capsys.readouterr().out)["written"] == 1
    vacancy = Vacancy.objects.get()
    path.write_bytes(file_of(GOOD | {"vacancy_no": vacancy.vacancy_no, "dept": "企画課"}))
    call_command(*args)
    vacancy.refresh_from_db()
    assert (vacancy.created_by, vacancy.values["dept"]) == (None, "企画課")
    assert set(Event.objects.values_list("action", "actor_role")) >= {
        ("create_vacancy", ""),
        ("save_vacancy", ""),
    }


@pytest.mark.parametrize(
    ("content", "args"),
    [
        (b"no sheet", ["--municipality", "342157"]),
        (None, ["--municipality", "342157"]),
        (b"x", ["--municipality", "000000"]),
        (b"x", ["--municipality", "342157", "--by", "nobody@example.jp"]),
    ],
)
def test_a_refusal_is_told_as_json_too(
    content: bytes | None, args: list[str], tmp_path: Path, capsys: Any
) -> None:
    make_editor()
    path = tmp_path / "a.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        call_command("import_vacancies", str(path), *args, "--json")
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "vacancies": 0,
        "written": 0,
        "cautions": 0,
        "problems": [],
        "refused": str(refusal.value),
    }


def test_what_was_refused_once_can_be_applied_again() -> None:
    """Each try asks a worker: the task of the first one is done with."""
    vacancy = make_vacancy()
    job = make_import(GOOD | {"vacancy_no": vacancy.vacancy_no})
    Vacancy.objects.update(version=9)  # written since it was checked
    refused = applied(job, "all")
    assert refused.status == "checked"
    Message.objects.filter(kind="task").update(state="done", finished_at=timezone.now())
    services.apply_import(refused, mode="all", by=job.created_by)
    assert Message.objects.filter(kind="task", state="pending").count() == 1


def test_the_progress_is_shown_until_it_is_done() -> None:
    """C-15: the part that changes says how far it is, and reloads the page at the end."""
    editor = make_editor()
    job = make_import(COMPLETE, by=editor)
    client = signed_in(editor)
    VacancyImport.objects.filter(pk=job.pk).update(status="checking", done=30, total=120)
    part = reverse("town:import_progress", args=[job.pk])
    shown = client.get(part).content.decode()
    assert '<progress value="30" max="120">' in shown
    assert part in client.get(reverse("town:import_detail", args=[job.pk])).content.decode()
    VacancyImport.objects.filter(pk=job.pk).update(status="checked")
    assert client.get(part)["HX-Refresh"] == "true"


def test_an_import_whose_worker_was_lost_is_asked_for_again() -> None:
    job = make_import(COMPLETE)
    VacancyImport.objects.filter(pk=job.pk).update(status="checking")
    assert services.sweep_lost_imports() == 0  # it may still be waiting for its turn
    long_ago = timezone.now() - timedelta(minutes=5)
    VacancyImport.objects.filter(pk=job.pk).update(created_at=long_ago)
    assert services.sweep_lost_imports() == 1
    asked = Message.objects.filter(key__startswith=f"import:{job.pk}:again:")
    assert asked.get().payload == {"name": "vacancies.run_import", "args": [job.pk]}
    services.run_import(job.pk)
    assert services.sweep_lost_imports() == 0


@pytest.mark.django_db(transaction=True)
def test_who_is_at_an_import_is_left_alone() -> None:
    job = make_import(COMPLETE)
    long_ago = timezone.now() - timedelta(minutes=5)
    VacancyImport.objects.filter(pk=job.pk).update(status="checking", created_at=long_ago)
    seen: list[tuple[int, str]] = []

    def other_session() -> None:
        try:
            services.run_import(job.pk)
            seen.append((services.sweep_lost_imports(), VacancyImport.objects.get().status))
        finally:
            connection.close()

    with imports_service.VACANCIES.alone(job.pk) as alone:
        assert alone
        thread = Thread(target=other_session)
        thread.start()
        thread.join()
    assert seen == [(0, "checking")]


@pytest.mark.parametrize(
    ("rows", "mode", "words"),
    [((GOOD, GOOD), "all", "2件を取り込む"), ((GOOD, BAD), "valid", "問題のない1件だけ取り込む")],
)
def test_the_page_offers_what_can_be_done(
    rows: tuple[dict[str, str], ...], mode: str, words: str
) -> None:
    """Nothing to choose that would be refused: all while all is right, else what is right."""
    job = make_import(*rows)
    page = signed_in(job.created_by).get(f"/town/vacancies/import/{job.pk}/").content.decode()
    assert f'name="mode" value="{mode}"' in page
    assert words in page
    assert ("直したファイルを送り直す" in page) == (mode == "valid")
