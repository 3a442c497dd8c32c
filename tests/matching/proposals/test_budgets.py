"""Budgets, fixed costs and least days: frozen such that nothing payable is forbidden, and what the
terms come to is said beside them."""

import pytest

from matching import engine
from matching.proposals.freeze import freeze
from matching.proposals.strains import Strain, strain_of, strains
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, solved_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


def need_of(coordinator: User, code: str = CODES[0], **values: object) -> Need:
    """Four half-days a month, two at least, over six months."""
    return make.make_need("accepted", code=code, coordinator=coordinator, **values)


def planned(need: Need) -> list[int]:
    return [row.half_days for row in engine.greedy(freeze([need])).assignments]


@pytest.mark.parametrize(
    ("budget_yen", "half_days"),
    [
        (None, [4]),
        (480_000, [4]),  # 20,000 yen × 4 half-days × 6 months
        (479_999, [3]),
        (240_000, [2]),
        (239_999, []),
    ],
)
def test_a_need_gets_the_half_days_that_its_budget_pays(
    coordinator: User, budget_yen: int | None, half_days: list[int]
) -> None:
    make.make_specialist(half_day_rate_yen=20_000)
    assert planned(need_of(coordinator, budget_yen=budget_yen)) == half_days


def test_the_fixed_cost_counts_as_far_as_it_must_be_borne(coordinator: User) -> None:
    """Of 40,000 yen a month each of the 20 free half-days bears 2,000 at least."""
    make.make_specialist(half_day_rate_yen=20_000, monthly_fixed_yen=40_000)
    assert planned(need_of(coordinator, budget_yen=2 * 22_000 * 6)) == [2]
    assert planned(need_of(coordinator, budget_yen=2 * 22_000 * 6 - 1)) == []


def test_the_least_days_bind_one_need_only_of_who_takes_one_town(coordinator: User) -> None:
    one = make.make_specialist(max_towns=1, least_half_days=6)
    need = need_of(coordinator)
    problem = freeze([need])
    (failed,) = engine.why_not(problem, str(need.pk), str(one.pk))
    assert failed.code == "R14"
    Specialist.objects.filter(pk=one.pk).update(max_towns=2)
    assert planned(need) == [4]


@pytest.mark.parametrize(
    ("budget", "cost", "raised", "words"),
    [
        (None, 900_000, 0, ""),
        (900_000, 900_000, 0, ""),
        (900_000, 901_000, 0, "共通経費を含めると、予算を1,000円こえます"),
        (None, 1, 3, "本人の最低の量に合わせて、月1.5日多くなります"),
    ],
)
def test_a_strain_is_what_goes_beyond(
    budget: int | None, cost: int, raised: int, words: str
) -> None:
    strain = strain_of(Need(budget_yen=budget), cost, raised)
    assert (strain.words, bool(strain)) == (words, bool(words))


def test_towns_that_share_a_person_bear_the_fixed_cost_together(coordinator: User) -> None:
    person = make.make_specialist(half_day_rate_yen=10_000, monthly_fixed_yen=10_000)
    needs = [need_of(coordinator, code, budget_yen=270_000) for code in CODES]
    alone = strains(person, {needs[0]: 4})
    assert alone == {needs[0].pk: Strain(30_000, 0, 300_000)}
    assert not any(strains(person, dict.fromkeys(needs, 4)).values())
    person.least_half_days = 10
    raised = strains(person, dict.fromkeys(needs, 4))
    assert [strain.raised_by for strain in raised.values()] == [1, 1]


def test_the_pages_say_what_goes_beyond_before_the_approach_and_after(coordinator: User) -> None:
    make.make_specialist(half_day_rate_yen=10_000, monthly_fixed_yen=10_000, least_half_days=5)
    need = need_of(coordinator, budget_yen=270_000)
    run = solved_run([need], by=coordinator)
    visitor = Visitor(coordinator)
    says = ("月0.5日多くなります", "予算を90,000円こえます")
    visitor.get(f"/admin/proposals/run/{run.pk}/change/").must_say(*says)
    proposals = make.make_proposals(run, [need], by=coordinator)
    bundle = make.make_bundle(proposals, by=coordinator)
    visitor.get(f"/admin/proposals/bundle/{bundle.pk}/change/").must_say(*says)


def test_the_board_warns_of_a_budget_before_the_approach(coordinator: User) -> None:
    make.make_specialist(half_day_rate_yen=10_000, monthly_fixed_yen=10_000)
    need = need_of(coordinator, budget_yen=270_000)
    (proposal,) = make.make_proposals(solved_run([need], by=coordinator), [need], by=coordinator)
    make.offers.rank_candidates(
        proposal.pk,
        ranks={row.pk: row.position for row in proposal.candidates.all()},
        by=make.staff_of(proposal),
    )
    Visitor(coordinator).get("/admin/proposals/proposal/board/").must_say(
        "予算を30,000円こえます", "打診の前に、市町と相談してください"
    )
