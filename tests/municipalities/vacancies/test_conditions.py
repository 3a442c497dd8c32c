"""A field that is filled though its condition does not hold is said, wherever it comes from."""

from typing import Any

import pytest
from django.test import Client

from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.imports import entries_of
from municipalities.vacancies.models import Vacancy
from talentpool.files.sheets import Sheet
from tests.municipalities.vacancies.form_file import DEFINITION
from tests.municipalities.vacancies.objects import COMPLETE, make_coordinator, make_vacancy

FILLED = {"population": "1", "population_date": "2020-01-01", "lg_code": "342157"}
FILLED |= {"form_version": "proposed-1", "prefecture_name": "広島県", "updated_on": "2026-11-01"}
FILLED |= {"vacancy_no": "342157-08-001", "municipality_name": "江田島市"}
STRAYS = [
    ({"joint_type": "0", "joint_members": "342084"}, "joint_members"),
    ({"joint_type": "2", "joint_members": "342084"}, "joint_members"),
    ({"renewal": "0"}, "renewal_terms"),
    ({"side_job_terms": "土日だけ"}, "side_job_terms"),
    ({"pay_unit": "N"}, "pay_min"),
    ({"pay_unit": "X"}, "pay_max"),
    ({"pay_unit": "N", "pay_min": "", "pay_max": "", "tax": "1"}, "tax"),
    ({"frequency_unit": "F"}, "freq_max"),
    ({"remote": "3"}, "onsite_freq"),
]
SKIPPED = ("submission_month", "change_type")


@pytest.mark.parametrize(("values", "identifier"), STRAYS)
def test_what_stands_there_without_its_condition_is_a_problem(
    values: dict[str, str], identifier: str
) -> None:
    assert DEFINITION.problems_of(FILLED | COMPLETE, without=SKIPPED) == {}
    problems = DEFINITION.problems_of(FILLED | COMPLETE | values, without=SKIPPED)
    words = "税区分を空けて" if identifier == "tax" else "のときだけ入れます。この欄を空けるか"
    assert words in problems[identifier][0]


def test_what_may_be_told_of_other_contracts_too_is_none() -> None:
    """The tax of a contractor's daily amount, the rule under which one is hired."""
    values = FILLED | COMPLETE | {"engagement_form": "20", "tax": "1"}
    assert DEFINITION.problems_of(values, without=SKIPPED) == {}


def test_the_deadline_keeps_its_own_words() -> None:
    values = FILLED | COMPLETE | {"close_date": "2027-01-31"}
    assert DEFINITION.problems_of(values, without=SKIPPED) == {
        "close_date": ["締切区分が随時のときは、締切日を空けてください。"]
    }


@pytest.mark.parametrize(("values", "identifier"), STRAYS)
def test_a_file_with_such_a_cell_names_it(values: dict[str, str], identifier: str) -> None:
    """Also where the file leaves 共同任用区分 empty and the system fills it in."""
    cells = COMPLETE | values
    if values.get("joint_type") == "0":
        del cells["joint_type"]
    specs = [spec for spec in DEFINITION.fields if spec.section != "system"]
    rows = [[spec.header for spec in specs], [cells.get(spec.identifier, "") for spec in specs]]
    known = FILLED | {"joint_type": "0"}
    [entry] = entries_of([Sheet("募集情報", rows)], DEFINITION, known)
    header = DEFINITION.by_identifier[identifier].header
    assert header in {problem.header for problem in entry.problems if problem.cell.endswith("2")}


def test_a_deadline_of_none_says_where_that_is_written() -> None:
    _, problems = DEFINITION.clean({"close_date": "随時募集"})
    assert problems["close_date"] == [
        "随時のときは、この欄を空けて、締切区分を「2」(随時)にしてください。"
    ]


@pytest.mark.parametrize(
    ("unit", "most", "cautions"),
    [("D", "4", 1), ("D", "5", 0), ("W", "1", 1), ("H", "32", 1), ("H", "40", 0), ("F", "", 0)],
)
def test_eight_hours_are_a_day_where_side_jobs_are_barred(
    unit: str, most: str, cautions: int
) -> None:
    values = {"side_job": "0", "frequency_unit": unit, "freq_max": most}
    assert len(cautions_of(values)) == cautions


@pytest.mark.django_db
def test_eight_hours_are_a_day_for_who_looks_for_few_days() -> None:
    few = make_vacancy("published", frequency_unit="H", freq_min="16", freq_max="24")
    make_vacancy("published", frequency_unit="H", freq_min="17", freq_max="24")
    page = Client().get("/vacancies/", {"days": "2"}).content.decode()
    assert page.count('href="/vacancies/34') == 1
    assert few.vacancy_no in page


def test_a_title_may_stand_above_the_sheet_of_one_vacancy() -> None:
    rows = [["江田島市の募集情報"], [], ["番号", "項目名", "必須", "記入欄", "書き方"]]
    rows += [
        ["", spec.header, "", COMPLETE.get(spec.identifier, ""), ""]
        for spec in DEFINITION.fields
        if spec.section != "system"
    ]
    [entry] = entries_of([Sheet("募集情報", rows)], DEFINITION, FILLED)
    assert entry.problems == []
    assert entry.values["dept"] == COMPLETE["dept"]


@pytest.mark.django_db
@pytest.mark.parametrize("joint_type", ["0", "2"])
def test_other_towns_are_not_named_without_their_word(joint_type: str) -> None:
    """A joint posting needs the agreement of each; one that only names them does not go up."""
    vacancy = make_vacancy(joint_type=joint_type, joint_members="342084")
    with pytest.raises(IncompleteError) as refusal:
        services.submit_vacancy(vacancy, by=vacancy.created_by)
    assert set(refusal.value.problems) == {"joint_members"}


@pytest.mark.django_db
def test_what_became_stray_since_it_was_submitted_is_not_published() -> None:
    vacancy = make_vacancy("submitted")
    vacancy.write_values({**vacancy.values, "pay_unit": "N"})
    vacancy.save()
    with pytest.raises(IncompleteError):
        services.publish_vacancy(vacancy, by=make_coordinator())


@pytest.mark.django_db
def test_the_page_says_it_and_a_choice_can_be_lifted(settings: Any) -> None:
    """Radio buttons of what need not be chosen have one for nothing."""
    settings.SECOND_FACTOR_REQUIRED = False
    vacancy = make_vacancy()
    client = Client()
    client.force_login(vacancy.created_by)
    page = f"/town/vacancies/{vacancy.vacancy_no}/edit/pay/"
    typed = {"pay_unit": "N", "pay_min": "20000", "pay_max": "", "tax": "1", "travel": "0"}
    answer = client.post(page, typed | {"version": vacancy.version})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert {"pay_min", "tax"} == set(form.errors)
    assert form.fields["tax"].choices[-1] == ("", "入れない")
    vacancy.refresh_from_db()
    assert vacancy.values["pay_min"] == "20000"  # nothing is dropped behind the town's back
    typed |= {"pay_min": "", "tax": "", "version": str(vacancy.version)}
    assert client.post(page, typed).status_code == 302
    vacancy = Vacancy.objects.get()
    assert not {"pay_min", "pay_max", "tax"} & vacancy.values.keys()
