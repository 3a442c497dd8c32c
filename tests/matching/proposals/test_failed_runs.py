"""What failed or was kept by another version is said on its page, with a way on."""

import pytest
from django.utils import timezone

from matching import engine
from matching.proposals.models import Run, Study
from matching.proposals.services import runs, studies
from municipalities.vacancies.models import Need
from talentpool.conventions.months import add_months, first_of_month
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import solved_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


@pytest.fixture
def run(coordinator: User) -> Run:
    make.make_specialist()
    return solved_run([make.make_need("accepted", coordinator=coordinator)], by=coordinator)


def page_of(run: Run) -> str:
    return f"/admin/proposals/run/{run.pk}/change/"


def studies_of(run: Run) -> str:
    return f"/admin/proposals/run/{run.pk}/studies/"


def make_failed(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(
        status="failed", plan=None, failure="壊れました。", finished_at=timezone.now()
    )


def test_a_failed_run_says_what_its_plan_is_and_leads_to_a_new_one(
    run: Run, coordinator: User
) -> None:
    make_failed(run)
    page = Visitor(coordinator).get(page_of(run))
    page.must_say("壊れました。", "新しい計算を始める", "この案からは候補を提示できません")
    page.must_not_say("計算が終わると置き換わります", "選んだ案件の候補を市町に示す")


def test_a_need_that_reaches_too_far_is_refused_by_name(run: Run, coordinator: User) -> None:
    """Frozen with the others, it would make the run fail for all of them."""
    needs = [make.make_need("accepted", coordinator=coordinator) for _ in range(2)]
    far = add_months(first_of_month(timezone.localdate()), 48)
    Need.objects.filter(pk=needs[1].pk).update(title="遠い案件", first_month=far, last_month=far)
    visitor = Visitor(coordinator)
    page = visitor.get("/admin/proposals/run/add/")
    page = visitor.send(page, page.forms[-1], title="第2回", needs=[need.pk for need in needs])
    page.must_say("計算できません", f"{needs[1].municipality.name}「遠い案件」")
    assert Run.objects.get() == run
    assert runs.start_run(title="第2回", need_ids=[needs[0].pk], by=coordinator).needs.count() == 1


def test_a_plan_kept_because_the_solver_stopped_is_not_called_a_limit_of_time(
    run: Run, coordinator: User
) -> None:
    page = Visitor(coordinator).get(page_of(run))  # its plan is the quick one
    page.must_say("速い方法でまず求めた案を使っています").must_not_say("時間の上限で止めました")


def test_an_answer_of_another_version_is_said_and_not_an_error(run: Run, coordinator: User) -> None:
    study = studies.start_study(
        run, kind="rule", asked={"rule": "R5"}, words="問い", by=coordinator
    )
    Study.objects.filter(pk=study.pk).update(
        status="finished", finished_at=timezone.now(), answer={"pairs": [], "before": {}}
    )
    visitor = Visitor(coordinator)
    address = f"{studies_of(run)}{study.pk}/"
    visitor.get(address).must_say("いまと違う版のソフトウェアで作られました", "新しい計算")
    Study.objects.filter(pk=study.pk).update(answer={"figures": []})
    visitor.get(address).must_say("いまと違う版のソフトウェアで作られました")
    Run.objects.filter(pk=run.pk).update(problem={"schema": "talentpool-problem-0"})
    Study.objects.filter(pk=study.pk).update(answer={"pairs": [], "before": {}, "after": {}})
    visitor.get(address).must_say("いまと違う版のソフトウェアで作られました")


def test_what_lacks_is_not_said_of_days_that_an_earlier_method_did_not_try(
    run: Run, coordinator: User
) -> None:
    study = studies.start_study(run, kind="shortages", asked={}, words="問い", by=coordinator)
    answer: dict[str, object] = {"shortages": [], "posts": []}
    Study.objects.filter(pk=study.pk).update(
        status="finished", finished_at=timezone.now(), answer=answer
    )
    visitor, address = Visitor(coordinator), f"{studies_of(run)}{study.pk}/"
    visitor.get(address).must_say("月3日までの人だけを試しています").must_not_say(
        "案件に要る日数で"
    )
    Study.objects.filter(pk=study.pk).update(answer=answer | {"open_needs": 1})
    visitor.get(address).must_say("案件に要る日数で").must_not_say(
        "月3日までの人だけを試しています"
    )


def test_nothing_is_asked_of_a_run_of_another_version(run: Run, coordinator: User) -> None:
    study = studies.start_study(run, kind="policies", asked={}, words="問い", by=coordinator)
    Run.objects.filter(pk=run.pk).update(problem={"schema": "talentpool-problem-0"})
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert (study.status, study.failure) == ("failed", studies.OTHER_VERSION)
    visitor = Visitor(coordinator)
    visitor.get(f"{studies_of(run)}?kind=rule").must_say(
        "解き直せません", "ほかの計算"
    ).must_not_say("解き直して確かめる")
    answer = visitor.client.post(f"{studies_of(run)}ask/rule/", {"rule": "R5"}, follow=True)
    assert "新しい計算で尋ねてください" in answer.content.decode()


def test_a_solver_whose_time_was_up_is_told_apart_from_one_that_broke() -> None:
    late, broken = engine.SolverTimedOut("killed: no plan after 70 s"), engine.SolverFailed("x")
    assert (studies.words_of(late), studies.words_of(broken)) == (
        studies.NO_ANSWER, studies.CRASHED,
    )  # fmt: skip


def test_a_failed_study_says_how_and_is_asked_again_once(
    run: Run, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # no Python that is started now comes up
    study = studies.start_study(
        run, kind="rule", asked={"rule": "R5"}, words="問い", by=coordinator
    )
    studies.solve_study(study.pk)
    visitor = Visitor(coordinator)
    page = visitor.get(f"{studies_of(run)}{study.pk}/")
    page.must_say(studies.CRASHED)
    (form,) = [form for form in page.forms if form.action.endswith("/again/")]
    visitor.send_twice(page, form).must_say("解き直しています")
    again = Study.objects.exclude(pk=study.pk).get()
    assert (again.kind, again.asked, again.words) == (study.kind, study.asked, study.words)
