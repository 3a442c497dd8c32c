"""A town's budget of a fiscal year: stated by the town, kept by the plans, shown beside them."""

from datetime import date

import pytest

from matching import engine
from matching.engagements.spending import by_year
from matching.proposals.budgets import beside_plan, engaged_yen, left_for_needs
from matching.proposals.freeze import freeze
from municipalities.vacancies.errors import EditConflictError
from municipalities.vacancies.models import Need, TownBudget
from municipalities.vacancies.services.budgets import budgets_of, state_budgets
from talentpool.audit.models import Event
from talentpool.conventions.era import fiscal_year, fiscal_year_label
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world, solved_run

pytestmark = pytest.mark.django_db
TOWN = CODES[0]


def state(world: World, yen: int) -> None:
    """The first town can spend `yen` in each of the years of its needs."""
    for year in {fiscal_year(world.needs[0].first_month), fiscal_year(world.needs[0].last_month)}:
        TownBudget.objects.update_or_create(
            municipality_id=TOWN,
            fiscal_year=year,
            defaults={"yen": yen, "stated_by": world.needs[0].created_by},
        )


def test_yen_fall_to_the_years_by_months_rounded_up() -> None:
    first, last = date(2027, 2, 1), date(2027, 5, 1)
    assert by_year(1_000_001, first, last) == {2026: 500_002, 2027: 500_002}
    assert by_year(1_000_001, first, last, date(2027, 3, 1)) == {2026: 500_002}


def test_a_plan_keeps_to_what_is_left_and_says_why() -> None:
    world = make_world()
    need = str(world.needs[0].pk)
    state(world, 1)
    problem = freeze(world.needs)
    limits = {town.id: town.budget_yen for town in problem.towns}
    assert limits[TOWN] is not None
    assert limits[CODES[1]] is None
    plan = engine.greedy(problem)
    assert need not in {row.need for row in plan.assignments}
    (open_,) = [row for row in plan.unfilled if row.need == need]
    assert "R9" in {reason.code for reason in open_.reasons}
    assert engine.why_not(problem, need, str(world.people[0].pk))[0].code == "R9"


def test_a_year_that_is_not_stated_is_no_limit() -> None:
    world = make_world()
    assert left_for_needs(world.needs) == {}
    state(world, 1_000)
    assert set(left_for_needs(world.needs)) == {TOWN}
    TownBudget.objects.filter(fiscal_year=fiscal_year(world.needs[0].first_month)).delete()
    assert left_for_needs(world.needs) == {}


@pytest.mark.parametrize("in_state", ["ranked", "approached", "agreed", "signed"])
def test_what_is_offered_asked_or_signed_is_spent_once(in_state: str) -> None:
    world = make_world(in_state)
    need = world.needs[0]
    state(world, 10_000_000)
    other = make.make_need("accepted", code=TOWN, coordinator=world.coordinator)
    engaged = sum(engaged_yen([TOWN], but_for=[other]).values())
    candidate = world.candidate(0, 0)
    person = world.people[0]
    offered = (candidate.half_days * person.half_day_rate_yen + person.monthly_fixed_yen) * 6
    cost = offered if in_state == "ranked" else candidate.cost_yen
    assert cost is not None
    assert cost <= engaged < cost + 6
    years = {fiscal_year(need.first_month), fiscal_year(need.last_month)}
    assert left_for_needs([other])[TOWN] == 10_000_000 * len(years) - engaged
    rows = beside_plan([need], {need.pk: 10**9})
    planned = in_state == "ranked"  # nobody is asked yet: the plan itself says what it costs
    assert any(row.planned for row in rows) == planned


def test_the_town_states_it_and_the_run_shows_it() -> None:
    world = make_world()
    town = Visitor(world.needs[0].created_by)
    page = town.get("/town/needs/")
    page.must_say("年度の予算")
    page = town.get("/town/needs/budget/")
    year = fiscal_year(world.needs[0].first_month)
    years = {f"yen_{one}": "10000" for one in (year, fiscal_year(world.needs[0].last_month))}
    form = page.form_with(f"yen_{year}")
    town.send(page, form, **years).must_say("年度の予算を保存しました")
    town.send(page, form, **years).must_say("年度の予算を保存しました")  # a second click
    told = town.send(page, form, **{f"yen_{year}": "20000"})
    told.must_say("ほかの職員が予算を変えました", "10,000円")
    assert Event.objects.filter(action="state_budget").count() == len(years)
    town.send(page, form, **{f"yen_{year}": "-1"}).must_say("＊")
    run = Visitor(world.coordinator).get(f"/admin/proposals/run/{world.run.pk}/change/")
    run.must_say("市町の年度の予算", "予算をこえます")


def test_a_budget_is_taken_back_and_nobody_writes_over_a_colleague() -> None:
    editor = make.make_editor(TOWN)
    state_budgets(TOWN, yen={2026: 5, 2027: None}, read={2026: None, 2027: None}, by=editor)
    with pytest.raises(EditConflictError):
        state_budgets(TOWN, yen={2026: 7}, read={2026: None}, by=editor)
    state_budgets(TOWN, yen={2026: None}, read={2026: 5}, by=editor)
    assert budgets_of(TOWN) == {}
    assert Event.objects.filter(action="clear_budget").count() == 1


def test_others_see_no_budget_of_a_town() -> None:
    world = make_world()
    state(world, 1)
    seen = TownBudget.objects
    assert seen.visible_to(world.needs[0].created_by).exists()
    assert not seen.visible_to(world.needs[1].created_by).exists()
    assert not seen.visible_to(world.user()).exists()
    assert seen.visible_to(world.coordinator).exists()


def test_the_pages_say_where_a_budget_is_no_limit() -> None:
    world = make_world()
    need = world.needs[0]
    TownBudget.objects.create(
        municipality_id=TOWN,
        fiscal_year=fiscal_year(need.last_month) + 1,
        yen=10_000_000,
        stated_by=need.created_by,
    )
    town = Visitor(need.created_by)
    page = town.get("/town/needs/budget/")
    page.must_say("いまは上限になりません", fiscal_year_label(fiscal_year(need.last_month)))
    page.form_with(f"yen_{fiscal_year(Need.latest_month(world.today))}")
    state(world, 10_000_000)
    town.get("/town/needs/budget/").must_not_say("いまは上限になりません")
    coordinator = Visitor(world.coordinator)
    told = "上限なしで計算した市町"
    coordinator.get(f"/admin/proposals/run/{world.run.pk}/change/").must_say(told)
    run = solved_run(world.needs, by=world.coordinator)
    coordinator.get(f"/admin/proposals/run/{run.pk}/change/").must_not_say(told)
