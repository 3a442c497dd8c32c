"""Questions about budgets and towns change what binds in the portal's own frozen input."""

from typing import Any

import pytest

from matching import engine
from matching.proposals.apart import FULL
from matching.proposals.freeze import freeze
from matching.proposals.models import Run, Study
from matching.proposals.services import studies
from matching.proposals.study_forms import binding_rules, form_for
from municipalities.vacancies.models import Need
from talentpool.conventions.months import add_months
from talentpool.users.models import User
from tests import factories as make
from tests.matching.proposals.test_apart import early_and_late, hold
from tests.matching.world import CODES, solved_run

pytestmark = pytest.mark.django_db
PAYS = 480_000  # 20,000 yen × 4 half-days × 6 months


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


@pytest.fixture
def run(coordinator: User) -> Run:
    """Two needs of one town, one yen short of what two half-days cost."""
    make.make_specialist()
    needs = [
        make.make_need("accepted", coordinator=coordinator, budget_yen=PAYS // 2 - 1)
        for _ in range(2)
    ]
    return solved_run(needs, by=coordinator)


def served(problem: engine.Problem) -> list[tuple[str, int]]:
    return [(row.need, row.half_days) for row in engine.greedy(problem).assignments]


def test_another_budget_of_a_need_or_of_all_needs_of_a_town_brings_what_it_pays(run: Run) -> None:
    problem = engine.problem_from_json(run.problem)
    first, second = (need.id for need in problem.needs)
    assert served(problem) == []
    one = {"need": second, "yen": PAYS}
    all_of_town = {"town": CODES[0], "each": True, "yen": PAYS // 2}
    assert served(studies.with_budgets(problem, one)) == [(second, 4)]
    assert served(studies.with_budgets(problem, one | {"yen": None})) == [(second, 4)]
    assert served(studies.with_budgets(problem, all_of_town)) == [(first, 2), (second, 2)]
    # It is the input that a run with this budget would freeze.
    Need.objects.filter(pk=second).update(budget_yen=PAYS)
    fresh = freeze(list(Need.objects.order_by("pk")))
    assert fresh.needs == studies.with_budgets(problem, one).needs


def test_the_question_of_a_budget_says_whose_and_is_answered(run: Run, coordinator: User) -> None:
    problem = engine.problem_from_json(run.problem)
    need = problem.needs[0].id
    town = problem.towns[0].name

    def asked(whose: str, yen: str) -> tuple[dict[str, Any], str]:
        data = {"whose": whose, "yen": yen, "request_key": str(run.request_key)}
        form = form_for(Study.Kind.BUDGET, problem, {int(need): "回線の案件"}, data)
        assert form.is_valid(), form.errors
        studies.change_of(problem, Study.Kind.BUDGET, form.asked())
        return form.asked(), form.words()

    name = f"{town}「回線の案件」の予算"
    assert asked(f"need:{need}", "") == ({"need": need, "yen": None}, f"{name}が上限なしなら")
    each = {"town": CODES[0], "each": True, "yen": 10}
    assert asked(f"each:{CODES[0]}", "10") == (each, f"{town}のすべての案件の予算が10円なら")
    assert asked(f"town:{CODES[0]}", "10") == (
        {"town": CODES[0], "yen": 10},
        f"{town}全体で使える予算が10円なら",
    )
    for unknown in ({"need": "0"}, {"town": "0", "each": True}, {"town": "0"}):
        with pytest.raises(engine.ProblemError, match=r"not known|not a known|has no need"):
            studies.change_of(problem, Study.Kind.BUDGET, unknown | {"yen": 1})
    study = make.make_study(run, Study.Kind.BUDGET, by=coordinator, need=need, yen=None)
    assert study.answer is not None
    assert (study.answer["before"]["places"], study.answer["after"]["places"]) == (0, 1)


def test_without_the_most_towns_people_who_are_full_come_in(coordinator: User) -> None:
    who = make.make_specialist(max_towns=1)
    early, late = early_and_late(coordinator)
    hold(who, "342084", early.first_month, early.last_month)
    in_part = freeze([early, late])
    assert [d.reason.startswith(FULL) for d in in_part.declined] == [True]
    assert "R15" in binding_rules(in_part)
    assert dict(served(studies.without_rule(in_part, "R15"))).keys() == {
        str(early.pk),
        str(late.pk),
    }
    # Full in all months: the engine's own rule says so, and nothing says it again.
    hold(who, "342084", early.first_month, add_months(late.last_month, 1))
    throughout = freeze([early, late])
    assert throughout.declined == ()
    codes = [rule.code for rule in engine.why_not(throughout, str(early.pk), str(who.pk))]
    assert codes == ["R15"]
    assert len(served(studies.without_rule(throughout, "R15"))) == 2


def test_a_pair_without_any_skill_of_the_need_is_not_written_down(coordinator: User) -> None:
    able = make.make_specialist(base=None)
    make.make_specialist(base=None, skills=["SEC"])
    need = make.make_need("accepted", coordinator=coordinator)
    apart = freeze([need]).declined
    assert [row.specialist for row in apart] == [str(able.pk)]
