"""A file over drafts: what it has no column for stays, and nobody's later words are lost."""

import pytest

from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import Vacancy, VacancyImport
from talentpool.files.sheets import table_workbook
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import COMPLETE, make_editor, make_town, make_vacancy

pytestmark = pytest.mark.django_db

HEADERS = {
    "vacancy_no": "募集管理番号",
    "lg_code": "全国地方公共団体コード",
    "municipality_name": "市区町村名",
    "form_version": "様式版",
    "dept": "担当部署",
    "note": "備考",
    "headcount": "募集人数",
}


def sheet(**cells: str) -> bytes:
    """One row under the headers of these fields only."""
    return table_workbook("募集情報", [[HEADERS[key] for key in cells], list(cells.values())])


def checked(content: bytes, by: User) -> VacancyImport:
    job = services.start_import(make_town(), file_name="一部.xlsx", content=content, by=by)
    services.run_import(job.pk)
    return VacancyImport.objects.get(pk=job.pk)


def applied(job: VacancyImport) -> VacancyImport:
    services.apply_import(job, mode="all", by=job.created_by)
    services.run_import(job.pk)
    return VacancyImport.objects.get(pk=job.pk)


def draft(by: User) -> Vacancy:
    return make_vacancy(by=by, note="前の備考", joint_type="1", joint_members="342084")


def test_what_the_file_has_no_column_for_stays() -> None:
    editor = make_editor()
    make_town("342084")
    vacancy = draft(editor)
    before = dict(vacancy.values)
    job = checked(
        sheet(vacancy_no=vacancy.vacancy_no, dept="企画課", note="", headcount="3"), editor
    )
    assert job.problems == []
    assert applied(job).written == 1
    after = Vacancy.objects.get().values
    assert (after["dept"], after["headcount"], "note" in after) == ("企画課", "3", False)
    changed = {"dept", "headcount", "note", "updated_on"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


def test_a_draft_that_was_written_after_the_check_is_not_written_over() -> None:
    editor = make_editor()
    make_town("342084")
    vacancy = draft(editor)
    job = checked(sheet(vacancy_no=vacancy.vacancy_no, dept="企画課", headcount="3"), editor)
    services.save_values(
        vacancy, {"note": "新しい"}, identifiers=["note"], version=vacancy.version, by=editor
    )
    job = applied(job)
    assert (job.status, job.written) == ("checked", 0)
    assert "確かめたあとで直されています" in job.message
    values = Vacancy.objects.get().values
    assert (values["note"], values["headcount"]) == ("新しい", "1")


def test_the_command_notices_it_too() -> None:
    editor = make_editor()
    make_town("342084")
    vacancy = draft(editor)
    file = sheet(vacancy_no=vacancy.vacancy_no, dept="企画課", headcount="3")
    entries = list(services.check_file(file, make_town()))
    services.save_values(
        vacancy, {"note": "新しい"}, identifiers=["note"], version=vacancy.version, by=editor
    )
    with pytest.raises(VacanciesError, match="取り込み直して"):
        services.write_entries(entries, make_town(), mode="all", by=editor)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"lg_code": "342084"}, "江田島市の団体コードは342157です"),
        ({"municipality_name": "府中市"}, "江田島市のファイルではありません"),
        ({"form_version": "proposed-0"}, "今の様式版は「proposed-1」です"),
    ],
)
def test_a_file_of_another_town_or_form_is_named(named: dict[str, str], words: str) -> None:
    """It would be taken in as the town's own, in the form in force."""
    editor = make_editor()
    make_town("342084")
    number = draft(editor).vacancy_no
    job = checked(sheet(vacancy_no=number, dept="企画課", **named), editor)
    (problem,) = job.problems
    assert (problem["cell"], problem["value"]) == ("C2", next(iter(named.values())))
    assert words in problem["message"]


def test_a_file_that_names_its_own_town_and_form_is_taken_in() -> None:
    editor = make_editor()
    make_town("342084")
    own = {"lg_code": "342157", "municipality_name": "江田島市", "form_version": "proposed-1"}
    number = draft(editor).vacancy_no
    job = checked(sheet(vacancy_no=number, dept="企画課", **own), editor)
    assert job.problems == []


def test_a_new_row_still_needs_all_that_the_form_requires() -> None:
    job = checked(sheet(vacancy_no="", dept="企画課", headcount="3"), make_editor())
    asked = {problem["message"] for problem in job.problems}
    assert "募集役職名：この項目の列がありません。" in asked
    assert COMPLETE["position_title"] not in str(asked)
