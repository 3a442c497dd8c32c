"""Days of open offers are given away by no other run (ADR 17)."""

import pytest

from matching import engine
from matching.proposals.freeze import freeze
from matching.proposals.freshness import Now
from matching.proposals.services import offers
from municipalities.vacancies.models import Need
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, make_world, solved_run

pytestmark = pytest.mark.django_db


def free(*needs: Need) -> dict[int, int]:
    """The least half-days free by person in a run over these needs."""
    return {int(one.id): min(one.capacity) for one in freeze(needs).specialists}


def test_who_is_next_in_line_of_an_offer_is_not_planned_for_the_same_days_again() -> None:
    world = make_world("offered", people=2)
    other = make.make_need("accepted", code="343021", coordinator=world.coordinator)
    first, second = (person.pk for person in world.people)
    planned = [p.candidates.get(planned=True).specialist_id for p in world.proposals]
    assert planned == [first, first]
    assert free(other) == {first: 20 - 2 * 4, second: 20}
    assert free(*world.needs, other) == {first: 20, second: 20}  # planned anew themselves
    candidates = world.proposals[0].candidates.all()
    ranks = {row.pk: 1 if row.specialist_id == second else 2 for row in candidates}
    offers.rank_candidates(world.proposals[0].pk, ranks=ranks, by=world.town(0))
    assert free(other) == {first: 20 - 4, second: 20 - 4}
    run = solved_run([other], by=world.coordinator)
    page = Visitor(world.coordinator).get(
        f"/admin/proposals/run/{run.pk}/why/?need={other.pk}&person={world.people[1].pool_number}"
    )
    page.must_say("この期間に候補として示している市町", world.needs[0].municipality.name)
    make.make_bundle([world.proposals[1]])  # asked: held instead
    assert free(other) == {first: 20 - 4, second: 20 - 4}


def test_a_plan_made_before_the_offer_of_another_says_that_its_person_is_promised() -> None:
    coordinator = make.make_coordinator()
    make.make_specialist(max_towns=1)
    needs = [make.make_need("accepted", code=code, coordinator=coordinator) for code in CODES]
    first, second = (solved_run([need], by=coordinator) for need in needs)
    plan = engine.plan_from_json(second.plan)
    assert Now(second, plan).changed() == {}
    make.make_proposals(first, needs[:1], by=coordinator)
    (why,) = Now(second, plan).changed().values()
    assert "受け持てる市町は1まで" in why
